"""What a report asks for, as work to be tracked: a Markdown checklist, or payloads for issues of
GitHub and Jira. Each has a mark that names run and item, so that none need be sent twice.

Payloads follow GitHub's REST API (create an issue) and Jira's (version 2, create issue).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.lines import line
from gameday.reports.markdown_text import bullets, escape
from gameday.reports.next_steps import next_steps
from gameday.reports.wording import clean, day

LABEL = "gameday"
LONGEST = 250
"""Characters of a title: GitHub takes 256, Jira 255."""


@dataclass(frozen=True, slots=True)
class ActionItem:
    """mark: the same for the same words about the same run. evidence: entries and what they say."""

    mark: str
    title: str
    urgent: bool
    evidence: tuple[tuple[str, str], ...]


def action_items(card: Scorecard) -> tuple[ActionItem, ...]:
    """An item for each thing that the report says to do, where it names what went wrong."""
    told = {record.id: line(record) for record in card.records}
    items = []
    for step in next_steps(card):
        if step.events or step.urgent:
            evidence = tuple((e, said.text) for e in step.events if (said := told.get(e)))
            mark = f"gameday:{card.run_id}:{sha256(step.text.encode()).hexdigest()[:8]}"
            items.append(ActionItem(mark, step.text.rstrip("."), step.urgent, evidence))
    return tuple(items)


def to_checklist(card: Scorecard, items: Sequence[ActionItem]) -> str:
    """A list with boxes, and room for an owner and a date."""
    head = f"# Action items: {escape(card.scenario.title)}\n\n{card.run_id}, {day(card.started)}"
    if not items:
        return clean(f"{head}\n\nNothing is due.\n")
    boxes = [
        f"[ ] {'**Now:** ' if item.urgent else ''}{escape(item.title)} "
        f"(owner: ____, due: ____) <!-- {item.mark} -->"
        for item in items
    ]
    return clean(f"{head}\n\n{bullets(boxes)}\n")


def to_github(card: Scorecard, items: Sequence[ActionItem]) -> list[dict[str, Any]]:
    """Bodies for ``POST /repos/{owner}/{repo}/issues``."""
    return [
        {
            "title": clean(item.title)[:LONGEST],
            "body": clean(_body(card, item, f"<!-- {item.mark} -->")),
            "labels": [LABEL, *(["urgent"] if item.urgent else [])],
        }
        for item in items
    ]


def to_jira(card: Scorecard, items: Sequence[ActionItem], project: str) -> list[dict[str, Any]]:
    """Bodies for ``POST /rest/api/2/issue``."""
    return [
        {
            "fields": {
                "project": {"key": project},
                "issuetype": {"name": "Task"},
                "summary": clean(item.title)[:LONGEST].replace("\n", " "),
                "description": clean(_body(card, item, item.mark)),
                "labels": [LABEL, *(["urgent"] if item.urgent else [])],
            }
        }
        for item in items
    ]


def _body(card: Scorecard, item: ActionItem, mark: str) -> str:
    scenario = card.scenario
    said = [f"{event}: {text}" for event, text in item.evidence]
    return "\n".join(
        (
            f"From the game day {scenario.title!r} on {day(card.started)}, run {card.run_id}.",
            "",
            *(said and ["What the log says:", *(f"- {text}" for text in said), ""]),
            f"`gameday report {card.run_id}` makes the whole report again.",
            "",
            mark,
        )
    )
