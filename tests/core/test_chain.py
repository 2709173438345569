"""The chain's digest: of every part of a record, and over one spelling of each."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gameday.core.instant import Instant
from gameday.core.log.chain import GENESIS, canonical, digest
from gameday.core.log.codec import encode_value

AT = Instant(1.0, 2, "boot")
SEALED: dict[str, Any] = {
    "previous": GENESIS,
    "run_id": "r",
    "seq": 1,
    "kind": "NoteAdded",
    "data": {"by": "x", "text": "t"},
    "at": AT,
    "recorded": AT,
    "key": "k",
}
OTHER: dict[str, Any] = {
    "previous": "f" * 64,
    "run_id": "other",
    "seq": 2,
    "kind": "Triaged",
    "data": {"by": "x", "text": "T"},
    "at": AT.plus(1),
    "recorded": AT.plus(1),
    "key": None,
}

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
instants = st.builds(
    Instant, st.floats(allow_nan=False, allow_infinity=False), st.integers(), texts
)


def test_one_value_has_one_spelling() -> None:
    assert canonical({"b": 1, "a": [1.5, "é"]}) == canonical({"a": [1.5, "é"], "b": 1})
    assert canonical({"a": "é"}) == '{"a":"é"}'


def test_every_part_of_a_record_counts() -> None:
    whole = digest(**SEALED)
    changed = {digest(**{**SEALED, part: value}) for part, value in OTHER.items()}
    assert len(changed - {whole}) == len(OTHER)


@given(texts, texts, st.integers(1), texts, instants, instants, st.none() | texts)
def test_it_is_the_hash_of_one_canonical_list(
    previous: str, run: str, seq: int, kind: str, at: Instant, recorded: Instant, key: str | None
) -> None:
    """As written when the first stores were made: their chains must stay whole."""
    data = {"text": kind, "by": [1, None, 2.5]}
    body = canonical([run, seq, kind, data, encode_value(at), encode_value(recorded), key])
    expected = sha256((previous + body).encode()).hexdigest()
    assert digest(previous, run, seq, kind, data, at, recorded, key) == expected
