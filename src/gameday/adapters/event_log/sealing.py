"""What every store of events shares: sealing drafts, rows to records, checking a chain."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, NamedTuple

from gameday.core.chain import GENESIS, canonical, seal
from gameday.core.codec import decode_event, encode_event, encode_value
from gameday.core.errors import StoreFailure
from gameday.core.events import Draft, Record
from gameday.core.instant import Instant

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
) -> list[Record]:
    """The records the drafts become after the anchor, without those whose key is held."""
    records: list[Record] = []
    keys: set[str] = set()
    seq, previous = anchor.count, anchor.digest
    for draft in drafts:
        if draft.key is not None:
            if draft.key in keys or held(draft.key):
                continue
            keys.add(draft.key)
        record = _sealed(run_id, seq + 1, draft, recorded, previous)
        seq, previous = record.seq, record.digest
        records.append(record)
    return records


def _sealed(run_id: str, seq: int, draft: Draft, recorded: Instant, previous: str) -> Record:
    exact = Draft(draft.event, _exact(draft.at), draft.key)
    try:
        return seal(run_id, seq, exact, _exact(recorded), previous)
    except UnicodeEncodeError as error:
        raise StoreFailure(
            f"an event of type {type(draft.event).__name__} holds text that is not Unicode",
            hint="enter the text again; half a character seems to have been lost",
        ) from error


def _exact(instant: Instant) -> Instant:
    """The instant with a float wall time: a whole number would come back from SQL as another
    JSON value than the one that was sealed."""
    if type(instant.wall) is float:
        return instant
    return Instant(float(instant.wall), instant.boot, instant.boot_id)


def to_row(record: Record) -> Row:
    """The record's row."""
    name, data = encode_event(record.event)
    at, recorded = record.at, record.recorded
    return Row(
        seq=record.seq,
        type=name,
        at_wall=at.wall,
        at_boot=at.boot,
        at_boot_id=at.boot_id,
        recorded_wall=recorded.wall,
        recorded_boot=recorded.boot,
        recorded_boot_id=recorded.boot_id,
        key=record.key,
        data=_in_order(data),
        previous=record.previous,
        digest=record.digest,
    )


def _in_order(data: dict[str, Any]) -> str:
    """JSON that keeps the order of keys, as the scenario's author wrote them; the digest does
    not depend on it."""
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False)


def to_record(run_id: str, row: Row) -> Record:
    """The record of a row; raises StoreFailure when this version cannot read it."""
    try:
        data = json.loads(row.data)
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
            first = (min(expected, row.seq), reason)
        previous = row.digest
    if first is None:
        first = _end_misfit(anchor, count, previous)
    return ChainCheck(run_id, count) if first is None else ChainCheck(run_id, count, *first)


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
    """What :func:`gameday.core.chain.seal` gave the record, if the row is as it was written."""
    try:
        data: Any = json.loads(row.data)
    except ValueError:
        return "unreadable"
    at = encode_value(Instant(row.at_wall, row.at_boot, row.at_boot_id))
    recorded = encode_value(Instant(row.recorded_wall, row.recorded_boot, row.recorded_boot_id))
    body = canonical([run_id, row.seq, row.type, data, at, recorded, row.key])
    return sha256((row.previous + body).encode()).hexdigest()
