"""What happens inside one write transaction of the SQLite event log."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from gameday.adapters.event_log.parsing import parser_for
from gameday.adapters.event_log.sealing import Anchor, Row, seal_new, to_record
from gameday.core.errors import StoreFailure
from gameday.core.log.events import Record
from gameday.core.run.state import FaultStatus
from gameday.core.run.summary import RunSummary, summarize, summary_of, told_by
from gameday.core.words import RunPhase
from gameday.engine.ports import Clock

if TYPE_CHECKING:
    from gameday.adapters.event_log.connection import Connection
    from gameday.adapters.event_log.group_commit import Request


class Tail:
    """The end of a run's log as this process has written it: what is at hand need not be read
    and decoded again when many callers append in turn."""

    KEPT = 256
    """Records that are kept at hand between transactions."""

    def __init__(self, anchor: Anchor) -> None:
        self.anchor = anchor
        self.records: list[Record] = []

    def add(self, records: Sequence[Record]) -> None:
        """Records that follow the anchor."""
        self.records += records
        self.anchor = Anchor(records[-1].seq, records[-1].digest)

    def since(self, after: int) -> tuple[Record, ...] | None:
        """The records after a position; None when not all of them are at hand."""
        first = self.anchor.count - len(self.records)
        return tuple(self.records[after - first :]) if after >= first else None

    def trim(self) -> None:
        """Let go of old ones, now and then."""
        if len(self.records) > 2 * self.KEPT:
            del self.records[: -self.KEPT]


class Tails(dict[str, Tail]):
    """Tails by run, from one transaction to the next. None is trusted before its anchor has been
    compared with the store's: what others have appended or a rollback has undone shows there."""

    KEPT = 64
    """Runs of which tails are kept."""

    def found(self, run_id: str, anchor: Anchor) -> Tail:
        """The run's tail when the store's anchor is this one."""
        tail = self.get(run_id)
        if tail is None or tail.anchor != anchor:
            if len(self) >= self.KEPT:
                self.clear()
            tail = self[run_id] = Tail(anchor)
        tail.trim()
        return tail


class Transaction:
    """Takes decisions one after the other, each on what those before it have appended. Their rows
    are written together, before anything is read that they may be part of and at the end."""

    def __init__(self, connection: Connection, clock: Clock, tails: Tails) -> None:
        self._connection = connection
        self._clock = clock
        self._tails = tails
        self._met: dict[str, Tail] = {}
        self._added: dict[str, list[Record]] = {}
        self._unwritten: list[tuple[Any, ...]] = []
        self.refused = False

    def run(self, requests: Sequence[Request]) -> None:
        """Serve all of them, then write down what they have appended. Raises when nothing of it
        may stay; ``refused`` then says whether because the table did not take all rows."""
        for request in requests:
            self._serve(request)
        self._write_rows()
        self._finish()

    def _serve(self, request: Request) -> None:
        """Read, decide and append for one caller; nothing of it stays when that fails, and
        only the caller is told. Raises when everybody's is undone, or has to be."""
        try:
            request.records = self._decide(request)
        except Exception as failure:
            if self.refused or not self._connection.in_transaction:
                raise
            request.failure = failure

    def _decide(self, request: Request) -> Sequence[Record]:
        run_id = request.run_id
        tail = self._met.get(run_id) or self._meet(run_id)
        read = tail.since(request.after)
        if read is None:
            self._write_rows()
            read = read_records(self._connection, run_id, request.after)
        drafts = request.decide(read)
        if not drafts:
            return read
        sealed = seal_new(run_id, tail.anchor, drafts, self._clock.now(), self._held(run_id))
        if not sealed:
            return read
        self._unwritten += [one.columns() for one in sealed]
        new = [one.record for one in sealed]
        tail.add(new)
        self._added.setdefault(run_id, []).extend(new)
        return (*read, *new)

    def _meet(self, run_id: str) -> Tail:
        anchor = read_anchor(self._connection, run_id)
        tail = self._met[run_id] = self._tails.found(run_id, anchor)
        return tail

    def _held(self, run_id: str) -> Callable[[str], bool]:
        def held(key: str) -> bool:
            self._write_rows()
            return bool(self._connection.run("has_key", (run_id, key)))

        return held

    def _write_rows(self) -> None:
        if self._unwritten:
            self.refused = True  # until all of them are written
            self._connection.run_many("append", self._unwritten)
            self.refused = False
            self._unwritten = []

    @property
    def appended(self) -> bool:
        """Whether anything was."""
        return bool(self._added)

    def _finish(self) -> None:
        """Write down where each run ends now, and its summary where that has changed."""
        for run_id, added in self._added.items():
            last = added[-1]
            self._connection.run("set_head", (run_id, last.seq, last.digest))
            if any(told_by(record.event) for record in added):
                self._summarize(run_id, added)

    def _summarize(self, run_id: str, added: Sequence[Record]) -> None:
        summary = read_summary(self._connection, run_id)
        if summary.unreadable:
            summary = read_and_summarize(self._connection, run_id)
        else:
            for record in added:
                summary = summarize(summary, record)
        write_summary(self._connection, summary)


def read_anchor(connection: Connection, run_id: str) -> Anchor:
    """The anchor of a run's chain."""
    found = connection.run("head", (run_id,))
    return Anchor(*found[0]) if found else Anchor()


def read_records(connection: Connection, run_id: str, after: int) -> tuple[Record, ...]:
    """A run's records after a position."""
    rows = connection.run("read", {"run_id": run_id, "after": after})
    parse = parser_for(len(rows))
    return tuple(to_record(run_id, Row._make(row), parse) for row in rows)


def read_summary(connection: Connection, run_id: str) -> RunSummary:
    """The summary that stands beside a run's anchor."""
    found = connection.run("summary", {"run_id": run_id})
    return to_summary(found[0]) if found else RunSummary(run_id)


def read_and_summarize(connection: Connection, run_id: str) -> RunSummary:
    """The summary of what the log holds; when that cannot be read, it says why."""
    try:
        return summary_of(run_id, read_records(connection, run_id, 0))
    except StoreFailure as failure:
        count = read_anchor(connection, run_id).count
        return RunSummary(run_id, events=count, unreadable=failure.message)


def write_summary(connection: Connection, summary: RunSummary) -> None:
    """Put a summary in the place of the one before."""
    row = {
        "run_id": summary.run_id,
        "title": summary.title,
        "phase": summary.phase,
        "started": summary.started,
        "game_day": summary.game_day,
        "faults": json.dumps(summary.faults),
        "unreadable": summary.unreadable,
        "unfinished": summary.unfinished,
    }
    connection.run("set_summary", row)


def to_summary(row: Sequence[Any]) -> RunSummary:
    """The summary of a row of the queries that read them; one that makes no sense says so."""
    run_id, events, title, phase, started, game_day, faults, unreadable = row
    if title is None:  # nothing that a summary tells of has happened yet
        return RunSummary(run_id, events)
    try:
        return RunSummary(
            run_id,
            events,
            title,
            None if phase is None else RunPhase(phase),
            started,
            bool(game_day),
            _statuses(faults),
            unreadable,
        )
    except (ValueError, AttributeError) as error:
        return RunSummary(run_id, events, unreadable=f"its summary is damaged: {error}")


def _statuses(faults: str) -> dict[str, FaultStatus]:
    if faults == "{}":  # nearly always, once a run is over
        return {}
    return {fault: FaultStatus(status) for fault, status in json.loads(faults).items()}
