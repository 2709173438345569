"""Blaming phrases of a text: where they stand, and what to write instead.

Which words blame is a table that a team can change
(:mod:`gameday.core.process_tables.blame_table`).
"""

from __future__ import annotations

from dataclasses import dataclass

from gameday.core.process_tables.blame_table import Wanted


@dataclass(frozen=True, slots=True)
class Blame:
    """A blaming phrase of a text. start, end: where, in characters. instead: what to write."""

    start: int
    end: int
    phrase: str
    instead: str


def blaming(text: str, wanted: Wanted) -> tuple[Blame, ...]:
    """The blaming phrases of a text, in order, none within another."""
    found: list[Blame] = []
    for pattern, instead in wanted:
        if pattern.search(text) is None:
            continue  # nearly always, and told three times as fast as by an empty finditer
        for match in pattern.finditer(text):
            start, end = match.span("said" if "said" in pattern.groupindex else 0)
            if start < end and all(end <= one.start or one.end <= start for one in found):
                found.append(Blame(start, end, text[start:end], instead))
    return tuple(sorted(found, key=lambda one: one.start))
