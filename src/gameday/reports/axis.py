"""The one time axis that all lanes share, and the times at which its ticks stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from gameday.core.duration import format_duration

_STEPS = (
    *(0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30),
    *(60 * m for m in (1, 2, 5, 10, 15, 30)),
    *(3600 * h for h in (1, 2, 3, 6, 12, 24, 48, 168)),
)
_MOST_TICKS = 11
_DAY = 86_400.0
_WEEK = 7 * _DAY


@dataclass(frozen=True, slots=True)
class Axis:
    """Seconds after the run's start to horizontal places, from ``left`` to ``right``."""

    start: float
    end: float
    left: float
    right: float

    def x(self, seconds: float) -> float:
        """Where a time stands; what lies outside stands at the edge."""
        share = (seconds - self.start) / (self.end - self.start)
        return round(self.left + min(max(share, 0.0), 1.0) * (self.right - self.left), 1)

    def shows(self, seconds: float) -> bool:
        """Whether a time lies on the axis."""
        return self.start <= seconds <= self.end

    @property
    def seconds_per_unit(self) -> float:
        """Seconds in one unit of width."""
        return (self.end - self.start) / (self.right - self.left)


@dataclass(frozen=True, slots=True)
class Tick:
    """A time worth a label."""

    x: float
    label: str


def axis(times: Sequence[float], left: float, right: float) -> Axis:
    """The axis that shows all these times and the start; at least a second long."""
    start, end = min((*times, 0.0)), max((*times, 0.0))
    return Axis(start, max(end, start + 1.0), left, right)


def ticks(on: Axis) -> tuple[Tick, ...]:
    """Round times along the axis, few enough to read."""
    span = on.end - on.start
    weeks = math.ceil(span / _WEEK / (_MOST_TICKS - 1)) * _WEEK
    step = next((s for s in _STEPS if span / s < _MOST_TICKS), weeks)
    first = -int(-on.start / step + 1e-9) if on.start < 0 else 0
    count = int((on.end - first * step) / step + 1e-9) + 1
    return tuple(_tick(on, (first + n) * step) for n in range(count))


def _tick(on: Axis, seconds: float) -> Tick:
    if abs(seconds) < 1e-9:
        return Tick(on.x(0.0), "start")
    if seconds % _DAY == 0:
        label = f"{seconds / _DAY:g}d"
    else:
        label = format_duration(seconds) if seconds % 1 == 0 else f"{seconds:.1f}s"
    return Tick(on.x(seconds), label.replace("-", "−"))
