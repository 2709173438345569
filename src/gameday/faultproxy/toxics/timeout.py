"""``timeout``: no bytes get through, and after a while the connection closes."""

import asyncio
from dataclasses import dataclass

from gameday.faultproxy.toxics.base import Lane, Settings, Sink, Stage


@dataclass(frozen=True, slots=True)
class Timeout(Settings):
    """Drop all bytes, close after ``timeout`` milliseconds; 0 waits until the toxic is removed."""

    timeout: int = 0

    def stage(self, lane: Lane, sink: Sink) -> "TimeoutStage":
        """Stop one direction of a connection."""
        return TimeoutStage(self, lane, sink)


class TimeoutStage(Stage):
    """Drops bytes. As bytes are missing from then on, its removal closes the connection."""

    def __init__(self, settings: Timeout, lane: Lane, sink: Sink) -> None:
        super().__init__(lane, sink)
        self._timer: asyncio.TimerHandle | None = None
        self._started = lane.loop.time()
        self._arm(settings)

    def feed(self, data: bytes) -> None:
        """Drop the bytes: holding them would only stall the sender."""

    def eof(self) -> None:
        self.lane.cut()

    def update(self, settings: Settings) -> None:
        if not isinstance(settings, Timeout):
            raise TypeError(f"not settings of a timeout toxic: {settings!r}")
        self.close()
        self._started = self.lane.loop.time()
        self._arm(settings)

    def detach(self) -> None:
        self.close()
        self.lane.cut()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, settings: Timeout) -> None:
        if settings.timeout > 0:
            due = self._started + settings.timeout / 1000
            self._timer = self.lane.loop.call_at(due, self._expire, due)

    def _expire(self, due: float) -> None:
        # A loop may fire a timer up to one tick of its clock early.
        if self.lane.loop.time() < due:
            self._timer = self.lane.loop.call_at(due, self._expire, due)
        else:
            self.lane.cut()
