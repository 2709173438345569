"""One trivial experiment, whole processes: ``gameday experiment run`` (guardian, worker, ledger
on disk) against ``chaos run`` of the same file. In turn, medians; the store exists already."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from benchmarks.measure import Figures, interleaved, spread
from benchmarks.programs import (
    activity,
    chaos_command,
    experiment,
    gameday_command,
    seconds,
    write,
)


def experiment_run(quick: bool) -> Figures:
    """Seconds a process."""
    times, warm_up = (1, 0) if quick else (21, 2)
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name:
        here = Path(name)
        file = str(write(here / "trivial.json", experiment([activity("at once", "nothing")])))
        ours = [*gameday_command(), "experiment", "run", file]
        theirs = [*chaos_command(), "run", file]
        mine, peers = interleaved(
            lambda: seconds(ours, here), lambda: seconds(theirs, here), times, warm_up
        )
    return Figures(
        ours=median(mine),
        unit="s",
        n=times,
        goal="ratio <= 1.0",
        met=median(mine) <= median(peers),
        peer=median(peers),
        peer_name="chaos run",
        extra={**spread(mine), **spread(peers, "peer_")},
    )
