"""The hash chain over a run's events: a changed, lost or reordered record is found."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from gameday.core.instant import Instant

GENESIS = "0" * 64
"""What the first record of a run follows."""

canonical = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode
"""JSON with one spelling for one value."""


_text = json.encoder.encode_basestring


def digest(
    previous: str,
    run_id: str,
    seq: int,
    kind: str,
    data: Any,
    at: Instant,
    recorded: Instant,
    key: str | None,
) -> str:
    """The digest of a record after one with the digest ``previous``.

    kind, data: the event's type name and its fields as JSON values; the instants' wall times
    are finite floats. Raises UnicodeEncodeError when one of the texts is none.
    """
    # Put together by hand, as canonical([run_id, seq, …]) would: in half the time.
    body = (
        f"[{_text(run_id)},{seq},{_text(kind)},{canonical(data)},"
        f"{_clocks(at)},{_clocks(recorded)},{'null' if key is None else _text(key)}]"
    )
    return sha256((previous + body).encode()).hexdigest()


def _clocks(instant: Instant) -> str:
    boot_id = _text(instant.boot_id)
    return f'{{"boot":{instant.boot},"boot_id":{boot_id},"wall":{instant.wall!r}}}'
