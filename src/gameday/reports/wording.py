"""How reports spell values: seconds, offsets, wall times, verdicts. One spelling everywhere."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from markupsafe import Markup, escape

from gameday.core.duration import format_duration
from gameday.core.instant import Instant
from gameday.core.percent import percent as share_of_100
from gameday.core.words import Attribution

TONES: Mapping[str, str] = {
    "valid": "good",
    "held": "good",
    "recovered": "good",
    "met": "good",
    "invalid": "bad",
    "unsafe": "bad",
    "not_recovered": "bad",
    "missed": "bad",
    "stuck": "bad",
    "aborted": "warn",
    "refused": "warn",
    "unfinished": "warn",
    "undone": "good",
    "worked": "good",
    "did_not_work": "bad",
    "within": "good",
    "over": "bad",
}
"""Tone of a verdict or a status; what is not named here is neither good nor bad."""

SIGNS: Mapping[str, str] = {"good": "✔", "bad": "✘", "warn": "!", "flat": "–"}
"""The sign that stands beside each tone, so that colour never speaks alone."""

ENDED_BY: Mapping[Attribution, str] = {
    Attribution.RESPONDER: "A responder",
    Attribution.ROLLBACK: "The rollback, not a person",
    Attribution.ABORT: "The abort, not a person",
    Attribution.SELF_HEALED: "Nobody: it healed by itself",
    Attribution.AMBIGUOUS: "Not certain: the log allows two readings",
    Attribution.NONE: "Nothing",
}
"""Who ended an impact, as a lead reads it."""


RECOVER = "gameday recover"
"""The command that reports send people to."""
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_SPACE = "\N{NO-BREAK SPACE}"


def tone(word: str) -> str:
    """good, bad, warn or flat."""
    return TONES.get(word, "flat")


def sign(word: str) -> str:
    """The sign of a verdict's tone."""
    return SIGNS[tone(word)]


def words(name: str) -> str:
    """``not_recovered`` as people write it."""
    return name.replace("_", " ")


def took(seconds: float | None) -> str:
    """A measured duration, to a tenth of a second: ``9.5 s``, ``2m 03.4s``, ``1h 02m 03.4s``."""
    if seconds is None:
        return "–"
    tenths = round(abs(seconds) * 10)
    minus = "−" if seconds < 0 and tenths else ""
    if tenths < 600:
        return f"{minus}{tenths / 10:.1f}{_SPACE}s"
    minutes, rest = divmod(tenths, 600)
    if minutes < 60:
        return f"{minus}{minutes}m{_SPACE}{rest / 10:04.1f}s"
    return f"{minus}{minutes // 60}h{_SPACE}{minutes % 60:02d}m{_SPACE}{rest / 10:04.1f}s"


@lru_cache(maxsize=64)  # thousands of points have the same few targets
def limit(seconds: float) -> str:
    """A planned duration as its file spells it: ``5m``."""
    return format_duration(seconds)


def offset(seconds: float) -> str:
    """Time since the start: ``+0:30.0``, ``+1:02:03.4``, ``−0:10.0`` before it."""
    tenths = round(abs(seconds) * 10)
    mark = "−" if seconds < 0 and tenths else "+"
    minutes, rest = divmod(tenths, 600)
    hours, minutes = divmod(minutes, 60)
    clock = f"{hours}:{minutes:02d}" if hours else str(minutes)
    return f"{mark}{clock}:{rest / 10:04.1f}"


def day(at: Instant) -> str:
    """The date in UTC: ``2026-09-21``."""
    return at.isoformat()[:10]


def long_day(at: Instant) -> str:
    """The date as people write it, in UTC: ``21 September 2026``."""
    when = datetime.fromtimestamp(at.wall, UTC)
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def clock(at: Instant) -> str:
    """The wall clock's time in UTC with milliseconds."""
    return at.isoformat()[11:23]


def minute(at: Instant) -> str:
    """The wall clock's time in UTC, as one would tell it."""
    return datetime.fromtimestamp(at.wall, UTC).strftime("%H:%M")


def percent(share: float | None) -> str:
    """A share as a percentage; a dash where there is none."""
    return "–" if share is None else share_of_100(share)


def points(value: float | None) -> str:
    """Points without idle zeros; a dash where the run was too short to tell."""
    return "–" if value is None else f"{value:g}"


def several(count: int, noun: str, plural: str = "") -> str:
    """``1 probe``, ``3 probes``."""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def listed(items: Sequence[str]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def capital(text: str) -> str:
    """With a capital."""
    return text[:1].upper() + text[1:]


def coded(text: str) -> Markup:
    """Text with the commands in it set as code. Everything in it is escaped."""
    shown = Markup("<code>{}</code>").format(RECOVER)
    return shown.join(escape(part) for part in text.split(RECOVER))


def clean(text: str) -> str:
    """Without what no file of text may hold: control characters and halves of characters."""
    return _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def sentence(text: str) -> str:
    """With a capital and a full stop."""
    text = text.strip()
    if not text:
        return ""
    return capital(text) + ("" if text[-1] in ".!?…" else ".")


# strftime's month names follow the locale, and a report must not.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
