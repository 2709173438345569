"""Both spellings of an event are what ``json`` makes of it, and digests stay as they were."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given

from gameday.core.instant import Instant
from gameday.core.log.chain import clocks, digest_of_text
from gameday.core.log.codec import encode_event, encode_value
from gameday.core.log.events import (
    Declared,
    Event,
    NoteAdded,
    RunScheduled,
    RunStarted,
    Sample,
    SamplesRecorded,
)
from gameday.core.log.spelling import spell_event
from gameday.core.words import Severity
from tests.core.test_codec import EVENTS, INSTANTS

NAN: Any = float("nan")  # where a whole number belongs: what is said is taken as it is
MINUS_INFINITY: Any = float("-inf")
MINUS_ZERO: Any = -0.0
NO_TEXT: Any = object()


class Text(str):
    """A text of a class of its own, as some parsers make."""


def as_json(value: Any, *, canonical: bool = False) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=canonical)


@given(EVENTS)
@example(RunStarted())
@example(NoteAdded(by="ana", text='\x00 \x1f \x7f \u2028 "\\/ ü 😀', late=True))
@example(NoteAdded(by=Text("ana"), text="half a \ud83d"))
@example(Declared(by="bo", severity=Severity.SEV1))
@example(RunScheduled(title="t", scenario={"b": {"z": 1, "a": (2,)}, "a": 1}, source="", digest=""))
@example(SamplesRecorded(chunk=0, samples=(Sample("p", 1, 2, True, None, float("inf"), ""),)))
@example(SamplesRecorded(chunk=NAN, samples=()))
@example(SamplesRecorded(chunk=MINUS_INFINITY, samples=()))
@example(SamplesRecorded(chunk=MINUS_ZERO, samples=()))
def test_it_is_what_json_makes_of_the_encoded_event(event: Event) -> None:
    name, data = encode_event(event)
    assert spell_event(event) == (name, as_json(data), as_json(data, canonical=True))


@given(INSTANTS)
def test_an_instant_is_what_json_makes_of_it(instant: Instant) -> None:
    assert clocks(instant) == as_json(encode_value(instant), canonical=True)


def test_what_has_no_place_in_an_event_is_refused() -> None:
    with pytest.raises(TypeError, match="no place"):
        spell_event(NoteAdded(by=NO_TEXT))


SEALED_BEFORE: dict[str, Event] = {
    "ae9a3df65652e18b4435629a2aa919354c9780b6acde9bffd68def3205d65862": RunStarted(),
    "33e77f56072a64db5931b9ee570f411f7b86c1a15c140affad04b921eb014240": NoteAdded(
        by="ana", text="p95 > 3 s\n 😀"
    ),
    "b76825fab6540a5d3e179c22953823ef4e71d6d3e36d3bddb19ae6c22de93898": Declared(
        by="bo", severity=Severity.SEV1, late=True
    ),
    "3407c597726dde4519daa2025459e164a565192dd68a29bf3f029157c08155ca": RunScheduled(
        title="Zürich", scenario={"z": {"b": 1e300, "a": [None]}, "a": 1}, source="", digest=""
    ),
    "8a4987e4f26f6e27ab234742fc0cf86944c06bb773fc4f2c5a37a85841b2487d": SamplesRecorded(
        chunk=3, samples=(Sample("p", 1, 2, True, None, 0.1, ""),)
    ),
}


@pytest.mark.parametrize("own", SEALED_BEFORE)
def test_digests_are_those_of_the_first_stores(own: str) -> None:
    """By the version that had no spellings yet."""
    kind, _, canonical = spell_event(SEALED_BEFORE[own])
    at = clocks(Instant(7.0, 3, 'böot "1"'))
    assert digest_of_text("0" * 64, "run ü", 2, kind, canonical, at, at, "key ✓") == own
