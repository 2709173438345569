"""What every store of events shares: sealing drafts, rows to records, checking a chain."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

from gameday.adapters.event_log.parsing import Parse
from gameday.core.errors import StoreFailure
from gameday.core.instant import Instant
from gameday.core.log.chain import GENESIS, clocks, digest, digest_of_text
from gameday.core.log.codec import decode_event
from gameday.core.log.events import Draft, Record
from gameday.core.log.spelling import spell_event
from gameday.core.run.summary import RunSummary, summary_of

EVENT_VERSION = 1
"""Version of the events' encoding; a store keeps it with each event."""


class Row(NamedTuple):
    """An event as a store's table holds it; ``data`` is JSON text."""

    seq: int
    type: str
    at_wall: float
    at_boot: int
    at_boot_id: str
    recorded_wall: float
    recorded_boot: int
    recorded_boot_id: str
    key: str | None
    data: str
    previous: str
    digest: str


class Sealed(NamedTuple):
    """A record, with what a store's table holds of its event: type name and JSON text."""

    record: Record
    kind: str
    data: str

    def columns(self) -> tuple[Any, ...]:
        """What a table holds of it, in order: the run, the encoding's version, then its row."""
        record = self.record
        at, recorded = record.at, record.recorded
        return (
            record.run_id,
            EVENT_VERSION,
            record.seq,
            self.kind,
            at.wall,
            at.boot,
            at.boot_id,
            recorded.wall,
            recorded.boot,
            recorded.boot_id,
            record.key,
            self.data,
            record.previous,
            record.digest,
        )


@dataclass(frozen=True, slots=True)
class Anchor:
    """How many records a run has and the digest of its last, kept apart from the records."""

    count: int = 0
    digest: str = GENESIS


@dataclass(frozen=True, slots=True)
class ChainCheck:
    """What a walk along a run's chain found.

    count: records the store holds. first_bad: ``seq`` of the first record that is changed,
    missing or out of its place, None when all is well; reason: in words.
    """

    run_id: str
    count: int
    first_bad: int | None = None
    reason: str = ""

    @property
    def ok(self) -> bool:
        """Every record is there, in its place and as it was written."""
        return self.first_bad is None


def seal_new(
    run_id: str,
    anchor: Anchor,
    drafts: Sequence[Draft],
    recorded: Instant,
    held: Callable[[str], bool],
) -> list[Sealed]:
    """What the drafts become after the anchor, without those whose key is held. Raises
    StoreFailure when one of them cannot be stored."""
    sealed: list[Sealed] = []
    keys: set[str] = set()
    count, previous = anchor.count, anchor.digest
    recorded = _exact(recorded)
    recorded_text = clocks(recorded)
    for draft in drafts:
        if draft.key is not None:
            if draft.key in keys or held(draft.key):
                continue
            keys.add(draft.key)
        count += 1
        new = _seal(run_id, count, previous, draft, recorded, recorded_text)
        previous = new.record.digest
        sealed.append(new)
    return sealed


def _seal(
    run_id: str, seq: int, previous: str, draft: Draft, recorded: Instant, recorded_text: str
) -> Sealed:
    event, at, key = draft.event, _exact(draft.at), draft.key
    kind, data, canonical = spell_event(event)
    try:
        own = digest_of_text(previous, run_id, seq, kind, canonical, clocks(at), recorded_text, key)
    except UnicodeEncodeError as error:
        raise StoreFailure(
            f"an event of type {kind} holds text that is not Unicode",
            hint="enter the text again; half a character seems to have been lost",
        ) from error
    return Sealed(Record(run_id, seq, event, at, recorded, key, previous, own), kind, data)


def _exact(instant: Instant) -> Instant:
    """The instant with a float wall time: a whole number would come back from SQL as another
    JSON value than the one that was sealed, and what is no number not at all."""
    if not math.isfinite(instant.wall):
        raise StoreFailure(
            f"an event's time is {instant.wall}, which is no time",
            hint="say when it happened, or leave the time out for now",
        )
    if type(instant.wall) is float:
        return instant
    return Instant(float(instant.wall), instant.boot, instant.boot_id)


def to_row(record: Record) -> Row:
    """The record's row."""
    kind, data, _ = spell_event(record.event)
    return Row._make(Sealed(record, kind, data).columns()[2:])


def to_record(run_id: str, row: Row, parse: Parse = json.loads) -> Record:
    """The record of a row; raises StoreFailure when this version cannot read it."""
    try:
        data = parse(row.data)
    except ValueError as error:
        raise StoreFailure(
            f"record e{row.seq} of run {run_id} is damaged: {error}",
            hint="gameday store verify shows what was changed",
        ) from error
    event = decode_event(row.type, data)
    at = Instant(row.at_wall, row.at_boot, row.at_boot_id)
    recorded = Instant(row.recorded_wall, row.recorded_boot, row.recorded_boot_id)
    return Record(run_id, row.seq, event, at, recorded, row.key, row.previous, row.digest)


def check_chain(run_id: str, rows: Iterable[Row], anchor: Anchor) -> ChainCheck:
    """Walk the rows in order and compare their end with the anchor.

    The digests are computed from what is stored and not from decoded events, so that a field
    which a later version added to an event does not look like a change.
    """
    count, previous = 0, GENESIS
    first: tuple[int, str] | None = None
    for expected, row in enumerate(rows, start=1):
        count = expected
        if first is None and (reason := _misfit(run_id, expected, row, previous)):
            first = (min(expected, row.seq) if isinstance(row.seq, int) else expected, reason)
        previous = row.digest
    if first is None:
        first = _end_misfit(anchor, count, previous)
    return ChainCheck(run_id, count) if first is None else ChainCheck(run_id, count, *first)


def check_summary(check: ChainCheck, rows: Sequence[Row], summary: RunSummary) -> ChainCheck:
    """Of a run whose chain is whole: whether its summary says what the records say."""
    if not check.ok or summary.unreadable:
        return check
    try:
        told = summary_of(check.run_id, (to_record(check.run_id, row) for row in rows))
    except StoreFailure:  # a newer version's events: whole, and not ours to judge
        return check
    if told == summary:
        return check
    differing = [f.name for f in fields(told) if getattr(told, f.name) != getattr(summary, f.name)]
    reason = f"the records are whole, but the summary beside them is not: {', '.join(differing)}"
    return ChainCheck(check.run_id, check.count, check.count, reason)


def _misfit(run_id: str, expected: int, row: Row, previous: str) -> str:
    if row.seq != expected:
        return f"record e{expected} is missing; e{row.seq} stands in its place"
    if row.previous != previous:
        return f"record e{row.seq} does not follow the one before it: replaced or reordered"
    if row.digest != stored_digest(run_id, row):
        return f"record e{row.seq} was changed after it was written"
    return ""


def _end_misfit(anchor: Anchor, count: int, digest: str) -> tuple[int, str] | None:
    if count < anchor.count:
        return count + 1, f"the end is cut off: {count} of {anchor.count} records are left"
    if count > anchor.count:
        return anchor.count + 1, f"records were added past the anchor at e{anchor.count}"
    if digest != anchor.digest:
        return count, f"record e{count} is not the one the anchor names"
    return None


def stored_digest(run_id: str, row: Row) -> str:
    """The digest a record was sealed with, if its row is as it was written."""
    at = Instant(row.at_wall, row.at_boot, row.at_boot_id)
    recorded = Instant(row.recorded_wall, row.recorded_boot, row.recorded_boot_id)
    try:
        data = json.loads(row.data)
        return digest(row.previous, run_id, row.seq, row.type, data, at, recorded, row.key)
    except (TypeError, ValueError):  # no JSON, or a column that holds another kind of value
        return "unreadable"
