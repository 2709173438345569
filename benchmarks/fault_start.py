"""From the moment an inject is planned to its fault being in (the method's last call returned).

Ours: whole runs through the real conductor, SQLite, guardian and workers, many short faults on
a separate fault proxy. ``chaos run`` knows no planned time, so the peer is what an operator (or
cron) has: from starting it on the same file to the toxic being there.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.drills import drill, latency
from benchmarks.measure import Figures, percentile, spread
from benchmarks.programs import PATIENCE, chaos_command, start, write
from benchmarks.targets import Target, fault_proxy
from gameday.bootstrap import files, runs, store
from gameday.core.log.events import FaultInjected, FaultIntended, Record
from gameday.settings import Settings

LIMIT = 50.0
APART = 0.3
"""Seconds between two faults."""


def fault_start(quick: bool) -> Figures:
    """Milliseconds."""
    runs, faults, peer_times = (1, 3, 1) if quick else (5, 20, 7)
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name, fault_proxy() as target:
        here = Path(name)
        late = [ms for n in range(runs) for ms in _ours(here / f"run-{n}", target, faults)]
        peers = [_chaos(here, target, n) for n in range(peer_times)]
    return Figures(
        ours=percentile(late, 99),
        unit="ms",
        n=len(late),
        goal=f"p99 < {LIMIT:g} ms",
        met=len(late) == runs * faults and percentile(late, 99) < LIMIT,
        peer=median(peers),
        peer_name="chaos run, from its start",
        extra={"expected": runs * faults, **spread(late)},
    )


def _ours(here: Path, target: Target, faults: int) -> list[float]:
    here.mkdir()
    names = [f"{here.name}-{number}" for number in range(faults)]
    for name in names:
        target.add(name)
        write(here / f"{name}.json", latency(target, name))
    scenario = files.load_game_day(
        write(here / "drill.yaml", drill(target, names, apart=APART, hold="100ms")), os.environ
    )
    game_day = runs.GameDay(here / "drill.yaml", scenario)
    settings = Settings(here / "gameday.db", here / "data", here / "reports")
    run_id = runs.new_run_id(here.name)
    asyncio.run(runs.conduct(settings, game_day, run_id, ()))
    with store.open_store(settings) as log:
        return _lateness(log.read(run_id))


def _lateness(records: Sequence[Record]) -> list[float]:
    planned = {
        record.event.fault: record.event.planned
        for record in records
        if isinstance(record.event, FaultIntended) and record.event.planned is not None
    }
    return [
        (record.event.finished.boot - planned[record.event.fault].boot) / 1e6
        for record in records
        if isinstance(record.event, FaultInjected)
    ]


def _chaos(here: Path, target: Target, number: int) -> float:
    name = f"peer-{number}"
    target.add(name)
    file = write(here / f"{name}.json", latency(target, name))
    began = time.perf_counter()
    process = start([*chaos_command(), "run", "--rollback-strategy", "never", str(file)], here)
    while not target.toxics(name):
        if time.perf_counter() - began > PATIENCE:
            raise TimeoutError("chaos run has not brought its toxic in")
        time.sleep(0.001)
    took = time.perf_counter() - began
    process.wait(PATIENCE)
    return took * 1000
