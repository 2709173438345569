"""Answers kept while nothing they rest on has changed."""

from __future__ import annotations

from gameday.core.run.remembered import rests_on
from gameday.core.run.state import RunState


def test_it_is_asked_again_once_what_it_rests_on_is_another() -> None:
    asked: list[RunState] = []

    @rests_on("sent", "annulled")
    def how_many(state: RunState) -> int:
        asked.append(state)
        return len(state.sent) + len(state.annulled)

    first = RunState("r", sent=frozenset({"one"}))
    assert how_many(first) == 1
    assert how_many(first._replace(seq=7, duties_due=frozenset({"page"}))) == 1
    assert len(asked) == 1
    assert how_many(first._replace(annulled=frozenset({"e1", "e2"}))) == 3
    assert how_many(first) == 1
    assert len(asked) == 3


def test_a_field_that_is_not_named_is_not_seen() -> None:
    @rests_on("sent", "annulled")
    def number(state: RunState) -> int:
        return state.seq

    assert number(RunState("r", seq=5)) == 0
