"""A probe's samples as a small plot: thinned by minimum and maximum, failures kept.

Thinning may hide no extreme and no failure: each slice of the axis keeps its lowest and its
highest value, and is marked when any sample in it failed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any, NamedTuple

from gameday.core.log import events as e
from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.axis import Axis
from gameday.reports.drawing import Bar, Plot

SLICES = 300
"""Slices of the axis; each keeps two points, so a plot has at most twice as many."""
_TOP = 3.0
_RUG = 5.0
_FEW_VALUES = 4


class Point(NamedTuple):
    """A sample: seconds after the start, whether it was good, and its number if it has one."""

    at: float
    ok: bool
    value: float | None


_OK, _VALUE = itemgetter(1), itemgetter(2)
"""Of a point; by these the extremes of thousands are found in no time."""


class _Slice(NamedTuple):
    low: Point | None
    high: Point | None
    failed: bool


def series(card: Scorecard) -> Mapping[str, list[Point]]:
    """Samples of every probe on the run's time, in order; right across a reboot too."""
    found: dict[str, list[Point]] = {name: [] for name in card.scenario.probes}
    new = tuple.__new__  # a hundred thousand points: half the time of Point()
    for record in card.records:
        if isinstance(record.event, e.SamplesRecorded):
            zero = record.at.boot - card.offset(record.at) * 1e9
            for probe, _, at, ok, value, _, _ in record.event.samples:
                points = found.get(probe)
                if points is None:
                    points = found[probe] = []
                points.append(new(Point, ((at - zero) / 1e9, ok, _number(value))))
    return found


def measured(points: Sequence[Point]) -> bool:
    """The values vary enough to be drawn as values; otherwise good and failed are drawn."""
    seen: set[float] = set()
    for point in points:
        if point.value is not None:
            seen.add(point.value)
            if len(seen) > _FEW_VALUES:
                return True
    return False


def plot(points: Sequence[Point], on: Axis, height: float, bounds: Sequence[float] = ()) -> Plot:
    """The drawing of one probe's samples. ``bounds``: ends of its tolerance."""
    values = measured(points)
    slices = _slices(points, on, values=values)
    numbers = [
        p.value for s in slices.values() for p in (s.low, s.high) if p and p.value is not None
    ]
    low, high = _scale(numbers, bounds) if values else (0.0, 1.0)
    room = height - _RUG - 2 * _TOP

    def y(value: float) -> float:
        return round(_TOP + (high - value) / (high - low) * room, 1)

    shown = [y(bound) for bound in bounds if low <= bound <= high] if values else []
    lines = _path(slices, on, y, step=not values)
    return Plot(lines, tuple(_rug(slices, on, height)), tuple(shown))


def _number(value: object) -> float | None:
    if type(value) is float or type(value) is int:
        return float(value) if value - value == 0 else None  # neither infinite nor NaN
    return None


def _slices(points: Sequence[Point], on: Axis, *, values: bool) -> Mapping[int, _Slice]:
    """Slices that have samples. Without values, good and failed are drawn as 1 and 0."""
    in_order = sorted(points, key=itemgetter(0))
    width = (on.end - on.start) / SLICES
    bounds = [bisect_left(in_order, (on.start + n * width,)) for n in range(1, SLICES)]
    edges = pairwise((0, *bounds, len(in_order)))
    return {
        index: _slice(in_order[first:last], values)
        for index, (first, last) in enumerate(edges)
        if first < last
    }


def _slice(points: Sequence[Point], values: bool) -> _Slice:
    failed = not all(map(_OK, points))
    if not values:
        low, high = min(points, key=_OK), max(points, key=_OK)
        return _Slice(
            low._replace(value=float(low.ok)), high._replace(value=float(high.ok)), failed
        )
    numbered = [point for point in points if point.value is not None]
    if not numbered:
        return _Slice(None, None, failed)
    return _Slice(*_ends(numbered, _VALUE), failed)


def _ends(points: Sequence[Point], by: Callable[[Point], Any]) -> tuple[Point, Point]:
    return min(points, key=by), max(points, key=by)


def _scale(numbers: Sequence[float], bounds: Sequence[float]) -> tuple[float, float]:
    low, high = min(numbers), max(numbers)
    near = [bound for bound in bounds if high < bound <= 2 * high]
    high = max(high, *near) if near else high
    if 0 < low < high / 2:
        low = 0.0
    return (low, high) if high > low else (low, low + 1.0)


def _path(
    slices: Mapping[int, _Slice], on: Axis, y: Callable[[float], float], *, step: bool
) -> str:
    """SVG path data, broken where samples have no value or are missing."""
    parts: list[str] = []
    last, gap = -2, _usual_gap(slices)
    for index, piece in sorted(slices.items()):
        points = _ordered(piece)
        if not points:
            last = -2
            continue
        fresh = last < 0 or index - last > gap
        for point in points:
            assert point.value is not None
            x, height = on.x(point.at), y(point.value)
            if fresh:
                parts.append(f"M{x:g} {height:g}")
            else:
                parts.append(f"H{x:g}V{height:g}" if step else f"L{x:g} {height:g}")
            fresh = False
        last = index
    return "".join(parts)


def _ordered(piece: _Slice) -> list[Point]:
    if piece.low is None or piece.high is None:
        return []
    if piece.low.value == piece.high.value:
        return [piece.low]
    return sorted((piece.low, piece.high))


def _usual_gap(slices: Mapping[int, _Slice]) -> int:
    """More empty slices than three times the usual distance are a gap in the samples."""
    indices = sorted(slices)
    gaps = sorted(later - earlier for earlier, later in pairwise(indices))
    return 3 * gaps[len(gaps) // 2] if gaps else 1


def _rug(slices: Mapping[int, _Slice], on: Axis, height: float) -> Iterator[Bar]:
    """Bars along the foot where samples failed, neighbours joined."""
    width = (on.right - on.left) / SLICES
    failed = sorted(index for index, piece in slices.items() if piece.failed)
    reach = _usual_gap(slices) if slices else 1
    run: list[int] = []
    for index in [*failed, None]:
        joined = run and index is not None and _joined(slices, run[-1], index, reach)
        if run and not joined:
            x = round(on.left + run[0] * width, 1)
            long = round(max((run[-1] - run[0] + 1) * width, 2.0), 1)
            yield Bar(x, long, height - _RUG, _RUG, "failed")
            run = []
        if index is not None:
            run.append(index)


def _joined(slices: Mapping[int, _Slice], last: int, index: int, reach: int) -> bool:
    """No good sample and no gap lies between two failed slices."""
    return index - last <= reach and not any(i in slices for i in range(last + 1, index))
