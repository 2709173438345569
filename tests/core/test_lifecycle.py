"""The table of what may happen when, as laws over every phase and event."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.core.errors import IllegalCommand
from gameday.core.instant import Instant
from gameday.core.log import events as e
from gameday.core.log.events import Record
from gameday.core.run import commands as c
from gameday.core.run.decide import decide
from gameday.core.run.evolve import evolve
from gameday.core.run.lifecycle import MOVES, STAYS, diagram, phase_after, rule_for
from gameday.core.run.state import RunState
from gameday.core.words import Cause, RunPhase

NOW = Instant(1_790_000_000.0, 10**12, "boot")
COMMANDS: list[c.Command] = [
    c.StartRun(),
    c.RefuseRun("no"),
    c.PauseRun("fay"),
    c.ResumeRun("fay"),
    c.RollBack(Cause.ABORT, "stop", "fay"),
    c.RollBack(Cause.FINISHED),
    c.EndRun(recovered=True),
    c.Respond(e.NoteAdded(by="alice", text="hm")),
    c.Respond(e.MitigationClaimed(by="alice")),
]


def test_every_event_has_exactly_one_row() -> None:
    leaves = {
        kind
        for kind in vars(e).values()
        if isinstance(kind, type)
        and issubclass(kind, e.Event)
        and kind not in (e.Event, e.ResponderFact, e.RunScheduled)
    }
    spoken = {kind for kind in leaves if issubclass(kind, e.ResponderFact)}
    assert leaves == spoken | set(MOVES) | set(STAYS)
    assert not set(MOVES) & set(STAYS)


@given(st.sampled_from(list(RunPhase)), st.sampled_from(sorted(MOVES, key=lambda k: k.__name__)))
def test_an_event_moves_the_run_exactly_where_the_table_says(
    phase: RunPhase, kind: type[e.Event]
) -> None:
    event = _make(kind)
    rule = rule_for(kind)
    if phase in rule.allowed:
        assert phase_after(phase, event) == rule.to
    else:
        with pytest.raises(IllegalCommand, match=str(phase).replace("_", " ")):
            phase_after(phase, event)


@given(st.lists(st.sampled_from(COMMANDS), max_size=40))
def test_illegal_commands_change_nothing_and_an_ended_run_stays_ended(
    commands: list[c.Command],
) -> None:
    state = _append(RunState("r"), (e.Draft(_scheduled(), NOW),))
    for command in commands:
        before = state
        try:
            drafts = decide(state, command, NOW)
        except IllegalCommand:
            assert state == before
            continue
        state = _append(state, drafts)
        if before.phase is not None and before.phase.ended:
            assert state.phase == before.phase


@given(st.lists(st.sampled_from(COMMANDS), max_size=40))
def test_replaying_what_was_decided_gives_the_same_state(commands: list[c.Command]) -> None:
    state = _append(RunState("r"), (e.Draft(_scheduled(), NOW),))
    records: list[Record] = []
    first = state
    for command in commands:
        try:
            drafts = decide(state, command, NOW)
        except IllegalCommand:
            continue
        for draft in drafts:
            records.append(_record(state, draft))
            state = evolve(state, records[-1])
    replayed = first
    for record in records:
        replayed = evolve(replayed, record)
    assert replayed == state


def test_nothing_can_happen_to_a_run_that_does_not_exist() -> None:
    with pytest.raises(IllegalCommand):
        decide(RunState("r"), c.StartRun(), NOW)


def test_architecture_shows_the_diagram_of_the_table() -> None:
    text = (Path(__file__).parents[2] / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert f"```mermaid\n{diagram()}\n```" in text, "run: python -m gameday.core.run.lifecycle"


def _make(kind: type[e.Event]) -> e.Event:
    arguments: dict[type[e.Event], dict[str, object]] = {
        e.RunRefused: {"reason": "x"},
        e.RunPaused: {"by": "x"},
        e.RunResumed: {"by": "x"},
        e.RollbackStarted: {"cause": Cause.ABORT},
        e.RunCompleted: {"recovered": True},
        e.RunAborted: {"reason": "x", "recovered": True},
    }
    return kind(**arguments.get(kind, {}))


def _scheduled() -> e.RunScheduled:
    return e.RunScheduled(title="t", scenario={}, source="s", digest="d")


def _record(state: RunState, draft: e.Draft) -> Record:
    return Record("r", state.seq + 1, draft.event, draft.at, draft.at, draft.key, "", "")


def _append(state: RunState, drafts: tuple[e.Draft, ...]) -> RunState:
    for draft in drafts:
        state = evolve(state, _record(state, draft))
    return state
