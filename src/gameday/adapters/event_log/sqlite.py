"""The event log in one SQLite file: durable on one host, safe from any thread and process."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from gameday.adapters.event_log.nudge import Nudges
from gameday.adapters.event_log.sealing import (
    EVENT_VERSION,
    Anchor,
    ChainCheck,
    Row,
    check_chain,
    seal_new,
    to_record,
    to_row,
)
from gameday.core.events import Record
from gameday.engine.ports import Clock, Decide

if TYPE_CHECKING:
    from gameday.adapters.event_log.connection import Connection

_POLL = 0.015
"""Seconds between two looks for what other processes have appended."""


class SqliteEventLog:
    """The EventLog port over a file. Writers wait for each other, readers for nobody.

    Raises StoreFailure when the file cannot be opened, made or brought to this version.
    """

    def __init__(self, path: Path, clock: Clock, *, busy_timeout: float | None = None) -> None:
        from gameday.adapters.event_log import connection  # sqlite3 only once it is needed

        self._path = path
        self._clock = clock
        self._nudges = Nudges()
        self._busy_timeout = connection.BUSY_TIMEOUT if busy_timeout is None else busy_timeout
        connection.make_directory(path)
        self._writer = self._connect()
        try:
            self._writer.migrate()
            self._reader = self._connect()
        except BaseException:
            self._writer.close()
            raise

    def _connect(self) -> Connection:
        from gameday.adapters.event_log.connection import Connection

        return Connection(self._path, self._busy_timeout)

    def transact(self, run_id: str, after: int, decide: Decide) -> Sequence[Record]:
        """Read the records after ``after``, decide, append, in one durable write transaction."""
        with self._writer.writing():
            read = _read(self._writer, run_id, after)
            new = seal_new(
                run_id,
                _anchor(self._writer, run_id),
                decide(read),
                self._clock.now(),
                lambda key: bool(self._writer.run("has_key", {"run_id": run_id, "key": key})),
            )
            if new:
                self._append(run_id, new)
        if new:
            self._nudges.nudge()
        return (*read, *new)

    def _append(self, run_id: str, new: Sequence[Record]) -> None:
        rows = [
            {"run_id": run_id, "version": EVENT_VERSION, **to_row(record)._asdict()}
            for record in new
        ]
        self._writer.run_many("append", rows)
        anchor = Anchor(new[-1].seq, new[-1].digest)
        self._writer.run("set_head", {"run_id": run_id, **asdict(anchor)})

    def read(self, run_id: str, after: int = 0) -> Sequence[Record]:
        """The run's records after a position, in order."""
        return _read(self._reader, run_id, after)

    def runs(self) -> Sequence[str]:
        """Ids of all runs, oldest first."""
        return tuple(row[0] for row in self._reader.run("runs"))

    def verify(self, run_id: str) -> ChainCheck:
        """Walk the run's chain and compare its end with the anchor."""
        with self._writer.writing():  # both must be of one moment
            rows = self._writer.run("read", {"run_id": run_id, "after": 0})
            anchor = _anchor(self._writer, run_id)
        return check_chain(run_id, map(Row._make, rows), anchor)

    async def changes(self) -> AsyncIterator[None]:
        """Yields at once, so that nothing falls between a read and the wait, then soon after
        each append by any process; several appends in a row may be one wake-up."""
        watcher = self._connect()
        try:
            with self._nudges.listener() as appended:
                seen = watcher.data_version()
                while True:
                    yield
                    seen = await _changed(watcher, seen, appended)
        finally:
            watcher.close()

    def close(self) -> None:
        """Let go of the file."""
        self._reader.close()
        self._writer.close()


def _read(connection: Connection, run_id: str, after: int) -> tuple[Record, ...]:
    rows = connection.run("read", {"run_id": run_id, "after": after})
    return tuple(to_record(run_id, Row._make(row)) for row in rows)


def _anchor(connection: Connection, run_id: str) -> Anchor:
    found = connection.run("head", {"run_id": run_id})
    return Anchor(*found[0]) if found else Anchor()


async def _changed(watcher: Connection, seen: int, appended: asyncio.Event) -> int:
    """The store's version once it is another than ``seen``, looked at regularly and at once
    when this process itself has appended."""
    loop = asyncio.get_running_loop()
    while (version := watcher.data_version()) == seen:
        appended.clear()
        next_look = loop.call_later(_POLL, appended.set)
        try:
            await appended.wait()
        finally:
            next_look.cancel()
    return version
