"""The scorecard as one HTML file."""

from __future__ import annotations

from gameday.core.log import events as e
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.trends.since_last import SinceLast
from gameday.reports import since_words, system_words
from gameday.reports.debrief_section import debrief_section
from gameday.reports.definitions import MEANINGS, RULES, clocks
from gameday.reports.entries import entries
from gameday.reports.next_steps import next_steps
from gameday.reports.page import Filters, linker, listing, page
from gameday.reports.process_section import audience, paced, process_section, window
from gameday.reports.story import answers, judgements, rebooted, standing
from gameday.reports.timeline import timeline

_OF_SYSTEM = (
    *("burn_rate", "expected_of_system", "hints", "kind", "phases", "promised"),
    "reading_rows",
)
_FILTERS: Filters = {
    **{name: getattr(system_words, name) for name in _OF_SYSTEM},
    "audience": audience,
    "paced": paced,
    "window": window,
    "compared": since_words.compared,
    "findings": since_words.findings,
}


def to_html(card: Scorecard, since: SinceLast | None = None) -> str:
    """The report of a run; the same records always give the same bytes. since: the comparison
    with the scenario's last run."""
    rows = entries(card)
    link = linker({row.id for row in rows})
    return page(
        "report.html.j2",
        _FILTERS,
        card=card,
        scenario=card.scenario,
        answers=answers(card),
        judgements=judgements(card),
        standing=standing(card),
        rebooted=rebooted(card.records),
        steps=next_steps(card),
        timeline=timeline(card),
        clocks=clocks(card),
        meanings=MEANINGS,
        rules=RULES,
        rows=rows,
        link=link,
        links=listing(link),
        began=_began(card),
        since=since,
        process=process_section(card),
        debrief=debrief_section(card),
        readings_are=system_words.READINGS,
    )


def _began(card: Scorecard) -> str | None:
    """The entry from which samples count."""
    starts = (record.id for record in card.records if isinstance(record.event, e.RunStarted))
    return next(starts, None)
