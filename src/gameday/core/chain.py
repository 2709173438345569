"""The hash chain over a run's events: a changed, lost or reordered record is found."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from gameday.core.codec import encode_event, encode_value
from gameday.core.events import Draft, Record
from gameday.core.instant import Instant

GENESIS = "0" * 64


def seal(run_id: str, seq: int, draft: Draft, recorded: Instant, previous: str) -> Record:
    """The record that a draft becomes at this place of the chain."""
    digest = _digest(run_id, seq, draft, recorded, previous)
    return Record(run_id, seq, draft.event, draft.at, recorded, draft.key, previous, digest)


def first_broken(records: Iterable[Record]) -> Record | None:
    """The first record that does not fit the chain, or None when all do."""
    previous = GENESIS
    for expected, record in enumerate(records, start=1):
        draft = Draft(record.event, record.at, record.key)
        digest = _digest(record.run_id, expected, draft, record.recorded, previous)
        if (record.seq, record.previous, record.digest) != (expected, previous, digest):
            return record
        previous = record.digest
    return None


def canonical(value: Any) -> str:
    """JSON with one spelling for one value."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _digest(run_id: str, seq: int, draft: Draft, recorded: Instant, previous: str) -> str:
    name, data = encode_event(draft.event)
    body = [run_id, seq, name, data, encode_value(draft.at), encode_value(recorded), draft.key]
    return sha256((previous + canonical(body)).encode()).hexdigest()
