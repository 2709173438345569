"""How soon everything is out again after somebody was killed.

``guardian_20``: SIGKILL of the conductor until 20 toxics are out and proved. ``recover_100``:
conductor and guardian killed, then `gameday recover` of 100 toxics, beside what taking them out
one after the other takes on the same server.
"""

from __future__ import annotations

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.drills import drill, latency
from benchmarks.measure import Figures, spread
from benchmarks.programs import PATIENCE, gameday_command, seconds, start, write
from benchmarks.targets import Target, fault_proxy
from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.run.state import FaultStatus

LIMIT = 2.0
STORE = Path(".gameday/gameday.db")


def guardian_20(quick: bool) -> Figures:
    """Seconds."""
    faults, times = (3, 1) if quick else (20, 5)
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name, fault_proxy() as target:
        took = [_guardian(Path(name) / f"run-{n}", target, faults) for n in range(times)]
    return Figures(
        ours=median(took),
        unit="s",
        n=times,
        goal=f"< {LIMIT:g} s",
        met=max(took) < LIMIT,
        extra={"faults": faults, **spread(took)},
    )


def recover_100(quick: bool) -> Figures:
    """Seconds."""
    faults, times = (3, 1) if quick else (100, 3)
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name, fault_proxy() as target:
        pairs = [_recover(Path(name) / f"run-{n}", target, faults) for n in range(times)]
    ours, alone = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    return Figures(
        ours=median(ours),
        unit="s",
        n=times,
        goal=f"< {LIMIT:g} s beyond the targets' own time",
        met=median(ours) - median(alone) < LIMIT,
        peer=median(alone),
        peer_name="the targets' own time: the same calls, one after the other",
        extra={"faults": faults, **spread(ours)},
    )


def _guardian(here: Path, target: Target, faults: int) -> float:
    conductor, _ = _broken(here, target, faults)
    began = time.perf_counter()
    conductor.kill()
    _until(lambda: not _left(here), "the guardian has not taken everything out")
    took = time.perf_counter() - began
    conductor.wait()
    return took


def _recover(here: Path, target: Target, faults: int) -> tuple[float, float]:
    conductor, names = _broken(here, target, faults)
    children = Path(f"/proc/{conductor.pid}/task/{conductor.pid}/children").read_text().split()
    for pid in (*map(int, children), conductor.pid):
        os.kill(pid, signal.SIGKILL)
    conductor.wait()
    ours = seconds([*gameday_command(), "recover"], here)
    if _left(here) or any(target.toxics(name) for name in names):
        raise RuntimeError("recover has left something in")
    return ours, _alone(target, names)


def _alone(target: Target, names: list[str]) -> float:
    """What the server itself takes for the calls of as many undos: delete, and look twice."""
    for name in names:
        target.call("POST", f"/proxies/{name}/toxics", {"type": "noop", "name": "x"})
    began = time.perf_counter()
    for name in names:
        target.call("GET", f"/proxies/{name}")
        target.call("DELETE", f"/proxies/{name}/toxics/x")
        target.call("GET", f"/proxies/{name}")
    return time.perf_counter() - began


def _broken(here: Path, target: Target, faults: int) -> tuple[subprocess.Popen[bytes], list[str]]:
    """A game day whose faults are all in."""
    here.mkdir()
    names = [f"{here.name}-{number}" for number in range(faults)]
    for name in names:
        target.add(name)
        write(here / f"{name}.json", latency(target, name))
    file = write(here / "drill.yaml", drill(target, names, apart=0.0, hold="5m"))
    conductor = start([*gameday_command(), "run", str(file), "--yes", "--headless"], here)
    _until(lambda: all(target.toxics(name) for name in names), "the faults are not in")
    _until(lambda: _recorded(here, faults), "the ledger does not have them")
    return conductor, names


def _recorded(here: Path, faults: int) -> bool:
    return list(_ledger(here).values()).count(FaultStatus.INJECTED) == faults


def _left(here: Path) -> int:
    return len(_ledger(here))


def _ledger(here: Path) -> dict[str, str]:
    log = SqliteEventLog(here / STORE, SystemClock())
    try:
        return {f: s for run in log.unfinished() for f, s in run.faults.items()}
    finally:
        log.close()


def _until(holds: Callable[[], bool], failure: str) -> None:
    deadline = time.perf_counter() + PATIENCE
    while not holds():
        if time.perf_counter() > deadline:
            raise TimeoutError(failure)
        time.sleep(0.005)
