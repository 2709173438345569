"""Trends as JSON and as CSV, a row a point: for scripts and spreadsheets."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from math import isinf
from typing import Any

from gameday.core.trends.statistics.median import Median
from gameday.core.trends.trends import Group, IncidentFigures, Point, Series, Trends

SCHEMA_VERSION = 1
COLUMNS = (
    *("group", "time", "run", "scenario", "started", "seconds", "observed_s", "target_s"),
    *("verdict", "counted", "breaks", "marks"),
)

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def to_json(trends: Trends) -> dict[str, Any]:
    """The trends as JSON values; times in seconds."""
    coverage = trends.coverage
    return {
        "schema_version": SCHEMA_VERSION,
        "by": str(trends.grouping),
        "groups": [_group(group) for group in trends.groups],
        "coverage": {
            "services": dict(coverage.services),
            "families": dict(coverage.families),
            "roles": dict(coverage.roles),
        },
        "incidents": {
            "n": trends.incidents,
            "times": [_incident(figures) for figures in trends.incident_figures],
        },
    }


def to_csv(trends: Trends) -> str:
    """Every point of every group; lists within a cell are separated by semicolons. A text that a
    spreadsheet would take for a formula stands behind an apostrophe (OWASP, CSV injection)."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(trends))
    return text.getvalue()


def _rows(trends: Trends) -> Iterator[dict[str, Any]]:
    for group in trends.groups:
        for series in group.series:
            for point in series.points:
                row = _point(point)
                lists = {name: "; ".join(row[name]) for name in ("breaks", "marks")}
                cells = {"group": group.key, "time": series.name, **row, **lists}
                yield {name: _harmless(cell) for name, cell in cells.items()}


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def _group(group: Group) -> dict[str, Any]:
    return {
        "id": group.key,
        "runs": group.runs,
        "valid": group.valid,
        "times": [_series(series) for series in group.series],
        "repeated": [
            {"finding": one.finding, "times": one.times, "latest": one.latest}
            for one in group.repeated
        ],
    }


def _series(series: Series) -> dict[str, Any]:
    share, found = series.on_time, series.trend
    return {
        "name": series.name,
        **_median(series.median),
        "shortest_s": _rounded(series.shortest),
        "longest_s": _rounded(series.longest),
        "on_time": share
        and {
            "hits": share.hits,
            "n": share.n,
            "share": round(share.value, 4),
            "low": round(share.low, 4),
            "high": round(share.high, 4),
        },
        "change": str(found.change),
        "change_p": None if found.p is None else round(found.p, 5),
        "points": [_point(point) for point in series.points],
    }


def _median(median: Median) -> dict[str, Any]:
    known = median.confidence is not None
    endless = median.high is not None and isinf(median.high)
    return {
        "n": median.n,
        "censored": median.censored,
        "median_s": _rounded(median.value),
        "interval": {
            "low_s": _rounded(median.low),
            "high_s": None if endless else _rounded(median.high),
            "confidence": round(median.confidence or 0, 4),
        }
        if known
        else None,
    }


def _point(point: Point) -> dict[str, Any]:
    time = point.time
    return {
        "run": point.run.run_id,
        "scenario": point.run.title,
        "started": datetime.fromtimestamp(point.run.started, UTC).isoformat(timespec="seconds"),
        "seconds": _rounded(time.seconds),
        "observed_s": _rounded(time.observed),
        "target_s": time.target,
        "verdict": str(time.verdict),
        "counted": point.counted,
        "breaks": list(point.breaks),
        "marks": list(point.marks),
    }


def _incident(figures: IncidentFigures) -> dict[str, Any]:
    return {
        "name": figures.name,
        **_median(figures.median),
        "shortest_s": _rounded(figures.shortest),
        "longest_s": _rounded(figures.longest),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)
