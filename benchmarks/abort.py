"""Aborting while an action sits in a long pause: from the order to the first rollback at work.

Ctrl-C (SIGINT) to whole processes running the same file: ``gameday experiment run`` against
``chaos run --rollback-strategy always``. The rollback writes down when it was called. Ours kills
the worker's process group first, so that nothing of the method can land after the undo; Chaos
Toolkit raises an exception in the sleeping thread and goes straight on.

``peer_stop_condition_p50`` is Chaos Toolkit's other way to stop: its continuous hypothesis with
``--fail-fast`` is lost during the pause. It waits the pause out.
"""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from subprocess import Popen

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
"""Seconds from the action's end to the order: well inside the pause."""

ALWAYS = ("--rollback-strategy", "always")
FAIL_FAST = (
    "--hypothesis-strategy",
    "during-method-only",
    "--hypothesis-frequency",
    "0.1",
    "--fail-fast",
)


def abort(quick: bool) -> Figures:
    """Seconds to the undo's start."""
    # A shell's `&` starts us with SIGINT ignored, and that would be inherited.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    pause, times, warm_up, waits = (0.6, 1, 0, 1) if quick else (8.0, 9, 1, 2)
    run, chaos = [*gameday_command(), "experiment", "run"], [*chaos_command(), "run", *ALWAYS]
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name:
        here = Path(name)
        mine, peers = [], []
        for number in range(warm_up + times):
            mine.append(_abort(run, here / f"ours-{number}", pause, _interrupt))
            peers.append(_abort(chaos, here / f"peer-{number}", pause, _interrupt))
        stopping = [*chaos, *FAIL_FAST]
        waited = [_abort(stopping, here / f"stop-{n}", pause, _be_unwell) for n in range(waits)]
    mine, peers = mine[warm_up:], peers[warm_up:]
    return Figures(
        ours=median(mine),
        unit="s",
        n=times,
        goal=f"worst < {LIMIT:g} s",
        met=max(mine) < LIMIT,
        peer=median(peers),
        peer_name="chaos run, SIGINT",
        extra={
            "pause_s": pause,
            **spread(mine),
            "peer_max": rounded(max(peers)),
            "peer_stop_condition_p50": rounded(median(waited)),
        },
    )


def _abort(
    command: Sequence[str],
    directory: Path,
    pause: float,
    order: Callable[[Popen[bytes], Path], None],
) -> float:
    directory.mkdir()
    done, undone, well = (directory / name for name in ("done", "undone", "well"))
    well.touch()
    process = start([*command, str(_file(directory, pause, done, undone, well))], directory)
    try:
        _first(done)
        time.sleep(SETTLE)
        ordered = time.monotonic()
        order(process, well)
        took = _first(undone) - ordered
        process.wait(PATIENCE)
    finally:
        process.kill()
        process.wait()
    return took


def _file(directory: Path, pause: float, done: Path, undone: Path, well: Path) -> Path:
    action = activity("break it", "stamp", path=str(done)) | {"pauses": {"after": pause}}
    rollback = activity("mend it", "stamp", path=str(undone))
    probe = activity("well", "is_there", "probe", path=str(well)) | {"tolerance": True}
    hypothesis = {"title": "it is well", "probes": [probe]}
    values = experiment([action], [rollback]) | {"steady-state-hypothesis": hypothesis}
    return write(directory / "experiment.json", values)


def _interrupt(process: Popen[bytes], _well: Path) -> None:
    process.send_signal(signal.SIGINT)


def _be_unwell(_process: Popen[bytes], well: Path) -> None:
    well.unlink()


def _first(path: Path) -> float:
    """The first stamp in a file, waited for."""
    deadline = time.monotonic() + PATIENCE
    while not (found := stamps(path)):
        if time.monotonic() > deadline:
            raise TimeoutError(f"nobody has written {path}")
        time.sleep(0.005)
    return found[0]
