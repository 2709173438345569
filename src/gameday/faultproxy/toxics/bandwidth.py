"""``bandwidth``: no more than so many bytes a second."""

from dataclasses import dataclass
from typing import ClassVar

from gameday.faultproxy.errors import BadRequestBodyError
from gameday.faultproxy.fields import INT64_MAX
from gameday.faultproxy.toxics.base import Lane, Settings, Sink
from gameday.faultproxy.toxics.piecewise import PiecewiseStage

RATE_MAX = INT64_MAX // 100
QUANTUM_MS = 10
"""A piece is what the line carries in this time, so that the stream flows evenly."""


@dataclass(frozen=True, slots=True)
class Bandwidth(Settings):
    """Pass ``rate`` kilobytes (of 1,000 bytes) a second; at 0 nothing passes."""

    go_name: ClassVar[str] = "BandwidthToxic"
    rate: int = 0

    def check(self) -> None:
        """Refuse rates that crash the original: negative ones, and those it overflows with."""
        if not 0 <= self.rate <= RATE_MAX:
            raise BadRequestBodyError(f"rate must be from 0 to {RATE_MAX}, not {self.rate}")

    def stage(self, lane: Lane, sink: Sink) -> "BandwidthStage":
        """Start throttling one direction of a connection."""
        return BandwidthStage(self, lane, sink)


class BandwidthStage(PiecewiseStage):
    """A piece leaves when a line of that rate would have carried its last byte."""

    def __init__(self, settings: Bandwidth, lane: Lane, sink: Sink) -> None:
        super().__init__(lane, sink)
        self._rate = settings.rate

    def piece(self, available: int) -> int:
        return min(available, self._rate * QUANTUM_MS)

    def times(self, start: float, size: int) -> tuple[float, float]:
        due = start + size / (self._rate * 1000)
        return due, due

    def update(self, settings: Settings) -> None:
        if not isinstance(settings, Bandwidth):
            raise TypeError(f"not settings of a bandwidth toxic: {settings!r}")
        self._rate = settings.rate
        self.rearrange()
