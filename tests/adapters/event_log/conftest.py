"""One log a test, on each kind of store."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.memory import MemoryEventLog
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.instant import Instant
from gameday.core.log.events import Draft, NoteAdded

AnyLog = MemoryEventLog | SqliteEventLog


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "store.db"


@pytest.fixture(params=["memory", "sqlite"])
def log(request: pytest.FixtureRequest, store: Path) -> Iterator[AnyLog]:
    clock = SystemClock()
    made: AnyLog = (
        MemoryEventLog(clock) if request.param == "memory" else SqliteEventLog(store, clock)
    )
    yield made
    made.close()


@pytest.fixture
def sqlite_log(store: Path) -> Iterator[SqliteEventLog]:
    made = SqliteEventLog(store, SystemClock())
    yield made
    made.close()


@pytest.fixture
def note() -> Callable[..., Draft]:
    def draft(text: str = "hello", key: str | None = None, **more: Any) -> Draft:
        return Draft(NoteAdded(by="ana", text=text, **more), Instant(1.5, 7, "boot"), key)

    return draft


@pytest.fixture
def append() -> Callable[..., Any]:
    def add(log: AnyLog, *drafts: Draft, run: str = "r1") -> Any:
        return log.transact(run, 0, lambda _: drafts)

    return add
