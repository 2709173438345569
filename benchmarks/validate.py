"""Checking files, whole processes: ``gameday validate`` of a game day (with the experiment it
names) against ``chaos validate`` of that experiment alone. In turn, medians."""

from __future__ import annotations

import tempfile
from pathlib import Path
from statistics import median

from benchmarks.measure import Figures, interleaved, spread
from benchmarks.programs import ROOT, chaos_command, gameday_command, seconds

GAME_DAY = ROOT / "gamedays/slow-inventory.yaml"
EXPERIMENT = ROOT / "experiments/inventory-latency.yaml"


def validate(quick: bool) -> Figures:
    """Seconds a process."""
    times, warm_up = (1, 0) if quick else (21, 2)
    ours = [*gameday_command(), "validate", str(GAME_DAY)]
    theirs = [*chaos_command(), "validate", str(EXPERIMENT)]
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name:
        here = Path(name)
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
        peer_name="chaos validate",
        extra={**spread(mine), **spread(peers, "peer_")},
    )
