"""What a toxic is made of: settings (shared, immutable) and stages (one for each live flow)."""

import asyncio
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass, fields, replace
from typing import Protocol, Self

from gameday.faultproxy.fields import Fields


class Sink(Protocol):
    """Where bytes of one direction of one connection go next."""

    def feed(self, data: bytes) -> None:
        """Take bytes."""

    def eof(self) -> None:
        """Take the end of the stream; nothing is fed after it."""


class Lane(Protocol):
    """What a stage may ask of the flow it works in."""

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        """The event loop, whose monotonic clock times everything."""

    def settle(self) -> None:
        """Look again at how many bytes are held, and let the source read on if they are few."""

    def cut(self) -> None:
        """Close the connection now, both directions."""


class Stage(ABC):
    """One toxic at work on one direction of one connection."""

    def __init__(self, lane: Lane, sink: Sink) -> None:
        self.lane = lane
        self.sink = sink
        self.held = 0
        """Bytes taken but not yet passed on; they count for back-pressure."""

    @abstractmethod
    def feed(self, data: bytes) -> None:
        """Take bytes from the stage before."""

    @abstractmethod
    def eof(self) -> None:
        """Take the end of the stream."""

    @abstractmethod
    def update(self, settings: "Settings") -> None:
        """Go on with other settings, for the bytes already held as well."""

    @abstractmethod
    def detach(self) -> None:
        """The toxic was removed: pass on what is held, at once, and stop all timers."""

    @abstractmethod
    def close(self) -> None:
        """The connection is gone: drop what is held and stop all timers."""


@dataclass(frozen=True, slots=True)
class Settings(ABC):
    """The attributes of one toxic. All are whole numbers that are not negative."""

    def merge(self, given: Fields) -> Self:
        """Return a copy with the attributes in ``given`` replaced. Raises BadRequestBodyError."""
        names = [field.name for field in fields(self)]
        return replace(self, **{name: given.count(name, getattr(self, name)) for name in names})

    def as_json(self) -> dict[str, int]:
        """Return the attributes as the API shows them."""
        return asdict(self)

    @abstractmethod
    def stage(self, lane: Lane, sink: Sink) -> Stage:
        """Start this toxic on one direction of a live connection."""
