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


quoted = json.encoder.encode_basestring
"""A text as JSON."""


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
    return digest_of_text(
        previous, run_id, seq, kind, canonical(data), clocks(at), clocks(recorded), key
    )


def digest_of_text(
    previous: str,
    run_id: str,
    seq: int,
    kind: str,
    data: str,
    at: str,
    recorded: str,
    key: str | None,
) -> str:
    """The same, for who has the canonical text of the fields and of the instants already."""
    # Put together by hand, as canonical([run_id, seq, …]) would: in half the time.
    body = (
        f"{previous}[{quoted(run_id)},{seq},{quoted(kind)},{data},"
        f"{at},{recorded},{'null' if key is None else quoted(key)}]"
    )
    return sha256(body.encode()).hexdigest()


def clocks(instant: Instant) -> str:
    """The canonical text of an instant."""
    boot_id = quoted(instant.boot_id)
    return f'{{"boot":{instant.boot},"boot_id":{boot_id},"wall":{instant.wall!r}}}'
