"""A probe's samples as a small plot: thinned by minimum and maximum, failures kept.

Thinning may hide no extreme and no failure: each slice of the axis keeps its lowest and its
highest value, and is marked when any sample in it failed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from typing import NamedTuple

from gameday.core.instant import Instant
from gameday.core.log import events as e
from gameday.core.log.events import Record, Sample
from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.axis import Axis
from gameday.reports.drawing import Bar, Plot

SLICES = 300
"""Slices of the axis; each keeps two points, so a plot has at most twice as many."""
_TOP = 3.0
_RUG = 5.0
_FEW_VALUES = 4


@dataclass(frozen=True)
class Series:
    """A probe's samples in the order of their time, in columns: there can be a hundred thousand.

    at: seconds after the start. ok: whether each was good. values: its number, None where it has
    none that is finite.
    """

    at: Sequence[float]
    ok: Sequence[bool]
    values: Sequence[float | None]

    @cached_property
    def measured(self) -> bool:
        """The values vary enough to be drawn as values; otherwise good and failed are drawn."""
        return len(set(self.values) - {None}) > _FEW_VALUES


class _Point(NamedTuple):
    at: float
    value: float


class _Slice(NamedTuple):
    low: _Point | None
    high: _Point | None
    failed: bool


def series(card: Scorecard) -> Mapping[str, Series]:
    """Samples of every probe on the run's time; right across a reboot too."""
    pieces: dict[str, list[Series]] = {name: [] for name in card.scenario.probes}
    chunks = (record for record in card.records if isinstance(record.event, e.SamplesRecorded))
    for zero, of_boot in groupby(chunks, lambda record: _zero(card, record.at)):
        for probe, samples in _by_probe(of_boot).items():
            pieces.setdefault(probe, []).append(_columns(samples, zero))
    return {name: _in_order(found) for name, found in pieces.items()}


def _zero(card: Scorecard, at: Instant) -> float:
    """Where the run's start lies on the clock of a boot, in nanoseconds."""
    if at.boot_id == card.started.boot_id:
        return card.started.boot
    return at.boot - card.offset(at) * 1e9


def plot(found: Series, on: Axis, height: float, bounds: Sequence[float] = ()) -> Plot:
    """The drawing of one probe's samples. ``bounds``: ends of its tolerance."""
    values = found.measured
    slices = _slices(found, on)
    numbers = [point.value for s in slices.values() for point in (s.low, s.high) if point]
    low, high = _scale(numbers, bounds) if values else (0.0, 1.0)
    room = height - _RUG - 2 * _TOP

    def y(value: float) -> float:
        return round(_TOP + (high - value) / (high - low) * room, 1)

    shown = [y(bound) for bound in bounds if low <= bound <= high] if values else []
    lines = _path(slices, on, y, step=not values)
    return Plot(lines, tuple(_rug(slices, on, height)), tuple(shown))


def _by_probe(records: Iterable[Record]) -> Mapping[str, list[Sample]]:
    found: dict[str, list[Sample]] = defaultdict(list)
    for record in records:
        assert isinstance(record.event, e.SamplesRecorded)
        for sample in record.event.samples:
            found[sample.probe].append(sample)
    return found


def _columns(samples: Sequence[Sample], zero: float) -> Series:
    values = (sample.value for sample in samples)
    return Series(
        at=[(sample.at - zero) / 1e9 for sample in samples],
        ok=[sample.ok for sample in samples],
        # what _number says of nearly all of them; to call it for each takes as long as the rest
        values=[v if type(v) is float and v - v == 0 else _number(v) for v in values],
    )


def _number(value: object) -> float | None:
    """The value, where it is a number that is neither infinite nor NaN."""
    if type(value) is float or type(value) is int:
        return float(value) if value - value == 0 else None
    return None


def _in_order(pieces: Sequence[Series]) -> Series:
    """One series; a sample whose answer was slow is recorded after later ones."""
    at = [time for piece in pieces for time in piece.at]
    ok = [good for piece in pieces for good in piece.ok]
    values = [value for piece in pieces for value in piece.values]
    if sorted(at) == at:  # nearly always
        return Series(at, ok, values)
    order = sorted(range(len(at)), key=at.__getitem__)
    return Series([at[n] for n in order], [ok[n] for n in order], [values[n] for n in order])


def _slices(found: Series, on: Axis) -> Mapping[int, _Slice]:
    """Slices that have samples. Without values, good and failed are drawn as 1 and 0."""
    values = found.values if found.measured else [float(good) for good in found.ok]
    width = (on.end - on.start) / SLICES
    bounds = [bisect_left(found.at, on.start + n * width) for n in range(1, SLICES)]
    edges = pairwise((0, *bounds, len(found.at)))
    return {
        index: _slice(found.at[first:last], values[first:last], not all(found.ok[first:last]))
        for index, (first, last) in enumerate(edges)
        if first < last
    }


def _slice(at: Sequence[float], values: Sequence[float | None], failed: bool) -> _Slice:
    numbers = [value for value in values if value is not None]
    if not numbers:
        return _Slice(None, None, failed)
    low, high = min(numbers), max(numbers)
    return _Slice(_Point(at[values.index(low)], low), _Point(at[values.index(high)], high), failed)


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
            x, height = on.x(point.at), y(point.value)
            if fresh:
                parts.append(f"M{x:g} {height:g}")
            else:
                parts.append(f"H{x:g}V{height:g}" if step else f"L{x:g} {height:g}")
            fresh = False
        last = index
    return "".join(parts)


def _ordered(piece: _Slice) -> list[_Point]:
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
