"""Durable appends of many at once into one run: 50 asyncio tasks of one process, which share
commits, and 50 processes, which take turns. The peer is one writer's bare inserts, measured in
the same run."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.append import GOAL as ALONE
from benchmarks.append import TEXT, Bare, always
from benchmarks.measure import Figures, interleaved, spread
from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.shared_commits import SharedCommits
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.log.events import Draft, NoteAdded

WRITERS = 50
TASKS_GOAL = 8.0
PROCESSES_GOAL = 0.5
PEER = "sqlite3, bare inserts of one writer"


def append_50_tasks(quick: bool) -> Figures:
    """Events a second, all tasks together; each waits for its own commit."""
    block, times, warm_up = (2, 1, 0) if quick else (100, 9, 1)
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name:
        log = SqliteEventLog(Path(name) / "ours.db", SystemClock())
        bare = Bare(Path(name) / "bare.db", 20 if quick else 500)
        tasks = _Tasks(log, block)
        mine, peers = interleaved(tasks.rate, bare.rate, times, warm_up)
        held, whole = len(log.read("run")), log.verify("run").ok
        log.close()
        bare.close()
    ratio = median(mine) / median(peers)
    return Figures(
        ours=median(mine),
        unit="events/s",
        n=held,
        goal=f"ratio >= {TASKS_GOAL:g}, none lost",
        met=ratio >= TASKS_GOAL and whole and held == tasks.acknowledged,
        peer=median(peers),
        peer_name=PEER,
        extra={
            "tasks": WRITERS,
            "acknowledged": tasks.acknowledged,
            "ratio_to_goal_alone": round(ratio / ALONE, 2),
            **spread([1000 * taken for taken in tasks.latencies], "ms_"),
        },
    )


class _Tasks:
    """A server's tasks: they append for different people and know how far the log has come."""

    def __init__(self, log: SqliteEventLog, each: int) -> None:
        self._log = log
        self._each = each
        self._clock = SystemClock()
        self._seq = 0
        self.acknowledged = 0
        self.latencies: list[float] = []

    def rate(self) -> float:
        return asyncio.run(self._rate())

    async def _rate(self) -> float:
        commits = SharedCommits(self._log)
        began = time.perf_counter()
        await asyncio.gather(*(self._task(commits) for _ in range(WRITERS)))
        return WRITERS * self._each / (time.perf_counter() - began)

    async def _task(self, commits: SharedCommits) -> None:
        for _ in range(self._each):
            began = time.perf_counter()
            draft = Draft(NoteAdded(by="alice", text=TEXT), self._clock.now())
            records = await commits.transact("run", self._seq, always(draft))
            self._seq = max(self._seq, records[-1].seq)
            self.acknowledged += 1
            self.latencies.append(time.perf_counter() - began)


def append_50_processes(quick: bool) -> Figures:
    """Events a second, all processes together, from the first one's begin to the last one's end."""
    writers, each = (3, 5) if quick else (WRITERS, 100)
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name:
        bare = Bare(Path(name) / "bare.db", 20 if quick else 1000)
        peers = [bare.rate() for _ in range(1 if quick else 3)]
        told = _race(Path(name) / "ours.db", writers, each)
        peers += [bare.rate() for _ in range(1 if quick else 3)]
        bare.close()
        log = SqliteEventLog(Path(name) / "ours.db", SystemClock())
        held, whole = len(log.read("run")), log.verify("run").ok
        log.close()
    took = max(t["ended"] for t in told) - min(t["began"] for t in told)
    latencies = [1000 * taken for t in told for taken in t["latencies"]]
    rate, peer = len(latencies) / took, median(peers)
    return Figures(
        ours=rate,
        unit="events/s",
        n=held,
        goal=f"ratio >= {PROCESSES_GOAL:g}, none lost",
        met=rate >= PROCESSES_GOAL * peer and whole and held == len(latencies),
        peer=peer,
        peer_name=PEER,
        extra={
            "processes": writers,
            "acknowledged": len(latencies),
            "expected": writers * each,
            **spread(latencies, "ms_"),
        },
    )


def _race(store: Path, writers: int, each: int) -> list[dict[str, Any]]:
    command = [sys.executable, "-m", "benchmarks.append_many", str(store), str(each)]
    started = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(writers)
    ]
    for process in started:
        assert process.stdout is not None
        process.stdout.readline()  # it has opened the store
    for process in started:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    return [json.loads(process.communicate(timeout=100)[0]) for process in started]


def _writer(store: Path, each: int) -> None:
    """One of the processes: says that it is ready, waits for the start, says how it went."""
    clock = SystemClock()
    log = SqliteEventLog(store, clock, busy_timeout=60)
    print("ready", flush=True)
    sys.stdin.readline()
    latencies: list[float] = []
    began = time.monotonic()
    for _ in range(each):
        start = time.monotonic()
        draft = Draft(NoteAdded(by="alice", text=TEXT), clock.now())
        log.transact("run", 10**9, always(draft))
        latencies.append(time.monotonic() - start)
    ended = time.monotonic()
    log.close()
    print(json.dumps({"began": began, "ended": ended, "latencies": latencies}))


if __name__ == "__main__":
    _writer(Path(sys.argv[1]), int(sys.argv[2]))
