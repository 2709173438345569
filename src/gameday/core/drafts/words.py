"""How drafts spell values, and how they show what nobody knows yet."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime

from gameday.core.instant import Instant

FILL_IN = re.compile(r"\\?\[to fill in:[^\]\n]*\]")
"""Finds what is still to be filled in, also where Markdown's brackets are escaped."""

CHANNEL_LONGEST = 80
"""Characters of a channel's name without its ``#``: Slack takes no more."""

_WORDS_IN_CHANNEL = 4


def to_fill(what: str) -> str:
    """A visible gap: ``[to fill in: who commands]``."""
    return f"[to fill in: {what}]"


def one_line(text: str) -> str:
    """Text of anybody's without line breaks, control characters or runs of blanks."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def said(text: str | None, what: str) -> str:
    """The text on one line, or a gap that says what belongs there."""
    return one_line(text or "") or to_fill(what)


def several_said(texts: Iterable[str], what: str) -> tuple[str, ...]:
    """Texts on one line each, no text twice; one gap where there is none."""
    found = tuple(dict.fromkeys(line for text in texts if (line := one_line(text))))
    return found or (to_fill(what),)


def clock(at: Instant | None, what: str) -> str:
    """Wall time as people tell it, ``10:02 UTC``, or a gap."""
    if at is None:
        return to_fill(what)
    return datetime.fromtimestamp(at.wall, UTC).strftime("%H:%M UTC")


def clock_s(at: Instant) -> str:
    """Wall time to the second, for timelines: ``10:02:07``."""
    return datetime.fromtimestamp(at.wall, UTC).strftime("%H:%M:%S")


def date(at: Instant) -> str:
    """The date in UTC, ``2026-09-21``."""
    return datetime.fromtimestamp(at.wall, UTC).strftime("%Y-%m-%d")


def span(seconds: float) -> str:
    """A duration in words for people outside: ``38 s``, ``6m 05s``, ``2h 15m``."""
    whole = round(max(seconds, 0))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60}m {whole % 60:02d}s"
    return f"{whole // 3600}h {whole % 3600 // 60:02d}m"


def percent(share: float) -> str:
    """A share of 1 as a percentage that rounds neither a loss nor the last good sample away."""
    shown = f"{share * 100:.1f}".removesuffix(".0")
    if shown == "0" and share > 0:
        return "under 0.1 %"
    return "over 99.9 %" if shown == "100" and share < 1 else f"{shown} %"


def channel(at: Instant, number: int, title: str) -> str:
    """Where people meet: ``#incident-2026-09-21-001-payments-answer-slowly``. number: which
    incident of that day it is, from 1."""
    words = re.findall(r"[a-z0-9]+", title.lower())[:_WORDS_IN_CHANNEL]
    name = "-".join((f"incident-{date(at)}-{number:03d}", *words))
    return "#" + name[:CHANNEL_LONGEST].rstrip("-")
