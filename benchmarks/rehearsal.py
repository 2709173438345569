"""A whole drill of 30 minutes in virtual time: the real conductor, agenda, sampler and fold
over a simulated system, responders who mitigate, a probe every second. No peer does this."""

from __future__ import annotations

import time
from statistics import median

from tests.engine.drill import good_responders, play

from benchmarks.measure import Figures, spread

GOAL = 1.0


def rehearsal(quick: bool) -> Figures:
    """Seconds a drill."""
    duration, times = ("3m", 1) if quick else ("30m", 5)
    for _ in range(0 if quick else 1):
        play(good_responders()[:-1], duration=duration)
    took, minutes = [], 0.0
    for _ in range(times):
        began = time.perf_counter()
        played = play(good_responders()[:-1], duration=duration)  # nobody resolves: to its end
        took.append(time.perf_counter() - began)
        minutes = (played.records[-1].at.boot - played.records[0].at.boot) / 60e9
    return Figures(
        ours=median(took),
        unit="s",
        n=times,
        goal=f"< {GOAL:g} s",
        met=median(took) < GOAL,
        extra={"virtual_minutes": round(minutes, 2), **spread(took)},
    )
