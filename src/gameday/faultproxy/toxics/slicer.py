"""``slicer``: bytes arrive in small slices."""

import random
from dataclasses import dataclass
from typing import ClassVar

from gameday.faultproxy.errors import BadRequestBodyError
from gameday.faultproxy.fields import INT, Kind
from gameday.faultproxy.toxics.base import Lane, Settings, Sink
from gameday.faultproxy.toxics.piecewise import PiecewiseStage

LARGEST_READ = 32 * 1024
"""The original reads no more at once, and never slices sizes over that."""


@dataclass(frozen=True, slots=True)
class Slicer(Settings):
    """Slices of ``average_size`` bytes, plus or minus ``size_variation``, ``delay`` µs apart."""

    go_name: ClassVar[str] = "SlicerToxic"
    kind: ClassVar[Kind] = INT
    average_size: int = 0
    size_variation: int = 0
    delay: int = 0

    def check(self) -> None:
        """Refuse sizes with which the original halves for ever, or outside of its buffer."""
        sliced_over = self.average_size + self.size_variation
        if sliced_over < 1:
            raise BadRequestBodyError(
                f"average_size and size_variation must add up to 1 or more, not {sliced_over}"
            )
        if self.size_variation > self.average_size + 1 and sliced_over < LARGEST_READ:
            raise BadRequestBodyError(
                f"size_variation must not be larger than average_size, {self.average_size}"
            )

    def stage(self, lane: Lane, sink: Sink) -> "SlicerStage":
        """Start slicing one direction of a connection."""
        return SlicerStage(self, lane, sink)


class SlicerStage(PiecewiseStage):
    """A slice leaves at once when the line is free, which is then busy for the delay."""

    def __init__(self, settings: Slicer, lane: Lane, sink: Sink) -> None:
        super().__init__(lane, sink)
        self._settings = settings

    def piece(self, available: int) -> int:
        variation = max(self._settings.size_variation, 0)
        size = self._settings.average_size + random.randint(-variation, variation)
        return min(max(size, 1), available)

    def times(self, start: float, size: int) -> tuple[float, float]:
        return start, start + max(self._settings.delay, 0) / 1_000_000

    def update(self, settings: Settings) -> None:
        if not isinstance(settings, Slicer):
            raise TypeError(f"not settings of a slicer toxic: {settings!r}")
        self._settings = settings
        self.rearrange()
