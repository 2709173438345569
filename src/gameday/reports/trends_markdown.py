"""Trends as GitHub Markdown, in the same order as the HTML."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gameday.core.trends.trends import Group, Trends
from gameday.reports.markdown_text import bullets, escape, table
from gameday.reports.trends_words import (
    RULES,
    change,
    drills,
    interval,
    middle,
    on_time,
    reach,
    told,
)
from gameday.reports.wording import clean, several, took, words

Lines = Iterator[str]


def to_markdown(trends: Trends) -> str:
    """The trends; the same results always give the same bytes."""
    blocks = [
        f"# Trends by {trends.grouping}",
        *(block for group in trends.groups for block in _group(group)),
        *([] if trends.groups else ["No game day has ended yet."]),
        *_coverage(trends),
        *_incidents(trends),
        "## What the figures say",
        bullets(RULES),
    ]
    return clean("\n\n".join(blocks) + "\n")


def _group(group: Group) -> Lines:
    yield f"## {escape(group.key)}"
    yield drills(group.runs, group.valid)
    rows = [
        (
            escape(words(series.name)),
            str(series.median.n),
            middle(series.median),
            interval(series.median),
            reach(series),
            on_time(series),
            change(series.trend),
        )
        for series in group.series
    ]
    head = ("Time to", "n", "Median", "Interval", "Shortest to longest", "On time", "Change")
    yield table(head, rows, "lrrllll")
    yield "<details><summary>Every point</summary>"
    points = [
        (escape(words(series.name)), escape(point.run.run_id), escape(told(point)))
        for series in group.series
        for point in series.points
    ]
    yield table(("Time to", "Run", "Took"), points, "lll")
    yield "</details>"
    if group.repeated:
        yield "**Found again and again**"
        yield bullets(
            f"{escape(one.finding)}: in {several(one.times, 'drill')}, last in {escape(one.latest)}"
            for one in group.repeated
        )


def _coverage(trends: Trends) -> Lines:
    yield "## Coverage"
    coverage = trends.coverage
    parts: Mapping[str, Mapping[str, int]] = {
        "Services": coverage.services,
        "Fault families": coverage.families,
        "Roles": coverage.roles,
    }
    rows = [
        (
            name,
            escape(", ".join(f"{words(k)} ({n})" for k, n in counts.items() if n)) or "–",
            escape(", ".join(words(k) for k, n in counts.items() if not n)) or "–",
        )
        for name, counts in parts.items()
    ]
    yield table(("", "Drilled (runs)", "Never drilled"), rows, "lll")


def _incidents(trends: Trends) -> Lines:
    if not trends.incidents:
        return
    yield "## Real incidents"
    yield f"{several(trends.incidents, 'incident')}, beside the drills and never mixed with them."
    rows = [
        (
            escape(words(figures.name)),
            str(figures.median.n),
            middle(figures.median),
            interval(figures.median),
            f"{took(figures.shortest)} to {took(figures.longest)}",
        )
        for figures in trends.incident_figures
    ]
    yield table(("Time to", "n", "Median", "Interval", "Shortest to longest"), rows, "lrrll")
