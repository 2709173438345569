"""The power goes at any moment: what was acknowledged is still there, whatever the disk has done
with what was not synced. The control without syncs must lose something."""

from __future__ import annotations

import random
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import pytest

from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.connection import SETTINGS
from gameday.adapters.event_log.group_commit import Request
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.log.events import Draft, Record
from tests.adapters.event_log.power import Disk, Survives, powered_by

Note = Callable[..., Draft]
ROUNDS = 60
"""Transactions, some of them shared by several callers and some large: the write-ahead log is
checkpointed into the database several times."""


@dataclass
class Tally:
    """What the cuts left, each in three ways."""

    moments: set[int]
    directory: Path
    chance: random.Random
    acknowledged: list[Record] = field(default_factory=list)
    cuts: int = 0
    lost: int = 0
    broken: list[str] = field(default_factory=list)

    def moment(self, disk: Disk) -> None:
        """The power goes now, if this is one of the chosen moments, and comes back."""
        if disk.operations not in self.moments:
            return
        torn = 1 - self.chance.random() ** 2
        ways: Sequence[Survives] = (
            lambda: False,
            lambda: self.chance.random() < torn,
            lambda: self.chance.random() < 0.98,
        )
        for way in ways:
            self._cut(disk, way)

    def _cut(self, disk: Disk, survives: Survives) -> None:
        self.cuts += 1
        left = self.directory / str(self.cuts)
        disk.leave(left, survives)
        log = SqliteEventLog(left / "store.db", SystemClock())  # the plain library
        held = log.read("r1")
        self.lost += len(set(self.acknowledged) - set(held))
        if not log.verify("r1").ok:
            self.broken.append(log.verify("r1").reason)
        log.close()
        shutil.rmtree(left)


def storm(name: str, settings: Sequence[str], directory: Path, note: Note, every: int) -> Tally:
    """Append to a store while the power goes at about every ``every``-th operation."""
    chance = random.Random(20261121)
    moments = {n + chance.randrange(every) for n in range(1, 4000, every)}
    moments |= set(range(1, 60, 2))  # the store is being made
    tally = Tally(moments, directory / "left", chance)
    tally.directory.mkdir(parents=True)
    disk = Disk(name, tally.moment)
    store = directory / "disk" / "store.db"
    with powered_by(name, store, settings):
        log = SqliteEventLog(store, SystemClock())
    for number in range(ROUNDS):
        large = "x" * chance.choice([10, 10, 1000, 150_000])
        group = [
            Request("r1", 10**9, lambda _, text=f"{number}-{i}-{large}": [note(text)])  # type: ignore[misc]
            for i in range(chance.choice([1, 1, 1, 4]))
        ]
        log.transact_all(group)
        tally.acknowledged += [record for request in group for record in request.outcome()]
    log.close()
    disk.unregister()
    return tally


def test_no_acknowledged_event_is_lost(
    tmp_path: Path, note: Note, capsys: pytest.CaptureFixture[str]
) -> None:
    tally = storm("shipped", SETTINGS, tmp_path, note, every=53)
    with capsys.disabled():
        print(  # noqa: T201
            f"\npower loss: {tally.cuts} cuts, {len(tally.acknowledged)} acknowledged events, "
            f"{tally.lost} lost; written by SQLite {apsw.sqlite_lib_version()}, read by "
            f"{sqlite3.sqlite_version}"
        )
    assert tally.cuts > 100
    assert tally.broken == []
    assert tally.lost == 0


def test_without_a_sync_at_each_commit_some_are_lost(
    tmp_path: Path, note: Note, capsys: pytest.CaptureFixture[str]
) -> None:
    """The control: else the test above proves nothing."""
    weaker = [setting.replace("FULL", "NORMAL") for setting in SETTINGS]
    assert weaker != list(SETTINGS)
    tally = storm("weaker", weaker, tmp_path, note, every=53)
    with capsys.disabled():
        print(f"\npower loss, synchronous=NORMAL: {tally.cuts} cuts, {tally.lost} lost")  # noqa: T201
    assert tally.lost > 0


def test_every_commit_is_synced_once(tmp_path: Path, note: Note) -> None:
    """One flush for a transaction, however many callers share it, and none for reading."""
    disk = Disk("counting", lambda _: None)
    store = tmp_path / "store.db"
    with powered_by("counting", store, SETTINGS):
        log = SqliteEventLog(store, SystemClock())
    for callers in (1, 1, 20):
        before = disk.syncs
        log.transact_all([Request("r1", 0, lambda _: [note("x")]) for _ in range(callers)])
        assert disk.syncs == before + 1
        log.transact("r1", 0, lambda _: [])
        log.read("r1")
        log.verify("r1")
        assert disk.syncs == before + 1
    log.close()
    disk.unregister()
