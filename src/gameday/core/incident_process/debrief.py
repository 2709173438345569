"""The debrief after a drill: its questions, and what people answered.

Questions come from the scenario (its success criteria and its own questions) and from the process
as it stands in the run's log. Of several answers to one question the newest counts; all stay.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gameday.core.incident_process.account import Account, Word
from gameday.core.log import events as e
from gameday.core.process_tables.checklists import Item
from gameday.core.run.state import RunState
from gameday.core.scenario.scenario import Scenario

LIST = "debrief"
"""The checklist that the process's questions stand in; ``debrief.surprised`` is ``surprised``."""


class Origin(StrEnum):
    """Who asks: the scenario's success criteria, its own questions, the process; or nobody any
    more, and there is an answer all the same."""

    CRITERION = "criterion"
    SCENARIO = "scenario"
    PROCESS = "process"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Question:
    """A question and its answers that count, the newest last."""

    id: str
    text: str
    origin: Origin
    answers: tuple[Word[e.DebriefAnswered], ...] = ()

    @property
    def answer(self) -> Word[e.DebriefAnswered] | None:
        """The newest answer."""
        return self.answers[-1] if self.answers else None


def debrief(state: RunState, otherwise: Sequence[Item] = ()) -> tuple[Question, ...]:
    """Every question of a run, the scenario's first, with its answers. otherwise: what the process
    asks where the run's log does not say."""
    given: dict[str, list[Word[e.DebriefAnswered]]] = {}
    for word in Account(state).all(e.DebriefAnswered):
        given.setdefault(short(word.fact.question), []).append(word)
    items = state.process.debrief if state.process and state.process.debrief else otherwise
    asked: Mapping[str, tuple[Origin, str]] = {
        **{item.id: (Origin.PROCESS, item.text) for item in items},
        **(_own(state.scenario) if state.scenario else {}),
    }
    lost = {id: (Origin.UNKNOWN, id) for id in given if id not in asked}
    found = [
        Question(id, text, origin, tuple(given.get(id, ())))
        for id, (origin, text) in {**asked, **lost}.items()
    ]
    return tuple(sorted(found, key=lambda question: tuple(Origin).index(question.origin)))


def lessons(state: RunState) -> Iterator[str]:
    """The newest answer to each question; whether a criterion was met is no lesson."""
    for question in debrief(state):
        if question.answer is not None and question.origin is not Origin.CRITERION:
            yield question.answer.fact.text


def short(id: str) -> str:
    """A question's id without the name of its list."""
    return id.removeprefix(f"{LIST}.")


def _own(scenario: Scenario) -> Mapping[str, tuple[Origin, str]]:
    return {
        id: (Origin.CRITERION if id.startswith("criterion-") else Origin.SCENARIO, text)
        for id, text in scenario.own_questions.items()
    }
