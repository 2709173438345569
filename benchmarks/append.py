"""Durable appends: events a second, one a transaction, into the SQLite event log (WAL, FULL,
folded, sealed and chained) against bare inserts of as many bytes with the same settings. Blocks
of both in turn."""

from __future__ import annotations

import sqlite3
import tempfile
import time
from pathlib import Path
from statistics import median

from benchmarks.measure import Figures, interleaved, spread
from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.log.events import Draft, NoteAdded
from gameday.engine.ports import Decide

TEXT = "p95 of checkout is red again, looking at the calls to inventory"
GOAL = 0.8


def append(quick: bool) -> Figures:
    """Events a second."""
    block, times, warm_up = (20, 1, 0) if quick else (500, 9, 1)
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name:
        ours, bare = _Ours(Path(name) / "ours.db", block), Bare(Path(name) / "bare.db", block)
        mine, peers = interleaved(ours.rate, bare.rate, times, warm_up)
        held = ours.close()
        bare.close()
    return Figures(
        ours=median(mine),
        unit="events/s",
        n=held,
        goal=f"ratio >= {GOAL:g}",
        met=median(mine) >= GOAL * median(peers),
        peer=median(peers),
        peer_name="sqlite3, bare inserts",
        extra={"block": block, **spread(mine), **spread(peers, "peer_")},
    )


class _Ours:
    def __init__(self, path: Path, block: int) -> None:
        self._clock = SystemClock()
        self._log = SqliteEventLog(path, self._clock)
        self._block = block
        self._count = 0

    def rate(self) -> float:
        began = time.perf_counter()
        for _ in range(self._block):
            draft = Draft(NoteAdded(by="alice", text=TEXT), self._clock.now())
            self._log.transact("run", self._count, always(draft))
            self._count += 1
        return self._block / (time.perf_counter() - began)

    def close(self) -> int:
        held = len(self._log.read("run"))
        self._log.close()
        return held


def always(*drafts: Draft) -> Decide:
    """A decision that appends these, whatever was read."""
    return lambda _: drafts


class Bare:
    """The peer: a small table, one insert a transaction."""

    def __init__(self, path: Path, block: int) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        for statement in (
            "PRAGMA journal_mode = WAL",
            "PRAGMA synchronous = FULL",
            "PRAGMA fullfsync = 1",
            "CREATE TABLE events (seq INTEGER PRIMARY KEY, type TEXT, at REAL, data TEXT)",
        ):
            self._db.execute(statement)
        self._block = block

    def rate(self) -> float:
        """Inserts a second over one block."""
        data = f'{{"by":"alice","text":"{TEXT}","channel":"cli","late":false}}' + "0" * 128
        began = time.perf_counter()
        for _ in range(self._block):
            self._db.execute("BEGIN IMMEDIATE")
            row = ("NoteAdded", time.time(), data)
            self._db.execute("INSERT INTO events (type, at, data) VALUES (?, ?, ?)", row)
            self._db.execute("COMMIT")
        return self._block / (time.perf_counter() - began)

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()
