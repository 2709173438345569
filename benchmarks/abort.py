"""Ctrl-C while an action sits in its pause: from the signal to the first rollback at work.

The same file, whole processes: ``gameday experiment run`` against ``chaos run
--rollback-strategy always``. The rollback writes down when it was called. In turn, medians.
"""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.deeds import stamps
from benchmarks.measure import Figures, rounded, spread
from benchmarks.programs import (
    PATIENCE,
    activity,
    chaos_command,
    experiment,
    gameday_command,
    start,
    write,
)

LIMIT = 0.1
SETTLE = 0.3
"""Seconds from the action's end to the signal: well inside the pause."""


def abort(quick: bool) -> Figures:
    """Seconds to the undo's start."""
    pause, times, peer_times = (1.0, 1, 1) if quick else (8.0, 9, 3)
    always = ["run", "--rollback-strategy", "always"]
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name:
        here = Path(name)
        mine = [
            _abort([*gameday_command(), "experiment", "run"], here / f"ours-{n}", pause)
            for n in range(times + 1)
        ][1:]
        peers = [
            _abort([*chaos_command(), *always], here / f"peer-{n}", pause)
            for n in range(peer_times)
        ]
    return Figures(
        ours=median(mine),
        unit="s",
        n=times,
        goal=f"worst < {LIMIT:g} s",
        met=max(mine) < LIMIT,
        peer=median(peers),
        peer_name="chaos run, SIGINT",
        extra={"pause_s": pause, **spread(mine), "peer_max": rounded(max(peers))},
    )


def _abort(command: Sequence[str], directory: Path, pause: float) -> float:
    directory.mkdir()
    done, undone = directory / "done", directory / "undone"
    action = activity("break it", "stamp", path=str(done)) | {"pauses": {"after": pause}}
    rollback = activity("mend it", "stamp", path=str(undone))
    file = write(directory / "experiment.json", experiment([action], [rollback]))
    process = start([*command, str(file)], directory)
    try:
        _first(done)
        time.sleep(SETTLE)
        signalled = time.monotonic()
        process.send_signal(signal.SIGINT)
        took = _first(undone) - signalled
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()
    return took


def _first(path: Path) -> float:
    """The first stamp in a file, waited for."""
    deadline = time.monotonic() + PATIENCE
    while not (found := stamps(path)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nobody has written {path}")
        time.sleep(0.005)
    return found[0]
