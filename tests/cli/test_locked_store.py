"""A store that somebody keeps locked: what is in comes out all the same, and is recorded later."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gameday.adapters.event_log import connection
from gameday.bootstrap import recovery, runs, store
from gameday.core.errors import StoreFailure
from gameday.core.log import events as e
from gameday.core.run import commands as c
from gameday.core.run.state import FaultStatus
from gameday.engine.stream import submit
from gameday.settings import Settings, load_settings
from gameday.testing import minimal_scenario
from tests.acceptance.drills import process


@pytest.fixture
def fault(tmp_path: Path) -> Path:
    """It is in as long as this file is there."""
    path = tmp_path / "fault"
    path.touch()
    return path


@pytest.fixture
def settings(tmp_path: Path, fault: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Of a directory whose store has a dead run ``r`` with that fault in."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(connection, "BUSY_TIMEOUT", 0.05)
    settings = load_settings(tmp_path, {}, {})
    event = e.RunScheduled(title="t", scenario=minimal_scenario(), source="s", digest="d")
    spec = {"activity": process("rm", "-f", str(fault))}
    step = e.UndoStep(label="rm", kind="rollback", target="t", spec=spec)
    with store.open_store(settings) as log:
        runs.schedule_run(log, "r", event)
        for command in (c.StartRun(), c.IntendFault("f", "f.yaml", "t", ("sim/f",), (step,))):
            submit(log, store.clock(), "r", command)
        now = store.clock().now()
        submit(log, store.clock(), "r", c.ReportInjected("f", now, now))
    return settings


@pytest.fixture
def locked(settings: Settings) -> Iterator[sqlite3.Connection]:
    """Somebody else's write transaction; ``rollback()`` ends it."""
    with closing(sqlite3.connect(settings.store, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other


@pytest.mark.usefixtures("locked")
def test_a_recovery_undoes_without_the_lock(settings: Settings, fault: Path) -> None:
    with pytest.raises(StoreFailure):
        asyncio.run(recovery.recover_run(settings, "r", lambda _: None))
    assert not fault.exists()


def test_a_guardian_comes_back_for_what_it_could_not_record(
    settings: Settings, fault: Path, locked: sqlite3.Connection
) -> None:
    said: list[str] = []

    def say(text: str) -> None:
        said.append(text)
        locked.rollback()

    state = asyncio.run(recovery.recover_at_last(settings, "r", say, lambda _: None))
    assert state.faults["f"].status is FaultStatus.UNDONE
    assert not fault.exists()
    assert len(said) == 1
    assert "trying again in 1 s" in said[0]
