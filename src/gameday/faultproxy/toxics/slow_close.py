"""``slow_close``: the end of the stream arrives later than its last bytes."""

from dataclasses import dataclass
from typing import ClassVar

from gameday.faultproxy.toxics.base import Alarm, Lane, Settings, Sink, Stage, milliseconds


@dataclass(frozen=True, slots=True)
class SlowClose(Settings):
    """Hold back the end of the stream for ``delay`` milliseconds."""

    go_name: ClassVar[str] = "SlowCloseToxic"
    delay: int = 0

    def stage(self, lane: Lane, sink: Sink) -> "SlowCloseStage":
        """Start passing bytes on, and wait for the end."""
        return SlowCloseStage(self, lane, sink)


class SlowCloseStage(Stage):
    """Passes bytes on at once and the end late."""

    def __init__(self, settings: SlowClose, lane: Lane, sink: Sink) -> None:
        super().__init__(lane, sink)
        self._settings = settings
        self._ended: float | None = None
        self._alarm = Alarm(lane.loop, self._pass_on)

    def feed(self, data: bytes) -> None:
        self.sink.feed(data)

    def eof(self) -> None:
        self._ended = self.lane.loop.time()
        self._alarm.set(self._ended + milliseconds(self._settings.delay))

    def update(self, settings: Settings) -> None:
        if not isinstance(settings, SlowClose):
            raise TypeError(f"not settings of a slow_close toxic: {settings!r}")
        self._settings = settings
        if self._ended is not None:
            self._alarm.set(self._ended + milliseconds(settings.delay))

    def detach(self) -> None:
        self._alarm.stop()
        self._pass_on()

    def close(self) -> None:
        self._alarm.stop()
        self._ended = None

    def _pass_on(self) -> None:
        if self._ended is not None:
            self._ended = None
            self.sink.eof()
