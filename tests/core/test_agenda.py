"""The schedule as laws: nothing early, nothing twice, nothing in a pause, everything in order."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gameday.core.agenda import agenda
from gameday.core.instant import NANOSECONDS, Instant
from gameday.core.log import events as e
from gameday.core.log.events import Record
from gameday.core.run import commands as c
from gameday.core.run.decide import decide
from gameday.core.run.evolve import evolve
from gameday.core.run.exercise_clock import exercise_deadline
from gameday.core.run.state import RunState
from gameday.core.words import RunPhase
from gameday.testing import minimal_scenario

offsets = st.lists(st.integers(0, 600), min_size=1, max_size=12)
pauses = st.lists(st.tuples(st.integers(1, 300), st.integers(1, 300)), max_size=4)


def at(seconds: float) -> Instant:
    """A reading of the clocks that many seconds after the run was scheduled."""
    return Instant(1_790_000_000.0, 10**12, "boot").plus(seconds)


def begun(injects: list[int]) -> RunState:
    """A run that has started at 0 with message injects at these offsets."""
    timeline = [
        {"id": f"i{n}", "at": f"+{offset}s", "title": "t", "message": "m"}
        for n, offset in enumerate(injects)
    ]
    values: dict[str, Any] = dict(minimal_scenario(timeline=timeline, duration="1h"))
    scheduled = e.RunScheduled(title="t", scenario=values, source="s", digest="d")
    state = _apply(RunState("r"), e.Draft(scheduled, at(0)))
    return _apply(state, e.Draft(e.RunStarted(), at(0)))


def run_to_the_end(state: RunState, stops: list[tuple[int, int]]) -> list[tuple[str, float]]:
    """Do what is due when it is due, pausing after some seconds for some seconds; the injects
    sent, each with the second at which it was."""
    sent: list[tuple[str, float]] = []
    todo = sorted((float(begin), float(length)) for begin, length in stops)
    now = 0.0
    while state.phase is RunPhase.RUNNING:
        due = agenda(state)[0]
        when = max(now, (due.at - at(0).boot) / NANOSECONDS)
        if todo and todo[0][0] <= when:
            begin, length = todo.pop(0)
            now = max(now, begin)
            state = _execute(state, c.PauseRun("fay"), now)
            assert not any(isinstance(d.command, c.SendInject) for d in agenda(state))
            now += length
            state = _execute(state, c.ResumeRun("fay"), now)
            continue
        now = when
        state = _execute(state, due.command, now)
        if isinstance(due.command, c.SendInject):
            sent.append((due.command.inject, now))
    return sent


@given(offsets, pauses)
def test_every_inject_is_sent_once_in_order_and_at_its_exercise_time(
    injects: list[int], stops: list[tuple[int, int]]
) -> None:
    sent = run_to_the_end(begun(injects), stops)
    assert sorted(name for name, _ in sent) == sorted(f"i{n}" for n in range(len(injects)))
    planned = {f"i{n}": offset for n, offset in enumerate(injects)}
    assert [planned[name] for name, _ in sent] == sorted(injects)
    for name, when in sent:
        expected = float(planned[name])
        for begin, length in _spread(stops):
            if begin <= expected:
                expected += length
        assert when == expected


@given(offsets)
def test_without_pauses_nothing_is_early_or_late(injects: list[int]) -> None:
    for name, when in run_to_the_end(begun(injects), []):
        assert when == injects[int(name[1:])]


@given(st.integers(0, 600), pauses)
def test_a_pause_moves_what_is_due_after_it_began_by_its_length(
    offset: int, stops: list[tuple[int, int]]
) -> None:
    state, now, due = begun([1]), 0.0, float(offset)
    for after, length in stops:
        if now + after < due:
            due += length
        state = _execute(state, c.PauseRun("fay"), now + after)
        assert exercise_deadline(state, offset) is None
        now += after + length
        state = _execute(state, c.ResumeRun("fay"), now)
    assert exercise_deadline(state, offset) == at(due).boot


def test_the_end_comes_even_if_nothing_else_does() -> None:
    last = agenda(begun([5]))[-1]
    assert isinstance(last.command, c.RollBack)
    assert last.at == at(3600).boot


def _spread(stops: list[tuple[int, int]]) -> list[tuple[float, float]]:
    """Pauses as they really fall: one that would begin in another begins when that ends."""
    result: list[tuple[float, float]] = []
    free = 0.0
    for begin, length in sorted(stops):
        start = max(float(begin), free)
        result.append((start, float(length)))
        free = start + length
    return result


def _execute(state: RunState, command: c.Command, now: float) -> RunState:
    for draft in decide(state, command, at(now)):
        state = _apply(state, draft)
    return state


def _apply(state: RunState, draft: e.Draft) -> RunState:
    record = Record("r", state.seq + 1, draft.event, draft.at, draft.at, draft.key, "", "")
    return evolve(state, record)
