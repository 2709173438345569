"""``reset_peer``: the connection ends in a TCP RST, some time after its first bytes."""

from dataclasses import dataclass
from typing import ClassVar

from gameday.faultproxy.toxics.base import Alarm, Lane, Settings, Sink, Stage, milliseconds


@dataclass(frozen=True, slots=True)
class ResetPeer(Settings):
    """Reset ``timeout`` milliseconds after the first bytes, or the end of the stream, came."""

    go_name: ClassVar[str] = "ResetToxic"
    timeout: int = 0

    def stage(self, lane: Lane, sink: Sink) -> "ResetPeerStage":
        """Wait for the first bytes of one direction."""
        return ResetPeerStage(self, lane, sink)


class ResetPeerStage(Stage):
    """Drops bytes from the first on; once some are missing, its removal closes the connection."""

    def __init__(self, settings: ResetPeer, lane: Lane, sink: Sink) -> None:
        super().__init__(lane, sink)
        self._settings = settings
        self._first: float | None = None
        self._alarm = Alarm(lane.loop, lane.reset)

    def feed(self, data: bytes) -> None:
        self._touched()

    def eof(self) -> None:
        self._touched()

    def update(self, settings: Settings) -> None:
        if not isinstance(settings, ResetPeer):
            raise TypeError(f"not settings of a reset_peer toxic: {settings!r}")
        self._settings = settings
        if self._first is not None:
            self._alarm.set(self._first + milliseconds(settings.timeout))

    def detach(self) -> None:
        self._alarm.stop()
        if self._first is not None:
            self.lane.cut()

    def close(self) -> None:
        self._alarm.stop()

    def _touched(self) -> None:
        if self._first is not None:
            return
        self._first = self.lane.loop.time()
        if self._settings.timeout > 0:
            self._alarm.set(self._first + milliseconds(self._settings.timeout))
        else:
            self.lane.reset()
