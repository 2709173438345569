"""``timeout``: no bytes get through, and after a while the connection closes."""

from dataclasses import dataclass
from typing import ClassVar

from gameday.faultproxy.toxics.base import Alarm, Lane, Settings, Sink, Stage, milliseconds


@dataclass(frozen=True, slots=True)
class Timeout(Settings):
    """Drop all bytes, close after ``timeout`` milliseconds; 0 waits until the toxic is removed."""

    go_name: ClassVar[str] = "TimeoutToxic"
    timeout: int = 0

    def stage(self, lane: Lane, sink: Sink) -> "TimeoutStage":
        """Stop one direction of a connection."""
        return TimeoutStage(self, lane, sink)


class TimeoutStage(Stage):
    """Drops bytes. As bytes are missing from then on, its removal closes the connection."""

    def __init__(self, settings: Timeout, lane: Lane, sink: Sink) -> None:
        super().__init__(lane, sink)
        self._alarm = Alarm(lane.loop, lane.cut)
        self._arm(settings)

    def feed(self, data: bytes) -> None:
        """Drop the bytes: holding them would only stall the sender."""

    def eof(self) -> None:
        self.lane.cut()

    def update(self, settings: Settings) -> None:
        if not isinstance(settings, Timeout):
            raise TypeError(f"not settings of a timeout toxic: {settings!r}")
        self._alarm.stop()
        self._arm(settings)

    def detach(self) -> None:
        self._alarm.stop()
        self.lane.cut()

    def close(self) -> None:
        self._alarm.stop()

    def _arm(self, settings: Timeout) -> None:
        if settings.timeout > 0:
            self._alarm.set(self.lane.loop.time() + milliseconds(settings.timeout))
