"""A meeting as an iCalendar file (RFC 5545): what calendars of all kinds can read.

Times are written in UTC, so that no description of a time zone is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_LONGEST = 75
"""Octets of a line, its end not counted (3.1)."""


@dataclass(frozen=True, slots=True)
class Event:
    """uid: the same for the same meeting, so that reading it again adds no second one."""

    uid: str
    starts: datetime
    minutes: int
    summary: str
    description: str


def calendar_file(event: Event, written: datetime) -> str:
    """The file's text, lines ending as the RFC wants. written: when it was made."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//gameday//follow-ups//EN",
        "BEGIN:VEVENT",
        f"UID:{_text(event.uid)}",
        f"DTSTAMP:{_utc(written)}",
        f"DTSTART:{_utc(event.starts)}",
        f"DTEND:{_utc(event.starts.astimezone(UTC) + timedelta(minutes=event.minutes))}",
        f"SUMMARY:{_text(event.summary)}",
        f"DESCRIPTION:{_text(event.description)}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "".join(f"{part}\r\n" for line in lines for part in _folded(line))


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(text: str) -> str:
    """As a value of type TEXT (3.3.11); control characters, which it may not have, left out."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(c for c in lines if c in "\n\t" or (c >= " " and c != "\x7f"))
    for special in ("\\", ";", ","):
        plain = plain.replace(special, f"\\{special}")
    return plain.replace("\n", "\\n")


def _folded(line: str) -> Iterator[str]:
    """A line in parts of 75 octets at most, no character torn apart; later ones begin with a
    space, which counts (3.1)."""
    part = ""
    for character in line:
        if len((part + character).encode()) > _LONGEST:
            yield part
            part = " "
        part += character
    yield part
