"""Drafts of a run's texts: the run from the store, the templates from a team's directory."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from gameday.core.drafts.facts import DraftFacts, draft_facts
from gameday.core.drafts.kinds import template_names
from gameday.core.drafts.words import date
from gameday.core.instant import Instant
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.words import StatusPhase
from gameday.reports.lines import line

if TYPE_CHECKING:
    from gameday.adapters.event_log.sqlite import SqliteEventLog


def facts_of(log: SqliteEventLog, card: Scorecard, phase: StatusPhase | None = None) -> DraftFacts:
    """What templates see of a run; the log says which run of its day it is. phase: what the
    status page is to show, where that is not what the run has come to."""
    day = date(card.started)
    same_day = [
        summary.run_id
        for summary in log.summaries()
        if summary.game_day and summary.started and date(Instant(summary.started, 0, "")) == day
    ]
    number = same_day.index(card.run_id) + 1 if card.run_id in same_day else 1
    return draft_facts(card, told(card), number, phase)


def told(card: Scorecard) -> Mapping[str, str]:
    """The entries that are worth a line, in words."""
    lines = ((record.id, line(record)) for record in card.records)
    return {entry: said.text for entry, said in lines if said}


def drafts(
    kind: str, facts: DraftFacts, directory: Path | None, audience: str | None = None
) -> Mapping[str, str]:
    """Texts by name: one, but for ``comms`` without an audience one for each. Raises
    InvalidFile."""
    from gameday.adapters.incident_process.drafts import render_draft
    from gameday.bootstrap.process_tables import check_directory

    check_directory(directory)
    names = template_names(kind, audience)
    return {name: render_draft(name, facts, directory) for name in names}
