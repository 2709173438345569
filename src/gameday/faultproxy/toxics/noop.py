"""``noop``: everything passes untouched."""

from dataclasses import dataclass
from typing import ClassVar

from gameday.faultproxy.toxics.base import Lane, Settings, Sink, Stage


@dataclass(frozen=True, slots=True)
class Noop(Settings):
    """It has no attributes."""

    go_name: ClassVar[str] = "NoopToxic"

    def stage(self, lane: Lane, sink: Sink) -> "NoopStage":
        """Start passing everything on."""
        return NoopStage(lane, sink)


class NoopStage(Stage):
    """Passes everything on."""

    def feed(self, data: bytes) -> None:
        self.sink.feed(data)

    def eof(self) -> None:
        self.sink.eof()

    def update(self, settings: Settings) -> None:
        """There is nothing to change."""

    def detach(self) -> None:
        """Nothing is held."""

    def close(self) -> None:
        """Nothing is held."""
