"""What a toxic is made of: settings (shared, immutable) and stages (one for each live flow)."""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import ClassVar, Protocol, Self

from gameday.faultproxy.fields import INT64, Given, Kind, Shape


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

    def reset(self) -> None:
        """Close the connection now with a TCP RST to both sides."""

    def close_when_sent(self) -> None:
        """Close both directions once the end of this one has reached its target."""


class Alarm:
    """One timer that never goes off early, whatever the loop's timers do."""

    def __init__(self, loop: asyncio.AbstractEventLoop, ring: Callable[[], None]) -> None:
        self._loop = loop
        self._ring = ring
        self._due = 0.0
        self._handle: asyncio.TimerHandle | None = None

    def set(self, due: float) -> None:
        """Go off at ``due``, in seconds of the loop's clock, and at no other time."""
        self.stop()
        self._due = due
        self._handle = self._loop.call_at(due, self._fire)

    def stop(self) -> None:
        """Do not go off."""
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _fire(self) -> None:
        # A loop may fire a timer up to one tick of its clock early: the clock decides.
        if self._loop.time() < self._due:
            self._handle = self._loop.call_at(self._due, self._fire)
            return
        self._handle = None
        self._ring()


class Stage(ABC):
    """One toxic at work on one direction of one connection."""

    HELD_LIMIT: ClassVar[int] = 64 * 1024
    """Bytes this stage holds before its flow stops reading from the source."""

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
    """The attributes of one toxic: signed integers, 0 by default."""

    go_name: ClassVar[str]
    """The original's name of the type; it stands in error messages."""
    kind: ClassVar[Kind] = INT64
    """The type of every attribute."""

    @classmethod
    def shape(cls) -> Shape:
        """Return how the attributes are read."""
        names = {field.name: cls.kind for field in fields(cls)}
        return Shape(f"toxics.{cls.go_name}", f"{cls.go_name}.attributes", names)

    def merge(self, given: Given) -> Self:
        """Return a copy with the attributes in ``given`` replaced. Raises BadRequestBodyError."""
        names = [field.name for field in fields(self)]
        merged = replace(self, **{name: given.integer(name, getattr(self, name)) for name in names})
        merged.check()
        return merged

    def check(self) -> None:
        """Raise BadRequestBodyError for attributes that crash or hang the original."""
        return  # most toxics have none

    def as_json(self) -> dict[str, int]:
        """Return the attributes as the API shows them."""
        return asdict(self)

    @abstractmethod
    def stage(self, lane: Lane, sink: Sink) -> Stage:
        """Start this toxic on one direction of a live connection."""


def milliseconds(value: int) -> float:
    """Return a number of milliseconds in seconds; a negative one is no time at all."""
    return max(value, 0) / 1000
