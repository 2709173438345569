"""Trends as one HTML file."""

from __future__ import annotations

from gameday.core.instant import Instant
from gameday.core.trends.trends import Trends
from gameday.reports import trends_words, wording
from gameday.reports.page import Filters, page
from gameday.reports.trend_plot import trend_plot

_WORDS = ("amended", "change", "drills", "interval", "middle", "on_time", "reach")
_FILTERS: Filters = {
    **{name: getattr(trends_words, name) for name in _WORDS},
    "trend_plot": trend_plot,
}


def to_html(trends: Trends) -> str:
    """The trends as one HTML file, like the report of a run."""
    started = [p.run.started for g in trends.groups for s in g.series for p in s.points]
    latest = Instant(max(started), 0, "") if started else None
    covered = (
        ("Services", trends.coverage.services),
        ("Fault families", trends.coverage.families),
        ("Roles", trends.coverage.roles),
    )
    return page(
        "trends.html.j2",
        _FILTERS,
        trends=trends,
        covered=covered,
        rules=trends_words.RULES,
        latest=wording.long_day(latest) if latest else "",
    )
