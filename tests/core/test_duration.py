"""Durations as people write them."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.core.duration import format_duration, parse_duration, parse_offset


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90s", 90), ("5m", 300), ("1h30m", 5400), ("500ms", 0.5), ("2d", 172800), ("1.5h", 5400)],
)
def test_parses(text: str, seconds: float) -> None:
    assert parse_duration(text) == seconds
    assert parse_offset("+" + text) == seconds


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        (90, "write 90s"),
        (1.5, "no unit"),
        ("10:30", "10m30s"),
        ("1:02:03", "1h02m03s"),
        ("+5m", "write 5m"),
        ("5 minutes", "for example 90s"),
        ("", "for example"),
        (True, "is not a duration"),
        (None, "is not a duration"),
        ("-5m", "is not a duration"),
    ],
)
def test_refuses_with_a_hint(value: object, hint: str) -> None:
    with pytest.raises(ValueError, match="is not a duration") as caught:
        parse_duration(value)
    assert hint in str(caught.value)


@pytest.mark.parametrize(("value", "hint"), [("5m", "+5m"), (5, "+5s"), ("10:30", "+10m30s")])
def test_offsets_begin_with_a_plus(value: object, hint: str) -> None:
    with pytest.raises(ValueError, match="is not an offset") as caught:
        parse_offset(value)
    assert hint in str(caught.value)
    assert parse_offset("+0") == 0


@given(st.integers(0, 10**10))
def test_formatting_is_exact_to_a_millisecond(milliseconds: int) -> None:
    text = format_duration(milliseconds / 1000)
    assert parse_duration(text) == pytest.approx(milliseconds / 1000, abs=1e-6)
    assert format_duration(parse_duration(text)) == text


@given(st.text(max_size=12))
def test_any_text_is_a_duration_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert parse_duration(text) >= 0
