"""What the figures of a series say, in words that claim no more than they do."""

from __future__ import annotations

from collections.abc import Iterator
from math import isinf

from gameday.core.trends.statistics.median import FEWEST as FEWEST_FOR_MEDIAN
from gameday.core.trends.statistics.median import Median
from gameday.core.trends.statistics.trend import FALSE_ALARMS, Change, Trend
from gameday.core.trends.statistics.trend import FEWEST as FEWEST_FOR_TREND
from gameday.core.trends.trends import LATEST, Group, Point, Series
from gameday.reports.wording import limit, listed, several, took

RULES = (
    "Only valid runs count, and of each scenario only those since it last became another exercise.",
    f"The interval holds the true median with 95 % or more, whatever the distribution; it needs "
    f"{FEWEST_FOR_MEDIAN} drills.",
    "The share on time has a 95 % interval after Wilson. A time that was not reached is censored: "
    "it counts as longer than the run lasted, by nobody knows how much (Kaplan and Meier).",
    f"A change is called only by Mann's test over the latest {LATEST} drills, which calls at most "
    f"{100 * FALSE_ALARMS:.0f} % of steady series changed; with fewer than {FEWEST_FOR_TREND} "
    "nobody can tell.",
    "Drills in which hints were given or entries annulled count like any other, and are marked.",
    "Persons are not compared.",
)
"""What every report of trends says of its own figures."""


def middle(median: Median) -> str:
    """The median as a time, or that half of the drills did not reach it."""
    if not median.n:
        return "–"
    return "not reached by half" if median.value is None else took(median.value)


def interval(median: Median) -> str:
    """The median's interval, or why there is none."""
    if median.low is None or median.high is None or median.confidence is None:
        return f"too few to tell ({median.n} of {FEWEST_FOR_MEDIAN})"
    high = "not reached" if isinf(median.high) else took(median.high)
    return f"{took(median.low)} to {high} ({100 * median.confidence:.1f} %)"


def reach(series: Series) -> str:
    """The shortest and the longest of those reached."""
    if series.shortest is None or series.longest is None:
        return "–"
    return f"{took(series.shortest)} to {took(series.longest)}"


def on_time(series: Series) -> str:
    """How many kept the target, and what that proves."""
    share = series.on_time
    if share is None:
        return "–"
    return f"{share.hits} of {share.n} ({100 * share.low:.0f} % to {100 * share.high:.0f} %)"


def change(trend: Trend) -> str:
    """Whether the times became longer or shorter, or that nobody can tell."""
    if trend.change is Change.TOO_FEW:
        return f"too few to tell ({trend.n} of {FEWEST_FOR_TREND})"
    if trend.change is Change.NONE_SEEN:
        return f"no change seen (p = {trend.p:.3f})"
    return f"{trend.change} over time (p = {trend.p:.3f})"


def told(point: Point) -> str:
    """One point as a person would say it."""
    time = point.time
    if time.seconds is not None:
        said = took(time.seconds)
    elif time.observed is not None:
        said = f"not within {took(time.observed)}"
    else:
        said = "not known"
    parts = [f"{said}, target {limit(time.target)}: {time.verdict}", *point.marks]
    if point.breaks:
        parts.append(f"another exercise from here on ({', '.join(point.breaks)})")
    if not point.counted:
        parts.append("does not count")
    return "; ".join(parts)


_MOST_AMENDED = 12
"""So many runs are named, the latest; every point of the other formats says it."""


def amended(group: Group) -> str:
    """Which runs of a group had hints or annulled entries; empty where none had."""
    runs = list(dict(_amended(group)).values())
    shown = runs[-_MOST_AMENDED:]
    more = [several(len(runs) - len(shown), "earlier drill")] if len(runs) > len(shown) else []
    return listed([*more, *shown])


def _amended(group: Group) -> Iterator[tuple[str, str]]:
    for series in group.series:
        for point in series.points:
            if point.amended:
                yield point.run.run_id, f"{point.run.run_id} ({', '.join(point.marks)})"


def drills(runs: int, valid: int) -> str:
    """How many drills, and how many of them count."""
    return several(runs, "drill") + ("" if valid == runs else f", {valid} of them valid")
