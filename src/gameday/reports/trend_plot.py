"""A series as a drawing: every point in order, each against the target that held for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from gameday.core.trends.trends import Point, Series
from gameday.core.words import TimeVerdict
from gameday.reports.trends_words import told
from gameday.reports.wording import limit, took

WIDTH, HEIGHT = 640.0, 150.0
LEFT, RIGHT, TOP, BOTTOM = 70.0, 12.0, 10.0, 22.0
MOST = 120
"""So many points are drawn, the latest; JSON and CSV have all."""
FAR = 2.5
"""A target that many times above the highest point is not drawn: it would flatten the points."""


@dataclass(frozen=True, slots=True)
class Dot:
    """x, y: its middle. kind: met, missed, censored or uncounted. ringed: hints were given in the
    run, or entries annulled."""

    x: float
    y: float
    kind: str
    text: str
    ringed: bool


@dataclass(frozen=True, slots=True)
class Step:
    """The target between two points."""

    x: float
    end: float
    y: float


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark of the axis of times."""

    y: float
    text: str


@dataclass(frozen=True, slots=True)
class TrendPlot:
    """left_out: points before the first that is drawn. breaks: where the exercise changed.
    target: the latest one, in words."""

    width: float
    height: float
    dots: tuple[Dot, ...]
    steps: tuple[Step, ...]
    ticks: tuple[Tick, ...]
    breaks: tuple[float, ...]
    left_out: int
    target: str


def trend_plot(series: Series) -> TrendPlot:
    """The drawing of a series."""
    points = series.points[-MOST:]
    highest = max(_height(point) for point in points) or 1.0
    targets = [p.time.target for p in points if p.time.target <= FAR * highest]
    top = max(highest, *targets, 0.0) * 1.08
    across = [_x(index, len(points)) for index in range(len(points))]
    return TrendPlot(
        width=WIDTH,
        height=HEIGHT,
        dots=tuple(_dots(points, across, top)),
        steps=tuple(_steps(points, across, top)),
        ticks=tuple(Tick(_y(part * top, top), took(part * top)) for part in (0, 0.5, 0.9)),
        breaks=tuple(
            round((before + x) / 2, 1)
            for (before, x), point in zip(pairwise(across), points[1:], strict=True)
            if point.breaks
        ),
        left_out=len(series.points) - len(points),
        target=limit(points[-1].time.target),
    )


def _height(point: Point) -> float:
    seconds = point.time.seconds
    return (point.time.observed or 0.0) if seconds is None else seconds


def _x(index: int, count: int) -> float:
    return round(LEFT + (WIDTH - LEFT - RIGHT) * (index + 0.5) / count, 1)


def _y(seconds: float, top: float) -> float:
    return round(HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * seconds / top, 1)


def _dots(points: Sequence[Point], across: Sequence[float], top: float) -> Iterator[Dot]:
    for x, point in zip(across, points, strict=True):
        kind = str(point.time.verdict) if point.counted else "uncounted"
        if point.counted and point.time.seconds is None:
            kind = str(TimeVerdict.CENSORED)
        text = f"{point.run.run_id}: {told(point)}"
        yield Dot(x, _y(_height(point), top), kind, text, point.amended)


def _steps(points: Sequence[Point], across: Sequence[float], top: float) -> Iterator[Step]:
    half = (WIDTH - LEFT - RIGHT) / len(points) / 2
    start = across[0] - half
    for index, (x, point) in enumerate(zip(across, points, strict=True)):
        last = index + 1 == len(points)
        if last or points[index + 1].time.target != point.time.target:
            if point.time.target <= top:
                yield Step(round(start, 1), round(x + half, 1), _y(point.time.target, top))
            start = x + half
