"""The incident process and the debrief as JSON values: a part of a run's report."""

from __future__ import annotations

from typing import Any

from gameday.core.incident_process.account import Tenure
from gameday.core.incident_process.debrief import debrief
from gameday.core.incident_process.phase_times import PhaseTime
from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.process_section import process_section


def process_values(card: Scorecard) -> dict[str, Any] | None:
    """Phases, rules, roles and messages; None where the run was held against no process."""
    section = process_section(card)
    if section is None:
        return None
    return {
        "pace": section.pace,
        "clean_times": [
            {"id": time.id, "seconds": round(time.seconds, 3), "origin": str(time.origin)}
            for time in section.clean
        ],
        "phases": [_phase(time) for time in section.phases],
        "rules": [
            {
                "id": outcome.rule.id,
                "title": outcome.rule.title,
                "source": outcome.rule.source,
                "verdict": str(outcome.verdict),
                "why": outcome.why,
                "events": list(outcome.events),
            }
            for outcome in card.rules
        ],
        "roles": [
            {
                "role": str(held.role),
                "holder": held.tenure.holder,
                "from_event": held.tenure.entry,
                **_span(card, held.tenure),
            }
            for held in section.roles
        ],
        "messages": [
            {
                "event": word.entry,
                "by": word.fact.by,
                "audience": str(word.fact.audience),
                "status": None if word.fact.status is None else str(word.fact.status),
                "text": word.fact.text,
                "offset_s": round(card.offset(word.at), 3),
            }
            for word in section.messages
        ],
    }


def _span(card: Scorecard, tenure: Tenure) -> dict[str, float | None]:
    until = None if tenure.until is None else round(card.offset(tenure.until), 3)
    return {"from_s": round(card.offset(tenure.since), 3), "until_s": until}


def _phase(time: PhaseTime) -> dict[str, Any]:
    return {
        "id": time.phase.id,
        "title": time.phase.title,
        "source": time.phase.source,
        "verdict": str(time.verdict),
        "why": time.why,
        "from": str(time.phase.begins),
        "to": [str(end) for end in time.phase.ends],
        "from_event": time.begun.event if time.begun else None,
        "to_event": time.ended.event if time.ended else None,
        "seconds": None if time.seconds is None else round(time.seconds, 3),
        "window_s": None if time.window is None else round(time.window, 3),
    }


def debrief_values(card: Scorecard) -> list[dict[str, Any]]:
    """Every question with its newest answer."""
    return [
        {
            "id": question.id,
            "origin": str(question.origin),
            "question": question.text,
            "answer": question.answer.fact.text if question.answer else None,
            "by": question.answer.fact.by if question.answer else None,
            "events": [word.entry for word in question.answers],
        }
        for question in debrief(card.state)
    ]
