"""Events survive being stored, whatever is in them."""

from __future__ import annotations

import json
from dataclasses import fields
from enum import Enum
from typing import Any, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.core.errors import StoreFailure
from gameday.core.instant import Instant
from gameday.core.log.chain import canonical
from gameday.core.log.codec import (
    EVENT_TYPES,
    decode_event,
    decode_value,
    encode_event,
    encode_value,
)
from gameday.core.log.events import (
    Declared,
    Event,
    NoteAdded,
    RunScheduled,
    Sample,
    SamplesRecorded,
)
from gameday.core.words import Severity

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
INSTANTS = st.builds(
    Instant, st.floats(0, 4e9, allow_nan=False), st.integers(0, 2**62), st.text(max_size=8)
)
st.register_type_strategy(Instant, INSTANTS)


def of_type(kind: type[Event]) -> st.SearchStrategy[Event]:
    hints = get_type_hints(kind)
    tables = st.dictionaries(st.text(), JSON, max_size=3)
    special = {"scenario": tables, "process": tables, "spec": JSON}
    given_fields = {
        field.name: special.get(field.name, st.from_type(hints[field.name]))
        for field in fields(kind)
        if field.name != "undo"
    }
    if "undo" in {field.name for field in fields(kind)}:
        given_fields["undo"] = st.just(())
    return st.builds(kind, **given_fields)


EVENTS = st.sampled_from(sorted(EVENT_TYPES)).flatmap(lambda name: of_type(EVENT_TYPES[name]))


@given(EVENTS)
def test_an_event_comes_back_equal_through_json(event: Event) -> None:
    name, data = encode_event(event)
    stored = canonical(data)
    again = decode_event(name, json.loads(stored))
    assert again == event or "NaN" in stored
    assert canonical(encode_event(again)[1]) == stored


def plain(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(plain, value))
    if isinstance(value, dict):
        return all(type(key) is str and plain(item) for key, item in value.items())
    return type(value) in (type(None), bool, int, float, str)


@given(EVENTS)
def test_what_is_stored_is_plain(event: Event) -> None:
    assert plain(encode_event(event)[1])


def test_samples_become_rows() -> None:
    event = SamplesRecorded(chunk=3, samples=(Sample("p", 1, 2, True, None, 0.5, "late"),))
    name, data = encode_event(event)
    assert data == {"chunk": 3, "samples": [["p", 1, 2, True, None, 0.5, "late"]]}
    again = decode_event(name, data)
    assert again == event
    assert isinstance(again, SamplesRecorded)
    assert isinstance(again.samples[0], Sample)


def test_what_a_newer_version_added_is_ignored() -> None:
    assert decode_event("NoteAdded", {"by": "x", "mood": "good"}) == NoteAdded(by="x")
    row = ["p", 1, 2, True, None, 0.5, "", "more"]
    again = decode_event("SamplesRecorded", {"chunk": 0, "samples": [row]})
    assert isinstance(again, SamplesRecorded)
    assert again.samples == (Sample("p", 1, 2, True, None, 0.5, ""),)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("NoSuchEvent", {}),
        ("NoteAdded", {}),
        ("Declared", {"by": "x", "severity": "SEV9"}),
        ("SamplesRecorded", {"chunk": 0, "samples": [[1]]}),
        ("SamplesRecorded", {"chunk": 0, "samples": 5}),
        ("NoteAdded", None),
    ],
)
def test_what_cannot_be_read_is_a_store_failure(name: str, data: Any) -> None:
    with pytest.raises(StoreFailure):
        decode_event(name, data)


def test_enums_and_mappings() -> None:
    assert encode_event(Declared(by="x", severity=Severity.SEV1))[1]["severity"] == "SEV1"
    event = RunScheduled(title="t", scenario={"a": (1, 2)}, source="s", digest="d")
    assert encode_event(event)[1]["scenario"] == {"a": [1, 2]}
    assert encode_value({1: Severity.SEV2}) == {"1": "SEV2"}
    assert decode_value(Instant, {"wall": 1.0, "boot": 2, "boot_id": "b"}) == Instant(1.0, 2, "b")
    with pytest.raises(TypeError, match="no place"):
        encode_value(object())


def test_every_event_is_known_by_its_name() -> None:
    assert all(
        issubclass(kind, Event) and kind.__name__ == name for name, kind in EVENT_TYPES.items()
    )
    assert not any(issubclass(kind, Enum) for kind in EVENT_TYPES.values())
