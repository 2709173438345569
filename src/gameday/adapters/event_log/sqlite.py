"""The event log in one SQLite file: durable on one host, safe from any thread and process."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gameday.adapters.event_log.ballast import Ballast
from gameday.adapters.event_log.group_commit import GroupCommit, Request
from gameday.adapters.event_log.nudge import Nudges
from gameday.adapters.event_log.sealing import ChainCheck, Row, check_chain, check_summary
from gameday.adapters.event_log.transaction import (
    Tails,
    Transaction,
    read_anchor,
    read_and_summarize,
    read_records,
    read_summary,
    to_summary,
    write_summary,
)
from gameday.core.log.events import Record
from gameday.core.run.summary import RunSummary
from gameday.engine.ports import Clock, Decide

if TYPE_CHECKING:
    import asyncio

    from gameday.adapters.event_log.connection import Connection

_POLL = 0.015
"""Seconds between two looks for what other processes have appended."""

_USUAL, _SPARING = 1000, 16
"""Pages of the write-ahead log after which it is brought into the database and its space used
again: as SQLite has it, and on a full disk."""


class SqliteEventLog:
    """The EventLog port over a file. Writers wait for each other, readers for nobody.

    Raises StoreFailure when the file cannot be opened, made or brought to this version.
    """

    def __init__(self, path: Path, clock: Clock, *, busy_timeout: float | None = None) -> None:
        from gameday.adapters.event_log import connection  # sqlite3 only once it is needed

        self._path = path
        self._clock = clock
        self._nudges = Nudges()
        self._tails = Tails()
        self._ballast = Ballast(path)
        self._queue = GroupCommit(self._commit)
        self._busy_timeout = connection.BUSY_TIMEOUT if busy_timeout is None else busy_timeout
        connection.make_directory(path)
        self._writer = self._connect()
        try:
            self._writer.migrate({2: _summarize_all})
            self._reader = self._connect()
        except BaseException:
            self._writer.close()
            raise

    def _connect(self) -> Connection:
        from gameday.adapters.event_log.connection import Connection

        return Connection(self._path, self._busy_timeout)

    def transact(self, run_id: str, after: int, decide: Decide) -> Sequence[Record]:
        """Read the records after ``after``, decide, append, in one durable write transaction,
        which callers at the same time share: ``decide`` may be called on another's thread, and
        a second time when the table refused a row of somebody else's and all was undone."""
        request = Request(run_id, after, decide)
        self._queue.run((request,))
        return request.outcome()

    def transact_all(self, requests: Sequence[Request]) -> None:
        """Many decisions in one durable write transaction. Each succeeds or fails alone: see
        its ``outcome()``."""
        self._queue.run(requests)

    def _commit(self, requests: Sequence[Request]) -> None:
        transaction = Transaction(self._writer, self._clock, self._tails)
        try:
            self._writer.write(lambda: transaction.run(requests))
        except Exception as failure:  # not SQLite's alone: some numbers fit into no column
            if not transaction.refused:
                raise
            self._find_refused(requests, failure)
            return
        if transaction.appended:
            self._nudges.nudge()

    def _find_refused(self, requests: Sequence[Request], failure: Exception) -> None:
        """The table did not take all rows, and nothing is committed. Whose they were shows when
        each has a transaction of its own: the others must not suffer."""
        if len(requests) == 1:
            requests[0].failure = failure
            return
        for request in requests:
            request.failure = None
            self._commit_alone(request)

    def _commit_alone(self, request: Request) -> None:
        try:
            self._commit((request,))
        except Exception as failure:  # noqa: BLE001 - told to its caller, who raises it
            request.failure = failure

    def read(self, run_id: str, after: int = 0) -> Sequence[Record]:
        """The run's records after a position, in order."""
        return read_records(self._reader, run_id, after)

    def runs(self) -> Sequence[str]:
        """Ids of all runs, oldest first."""
        return tuple(row[0] for row in self._reader.run("runs"))

    def summaries(self) -> Sequence[RunSummary]:
        """Every run in short, oldest first, without its records being read."""
        return self._summaries("summaries")

    def unfinished(self) -> Sequence[RunSummary]:
        """The runs that go on or have left a fault in, oldest first; others cost nothing."""
        return self._summaries("unfinished")

    def _summaries(self, query: str) -> Sequence[RunSummary]:
        found = map(to_summary, self._reader.run(query))
        return tuple(map(self._looked_into, found))

    def _looked_into(self, summary: RunSummary) -> RunSummary:
        """What could not be read once may be readable to this version, or restored."""
        return read_and_summarize(self._reader, summary.run_id) if summary.unreadable else summary

    def results(self, version: int) -> Mapping[str, str]:
        """What was kept of runs by :meth:`keep_result`, by run: only what is of this version and
        of all records that the run has now."""
        return dict(self._reader.run("results", {"version": version}))

    def keep_result(self, run_id: str, version: int, digest: str, data: str) -> None:
        """Keep what was made of a run's records, the last of which has that digest."""
        row = {"run_id": run_id, "version": version, "digest": digest, "data": data}

        def keep() -> None:
            self._writer.run("set_result", row)

        self._writer.write(keep)

    def all_runs(self) -> Sequence[str]:
        """Ids of all runs of which anything is left, also those whose anchor is gone."""
        return tuple(row[0] for row in self._reader.run("all_runs"))

    def verify(self, run_id: str) -> ChainCheck:
        """Walk the run's chain, compare its end with the anchor, and its summary with both."""
        with self._reader.reading():  # all of one moment
            rows = [Row._make(row) for row in self._reader.run("read", _whole(run_id))]
            anchor = read_anchor(self._reader, run_id)
            summary = read_summary(self._reader, run_id)
        return check_summary(check_chain(run_id, rows, anchor), rows, summary)

    def hold_ballast(self) -> None:
        """Set aside 1 MiB beside the store, for a process that may have faults to undo. Raises
        StoreFailure when the disk has no room for it: then no fault should go in."""
        self._ballast.hold()
        self._writer.checkpoint_every(_USUAL)

    def release_ballast(self) -> None:
        """Free that space, because the disk is full and an undo must be recorded: appends work
        again afterwards. Once the disk has room, ``hold_ballast`` sets it aside anew."""
        self._ballast.release()
        self._writer.checkpoint_every(_SPARING)

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


def _whole(run_id: str) -> dict[str, object]:
    return {"run_id": run_id, "after": 0}


def _summarize_all(connection: Connection) -> None:
    """For a store that had no summaries: one run that cannot be read keeps no other out."""
    for (run_id,) in connection.run("runs"):
        summary = read_and_summarize(connection, run_id)
        if summary != RunSummary(run_id, events=summary.events):
            write_summary(connection, summary)


async def _changed(watcher: Connection, seen: int, appended: asyncio.Event) -> int:
    """The store's version once it is another than ``seen``, looked at regularly and at once
    when this process itself has appended."""
    import asyncio

    loop = asyncio.get_running_loop()
    while (version := watcher.data_version()) == seen:
        appended.clear()
        next_look = loop.call_later(_POLL, appended.set)
        try:
            await appended.wait()
        finally:
            next_look.cancel()
    return version
