"""One direction of one connection: from its source, through the live toxics, to its target."""

import asyncio
import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

from gameday.faultproxy.chain import Toxic
from gameday.faultproxy.toxics.base import Sink, Stage

EARLY_LIMIT = 256 * 1024
"""Bytes a flow holds for a target that is not connected yet."""


class Target:
    """The last sink: the socket the bytes leave by. It keeps what comes before there is one."""

    def __init__(self, finished: Callable[[], None]) -> None:
        self._finished = finished
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] = []
        self._ended = False
        self.early_bytes = 0
        self.taken = 0
        """Bytes fed so far."""

    @property
    def connected(self) -> bool:
        """Whether there is a socket to write to."""
        return self._transport is not None

    @property
    def open(self) -> asyncio.Transport | None:
        """The socket to write to, None before it is connected and after the end was fed."""
        return None if self._ended else self._transport

    def connect(self, transport: asyncio.Transport) -> None:
        """Start writing to ``transport``, first of all what came early."""
        self._transport = transport
        if self._early:
            transport.writelines(self._early)
        self._early = []
        self.early_bytes = 0
        if self._ended:
            self._write_eof(transport)

    def feed(self, data: bytes) -> None:
        """Write, or keep until connected."""
        self.taken += len(data)
        if self._transport is None:
            self._early.append(data)
            self.early_bytes += len(data)
        elif not self._transport.is_closing():
            self._transport.write(data)

    def eof(self) -> None:
        """Close the writing half once all that was fed is sent."""
        self._ended = True
        if self._transport is not None:
            self._write_eof(self._transport)

    def _write_eof(self, transport: asyncio.Transport) -> None:
        if not transport.is_closing():
            transport.write_eof()
        self._finished()


class _Nowhere:
    """The sink of a flow whose target is gone."""

    def feed(self, data: bytes) -> None:
        """Drop the bytes."""

    def eof(self) -> None:
        """Nobody is left to be told."""


@dataclass(slots=True)
class _Slot:
    """A toxic of the chain, and its stage if this connection is among those it works on."""

    toxic: Toxic
    draw: float
    stage: Stage | None = None

    @property
    def chosen(self) -> bool:
        return self.draw < self.toxic.toxicity


class Ending(Protocol):
    """What a flow asks of its connection."""

    def cut(self) -> None:
        """Close both sockets now."""

    def reset(self) -> None:
        """Close both sockets now, with a TCP RST."""

    def flow_finished(self) -> None:
        """Note that a flow has sent all it ever will."""


class Flow:
    """Feeds bytes through a stage for each toxic. With no toxic they go straight to the target."""

    def __init__(self, ending: Ending) -> None:
        self.loop = asyncio.get_running_loop()
        self.finished = False
        self.closing = False
        """Whether the whole connection is to close once this flow is finished."""
        self.direct: asyncio.Transport | None = None
        """Where to write bytes to while no toxic has a say: then a flow is no more than that."""
        self.passed = 0
        """Bytes written to ``direct``."""
        self.target = Target(self._finish)
        self._ending = ending
        self._source: asyncio.Transport | None = None
        self._slots: list[_Slot] = []
        self._head: Sink = self.target
        self._closed = False
        self._target_full = False
        self._reading = True
        self._received = 0

    def start(self, toxics: Iterable[Toxic]) -> None:
        """Put the toxics to work that are there when the connection opens."""
        for toxic in toxics:
            self.add(toxic)

    def attach_source(self, source: asyncio.Transport) -> None:
        """Name the transport to pause while the target cannot keep up."""
        self._source = source
        self.settle()

    @property
    def received(self) -> int:
        """Bytes that came from the source so far."""
        return self._received + self.passed

    @property
    def sent(self) -> int:
        """Bytes that were passed on to the target so far."""
        return self.target.taken + self.passed

    def connect(self, transport: asyncio.Transport) -> None:
        """Name the transport to write to, which gets what came early."""
        self.target.connect(transport)
        self._relink()

    def feed(self, data: bytes) -> None:
        """Take bytes from the source, while there is no ``direct`` to write to."""
        self._received += len(data)
        self._head.feed(data)
        if self._slots or not self.target.connected:
            self.settle()

    def eof(self) -> None:
        """Take the end of the stream from the source."""
        self.direct = None
        if not self.finished:
            self._head.eof()

    def add(self, toxic: Toxic) -> None:
        """Put a toxic to work at the end of the chain."""
        if self._closed:
            return
        slot = _Slot(toxic, random.random())
        if slot.chosen:
            slot.stage = toxic.settings.stage(self, self.target)
        self._slots.append(slot)
        self._relink()

    def update(self, toxic: Toxic) -> None:
        """Give a toxic other settings. One that is now unlucky here stops, or the reverse."""
        if self._closed:
            return
        slot = self._find(toxic.name)
        slot.toxic = toxic
        if slot.chosen and slot.stage is None:
            slot.stage = toxic.settings.stage(self, self.target)
        elif slot.chosen and slot.stage is not None:
            slot.stage.update(toxic.settings)
        elif slot.stage is not None:
            stage, slot.stage = slot.stage, None
            stage.detach()
        self._relink()

    def remove(self, name: str) -> None:
        """Take a toxic out. What it held goes on its way at once, however slow the reader is."""
        if self._closed:
            return
        slot = self._find(name)
        self._slots.remove(slot)
        if slot.stage is not None:
            slot.stage.detach()
        self._relink()

    def settle(self) -> None:
        """Read from the source only while the target and the toxics can take more."""
        stages = [slot.stage for slot in self._slots if slot.stage is not None]
        held = any(stage.held >= stage.HELD_LIMIT for stage in stages)
        full = self._target_full or held or self.target.early_bytes >= EARLY_LIMIT
        if self._source is None or full is not self._reading:
            return
        self._reading = not full
        if full:
            self._source.pause_reading()
        else:
            self._source.resume_reading()

    def target_full(self, full: bool) -> None:
        """Note that the target's write buffer went over, or fell below, its limit."""
        self._target_full = full
        self.settle()

    def cut(self) -> None:
        """Close the whole connection, for a stage."""
        self._ending.cut()

    def reset(self) -> None:
        """Reset the whole connection, for a stage."""
        self._ending.reset()

    def close_when_sent(self) -> None:
        """Close the whole connection once the end of the stream is sent, for a stage."""
        self.closing = True

    def close(self) -> None:
        """Drop everything: the target is gone. The source is still read, into nothing."""
        self._closed = True
        self.direct = None
        self._finish()
        for slot in self._slots:
            if slot.stage is not None:
                slot.stage.close()
        self._slots.clear()
        self._head = _Nowhere()
        self._target_full = False
        self.settle()

    def _finish(self) -> None:
        if not self.finished:
            self.finished = True
            self._ending.flow_finished()

    def _find(self, name: str) -> _Slot:
        return next(slot for slot in self._slots if slot.toxic.name == name)

    def _relink(self) -> None:
        if self._closed:  # a stage cut the connection
            return
        sink: Sink = self.target
        for slot in reversed(self._slots):
            if slot.stage is not None:
                slot.stage.sink = sink
                sink = slot.stage
        self._head = sink
        self.direct = self.target.open if sink is self.target else None
        self.settle()
