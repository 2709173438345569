"""The calendar file, read back by the rules of RFC 5545, whatever people write into it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.core.process_tables.icalendar import Event, calendar_file
from tests.core.incident_process.test_followups import MOMENTS

_CONTROLS = {chr(code) for code in (*range(32), 127)}


def parsed(text: str) -> dict[str, str]:
    """Properties of the event, read by the rules of RFC 5545; anything against them fails."""
    assert text.endswith("\r\n")
    assert "\r" not in text.replace("\r\n", "")
    assert "\n" not in text.replace("\r\n", "")
    for line in text.removesuffix("\r\n").split("\r\n"):
        assert 0 < len(line.encode()) <= 75
        line.encode().decode("utf-8")  # no character is torn apart
    lines = text.replace("\r\n ", "").replace("\r\n\t", "").removesuffix("\r\n").split("\r\n")
    assert (lines[0], lines[-1]) == ("BEGIN:VCALENDAR", "END:VCALENDAR")
    found: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(":")
        assert re.fullmatch("[A-Z-]+", name)
        assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", value)
        if name not in ("BEGIN", "END"):
            assert name not in found
            found[name] = value
    return found


def unescaped(value: str) -> str:
    """A TEXT as it was meant; fails where something is not escaped."""
    parts = re.findall(r"\\[\\;,nN]|[^\\;,]", value)
    assert "".join(parts) == value
    return "".join("\n" if p in ("\\n", "\\N") else p[-1] for p in parts)


@given(st.text(max_size=300), st.text(max_size=60), MOMENTS, st.integers(1, 600))
def test_a_calendar_file_obeys_the_rfc_whatever_people_write(
    description: str, summary: str, starts: datetime, minutes: int
) -> None:
    event = Event("u@x", starts, minutes, summary, description)
    found = parsed(calendar_file(event, datetime(2026, 11, 30, tzinfo=UTC)))
    assert found["VERSION"] == "2.0"
    assert found["PRODID"]
    assert found["UID"] == "u@x"
    assert found["DTSTAMP"] == "20261130T000000Z"
    begins, ends = (
        datetime.strptime(found[name], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        for name in ("DTSTART", "DTEND")
    )
    assert begins == starts.astimezone(UTC).replace(microsecond=0)
    assert ends - begins == timedelta(minutes=minutes)
    for name, meant in (("SUMMARY", summary), ("DESCRIPTION", description)):
        lines = meant.replace("\r\n", "\n").replace("\r", "\n")
        plain = "".join(c for c in lines if c in "\n\t" or c not in _CONTROLS)
        assert unescaped(found[name]) == plain


def test_the_reader_above_can_fail() -> None:
    good = calendar_file(
        Event("u", datetime(2026, 1, 1, tzinfo=UTC), 60, "s", "ä" * 80), datetime.now(UTC)
    )
    assert unescaped(parsed(good)["DESCRIPTION"]) == "ä" * 80
    for bad in (good.replace("\r\n", "\n"), good.replace("\r\n ", ""), good + "\r\n"):
        with pytest.raises(AssertionError):
            parsed(bad)
    with pytest.raises(AssertionError):
        unescaped("a, b")
