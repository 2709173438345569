"""``limit_data``: the connection closes once a number of bytes went through."""

from dataclasses import dataclass
from typing import ClassVar

from gameday.faultproxy.toxics.base import Lane, Settings, Sink, Stage


@dataclass(frozen=True, slots=True)
class LimitData(Settings):
    """Pass ``bytes`` bytes, then close. None pass if it is 0; the first one closes then."""

    go_name: ClassVar[str] = "LimitDataToxic"
    bytes: int = 0

    def stage(self, lane: Lane, sink: Sink) -> "LimitDataStage":
        """Start counting one direction of a connection."""
        return LimitDataStage(self, lane, sink)


class LimitDataStage(Stage):
    """Counts bytes; the count goes on when the limit is changed."""

    def __init__(self, settings: LimitData, lane: Lane, sink: Sink) -> None:
        super().__init__(lane, sink)
        self._limit = settings.bytes
        self._passed = 0
        self._ended = False

    def feed(self, data: bytes) -> None:
        if self._ended:
            return
        room = max(self._limit - self._passed, 0)
        let_through = data[:room]
        if let_through:
            self._passed += len(let_through)
            self.sink.feed(let_through)
        if self._passed >= self._limit:
            self.lane.close_when_sent()
            self.eof()

    def eof(self) -> None:
        if not self._ended:
            self._ended = True
            self.sink.eof()

    def update(self, settings: Settings) -> None:
        if not isinstance(settings, LimitData):
            raise TypeError(f"not settings of a limit_data toxic: {settings!r}")
        self._limit = settings.bytes

    def detach(self) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing is held."""
