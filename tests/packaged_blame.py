"""Blame by the packaged table, as tests of texts look for it."""

from __future__ import annotations

from collections.abc import Iterable

from gameday.adapters.incident_process.tables import load_table
from gameday.core.incident_process import blame
from gameday.core.process_tables.blame_table import BlameTable
from gameday.reports import postmortem_check

TABLE = load_table("blame", BlameTable)


def blaming(text: str, names: Iterable[str] = ()) -> tuple[blame.Blame, ...]:
    """The blaming phrases of a text."""
    return blame.blaming(text, TABLE.wanted(names))


def flaws(text: str, names: Iterable[str] = ()) -> tuple[postmortem_check.Flaw, ...]:
    """What a postmortem lacks."""
    return postmortem_check.flaws(text, TABLE, names)
