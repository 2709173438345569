"""The score: 0 to 100 points from one table of weights. Every point names its rule and events.

Within its target a time earns its full weight; beyond it the points fall in a straight line
to none at twice the target, so there is no cliff and doing a verified thing earlier never
scores less. A missed milestone earns none. What the run was too short to tell is left out
and the rest counts for the whole.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gameday.core.run.times import ResponseTime
from gameday.core.words import TimeVerdict

WEIGHTS: Mapping[str, float] = {
    "detect": 20.0,
    "acknowledge": 10.0,
    "declare": 10.0,
    "triage": 10.0,
    "mitigate": 30.0,
    "resolve": 10.0,
}
OTHER_TARGET = 10.0
"""Weight of each target a scenario adds by a name of its own."""
HONESTY = "honest_all_clears"
HONEST_ALL_CLEARS = 10.0
FALSE_ALL_CLEAR = 5.0
"""Each false all-clear costs so much of the points for honest all-clears, down to none."""
ABSORBED = 100.0
NEARLY_ALL = 99.9
"""The most that a score can be when some point was not earned."""


@dataclass(frozen=True, slots=True)
class Part:
    """Points of one rule; ``points`` is None where the run was too short to tell."""

    name: str
    points: float | None
    max: float
    why: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """total: 0 to 100, None when nothing could be scored."""

    total: float | None
    parts: tuple[Part, ...]


def people_score(times: Sequence[ResponseTime], false_all_clears: Sequence[str]) -> Score:
    """Score of a drill in which people were exercised."""
    return _total((*(_timed(time) for time in times), _honesty(false_all_clears)))


def absorbed_score(fault_seconds: float, lost_seconds: float, events: tuple[str, ...]) -> Score:
    """Score of a system that should absorb the fault: the share of the fault's time it did."""
    share = 1.0 if fault_seconds <= 0 else max(0.0, 1.0 - lost_seconds / fault_seconds)
    why = f"steady state lost for {lost_seconds:.1f} s of {fault_seconds:.1f} s with the fault in"
    return _total((Part("absorbed", _points(share, ABSORBED), ABSORBED, why, events),))


def credit(seconds: float, target: float) -> float:
    """Share of a weight that a time earns: 1 within the target, 0 from twice the target on."""
    return min(1.0, max(0.0, 2.0 - seconds / target))


def _timed(time: ResponseTime) -> Part:
    weight = WEIGHTS.get(time.name, OTHER_TARGET)
    events = tuple(event for event in (time.from_event, time.to_event) if event)
    if time.verdict is TimeVerdict.CENSORED:
        return Part(time.name, None, weight, time.why, events)
    share = 0.0 if time.seconds is None else credit(time.seconds, time.target.within)
    return Part(time.name, _points(share, weight), weight, time.why, events)


def _points(share: float, weight: float) -> float:
    """To two decimals; what was not earned to the full is never rounded to that."""
    return weight if share >= 1 else min(round(share * weight, 2), round(weight - 0.01, 2))


def _honesty(false_all_clears: Sequence[str]) -> Part:
    count = len(false_all_clears)
    points = max(0.0, HONEST_ALL_CLEARS - FALSE_ALL_CLEAR * count)
    why = (
        "no false all-clear" if not count else f"{count} false all-clear{'s' if count > 1 else ''}"
    )
    return Part(HONESTY, points, HONEST_ALL_CLEARS, why, tuple(false_all_clears))


def _total(parts: tuple[Part, ...]) -> Score:
    known = [part for part in parts if part.points is not None]
    if not any(part.name != HONESTY for part in known):
        return Score(None, parts)  # saying nothing false is no merit where nothing else is known
    possible = sum(part.max for part in known)
    earned = sum(part.points or 0.0 for part in known)
    if earned >= possible:
        return Score(100.0, parts)
    return Score(min(round(100.0 * earned / possible, 1), NEARLY_ALL), parts)
