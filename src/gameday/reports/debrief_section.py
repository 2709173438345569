"""The debrief in a report: what was answered, and what is still open."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gameday.core.incident_process.debrief import Origin, Question, debrief
from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.markdown_text import bullets, escape, references, table
from gameday.reports.wording import several


@dataclass(frozen=True, slots=True)
class DebriefSection:
    """criteria, own: the scenario's success criteria and questions that nobody has answered.
    more: so many open questions of the process. command: what asks them all."""

    answered: tuple[Question, ...]
    criteria: tuple[Question, ...]
    own: tuple[Question, ...]
    more: int
    command: str

    @property
    def rest(self) -> str:
        """What is open beside the scenario's own questions; empty for nothing."""
        return f"{several(self.more, 'question')} of the process still open" if self.more else ""


def debrief_section(card: Scorecard) -> DebriefSection | None:
    """The debrief of a run; None where nobody asks anything."""
    questions = debrief(card.state)
    if not questions:
        return None
    return DebriefSection(
        answered=tuple(question for question in questions if question.answer),
        criteria=_open(questions, Origin.CRITERION),
        own=_open(questions, Origin.SCENARIO),
        more=len(_open(questions, Origin.PROCESS)),
        command=f"gameday debrief --run {card.run_id}",
    )


def debrief_blocks(card: Scorecard) -> Iterator[str]:
    """The same as Markdown."""
    section = debrief_section(card)
    if section is None:
        return
    yield "## Debrief"
    if section.answered:
        rows = [
            (
                escape(question.text),
                escape(question.answer.fact.text),
                escape(question.answer.fact.by),
                references([question.answer.entry]),
            )
            for question in section.answered
            if question.answer
        ]
        yield table(("Question", "Answer", "By", "Entry"), rows)
    for title, questions in (("Success criteria", section.criteria), ("Questions", section.own)):
        if questions:
            yield f"**{title}**"
            yield bullets(f"[ ] {escape(question.text)} ({question.id})" for question in questions)
    if section.rest:
        yield f"{section.rest}; `{section.command}` asks them."


def _open(questions: tuple[Question, ...], origin: Origin) -> tuple[Question, ...]:
    return tuple(q for q in questions if q.origin is origin and q.answer is None)
