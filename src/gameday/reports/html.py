"""The scorecard as one HTML file: printable, no request to anywhere, no script.

Everything that comes from people is escaped by the templates; only this package's own style
sheet is inlined as it is. The page's own policy forbids any request, should one slip in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from gameday.core import events as e
from gameday.core.instant import Instant
from gameday.core.scorecard import Scorecard
from gameday.core.since_last import SinceLast
from gameday.core.trends import Trends
from gameday.reports import since_words, system_words, trends_words, wording
from gameday.reports.debrief_section import debrief_section
from gameday.reports.definitions import MEANINGS, RULES, clocks
from gameday.reports.entries import entries
from gameday.reports.next_steps import next_steps
from gameday.reports.postmortem import ACTION_COLUMNS, PURPOSE, SECTIONS, Postmortem
from gameday.reports.process_section import audience, paced, process_section, window
from gameday.reports.story import answers, judgements, rebooted, standing
from gameday.reports.timeline import timeline
from gameday.reports.trend_plot import trend_plot


def to_html(card: Scorecard, since: SinceLast | None = None) -> str:
    """The report of a run; the same records always give the same bytes. since: the comparison
    with the scenario's last run."""
    rows = entries(card)
    link = _linker({row.id for row in rows})
    return wording.clean(
        _templates()
        .get_template("report.html.j2")
        .render(
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
            links=_listing(link),
            began=_began(card),
            since=since,
            process=process_section(card),
            debrief=debrief_section(card),
            readings_are=system_words.READINGS,
        )
    )


def trends_to_html(trends: Trends) -> str:
    """The trends as one HTML file, like the report of a run."""
    started = [p.started for g in trends.groups for s in g.series for p in s.points]
    latest = Instant(max(started), 0, "") if started else None
    covered = (
        ("Services", trends.coverage.services),
        ("Fault families", trends.coverage.families),
        ("Roles", trends.coverage.roles),
    )
    return wording.clean(
        _templates()
        .get_template("trends.html.j2")
        .render(
            trends=trends,
            covered=covered,
            rules=trends_words.RULES,
            latest=wording.long_day(latest) if latest else "",
        )
    )


def postmortem_to_html(document: Postmortem) -> str:
    """A postmortem as one HTML file, like the report of a run."""
    link = _linker({row.id for row in document.timeline})
    return wording.clean(
        _templates()
        .get_template("postmortem.html.j2")
        .render(
            document=document,
            sections=SECTIONS,
            columns=ACTION_COLUMNS,
            purpose=PURPOSE,
            links=_listing(link),
        )
    )


def _began(card: Scorecard) -> str | None:
    """The entry from which samples count."""
    starts = (record.id for record in card.records if isinstance(record.event, e.RunStarted))
    return next(starts, None)


Link = Callable[[object, str | None], Markup | str]


def _linker(known: set[str]) -> Link:
    """Text that leads to an entry, or plain text where the log shows no such row."""

    def link(text: object, event: str | None) -> Markup | str:
        if event is None or event not in known:
            return str(text)
        return Markup('<a href="#{}">{}</a>').format(event, text)

    return link


def _listing(link: Link) -> Callable[[Iterable[str | None]], Markup]:
    """Entries by their ids, each a link."""

    def links(events: Iterable[str | None]) -> Markup:
        return Markup(" ").join(link(event, event) for event in events if event)

    return links


@cache
def _templates() -> Environment:
    loader = PackageLoader("gameday.reports")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(_filters())
    style, _, _ = loader.get_source(environment, "report.css")
    environment.globals["style"] = Markup(style)  # our own file: nothing of a user's is in it
    return environment


def _filters() -> dict[str, Callable[..., Any]]:
    names = (
        *("clock", "coded", "day", "limit", "long_day", "minute", "offset", "percent", "points"),
        *("sentence", "several", "sign", "took", "tone", "words"),
    )
    of_system = (
        *("burn_rate", "expected_of_system", "hints", "kind", "phases", "promised"),
        *("reading_rows", "spent"),
    )
    of_trends = ("amended", "change", "drills", "interval", "middle", "on_time", "reach")
    return {
        **{name: getattr(wording, name) for name in names},
        **{name: getattr(trends_words, name) for name in of_trends},
        **{name: getattr(system_words, name) for name in of_system},
        "trend_plot": trend_plot,
        "audience": audience,
        "paced": paced,
        "window": window,
        "compared": since_words.compared,
        "findings": since_words.findings,
    }
