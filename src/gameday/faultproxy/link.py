"""One proxied connection: a client, an upstream, and a flow each way."""

import asyncio
import socket
import struct
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import cast

from gameday.faultproxy.address import Address
from gameday.faultproxy.chain import DIRECTIONS, Direction, Toxic, ToxicChains
from gameday.faultproxy.flow import Flow
from gameday.faultproxy.traffic import Count, Route

CONNECT_TIMEOUT_S = 10.0
INBOX_SIZE = 512 * 1024
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""SO_LINGER on, with no time to linger."""


class Inbox:
    """Memory that every socket of a proxy reads into, one after another.

    Bytes in it are passed on at once. Whoever keeps any of them beyond that renews it first.
    """

    def __init__(self) -> None:
        self.view = memoryview(bytearray(INBOX_SIZE))

    def renew(self) -> None:
        """Leave the old memory to whoever holds a part of it."""
        self.view = memoryview(bytearray(INBOX_SIZE))


class _End(asyncio.BufferedProtocol):
    """One socket of a link: bytes that come in go ``out_of`` it, bytes to send come ``into`` it."""

    def __init__(self, link: "Link", inbox: Inbox, out_of: Flow, into: Flow) -> None:
        self.transport: asyncio.Transport | None = None
        self.lost = False
        self.out_of = out_of
        self.into = into
        self._link = link
        self._inbox = inbox

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio sets TCP_NODELAY on every TCP socket by itself.
        self.transport = cast("asyncio.Transport", transport)
        self._link.end_made(self, self.transport)

    def get_buffer(self, _sizehint: int) -> memoryview:
        return self._inbox.view

    def buffer_updated(self, size: int) -> None:
        flow = self.out_of
        direct = flow.direct
        if direct is None:
            flow.feed(bytes(self._inbox.view[:size]))
            return
        flow.passed += size
        direct.write(self._inbox.view[:size])
        if direct.get_write_buffer_size():
            self._inbox.renew()

    def eof_received(self) -> bool:
        self.out_of.eof()
        return True  # keep the other half open

    def pause_writing(self) -> None:
        self.into.target_full(True)

    def resume_writing(self) -> None:
        self.into.target_full(False)

    def connection_lost(self, _exc: Exception | None) -> None:
        self.lost = True
        self._link.end_lost(self)


class Link:
    """Both sockets and both flows of one connection, from accept until both sockets are closed."""

    def __init__(
        self,
        upstream: Address,
        chains: ToxicChains,
        routes: Mapping[Direction, Route],
        inbox: Inbox,
        on_closed: Callable[["Link"], None],
    ) -> None:
        self._upstream = upstream
        self._routes = routes
        self._on_closed = on_closed
        self._cutting = False
        self._connecting: asyncio.Task[None] | None = None
        self._flows: dict[Direction, Flow] = {direction: Flow(self) for direction in DIRECTIONS}
        up, down = self._flows["upstream"], self._flows["downstream"]
        self.client = _End(self, inbox, out_of=up, into=down)
        self._server = _End(self, inbox, out_of=down, into=up)
        for direction, flow in self._flows.items():
            flow.start(chains.on(direction))

    def traffic(self) -> Iterator[tuple[Route, Count]]:
        """Yield what each flow has carried so far."""
        for direction, flow in self._flows.items():
            yield self._routes[direction], Count(flow.received, flow.sent)

    def add(self, toxic: Toxic) -> None:
        """Put a new toxic to work on this connection."""
        if not self._cutting:
            self._flows[toxic.direction].add(toxic)

    def update(self, toxic: Toxic) -> None:
        """Change a toxic that is at work here."""
        if not self._cutting:
            self._flows[toxic.direction].update(toxic)

    def remove(self, toxic: Toxic) -> None:
        """Stop a toxic; its bytes go on at once."""
        if not self._cutting:
            self._flows[toxic.direction].remove(toxic.name)

    def cut(self) -> None:
        """Close both sockets now; bytes not sent yet are lost."""
        if self._cutting:
            return
        self._cutting = True
        if self._connecting is not None:
            self._connecting.cancel()
        for end in (self.client, self._server):
            if end.transport is not None:
                end.transport.abort()
        for flow in self._flows.values():
            flow.close()

    def reset(self) -> None:
        """Close both sockets now with a TCP RST."""
        for end in (self.client, self._server):
            sock = None if end.transport is None else end.transport.get_extra_info("socket")
            if sock is not None:
                with suppress(OSError):  # it is closed already
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
        self.cut()

    def end_made(self, end: _End, transport: asyncio.Transport) -> None:
        """Connect a fresh socket to its flows."""
        if self._cutting:
            transport.abort()
            return
        if _talks_to_itself(transport):
            self.cut()
            return
        end.out_of.attach_source(transport)
        end.into.connect(transport)
        if end is self.client:
            self._connecting = asyncio.get_running_loop().create_task(self._connect())

    def end_lost(self, end: _End) -> None:
        """A socket is gone. What it sent before still goes to the other, which then closes."""
        if not self._cutting:
            end.into.close()
            end.out_of.eof()
        self._report_closed()

    def flow_finished(self) -> None:
        """Close both sockets once nothing more will be sent, or a toxic asked for it."""
        flows = self._flows.values()
        closing = any(flow.finished and flow.closing for flow in flows)
        if self._cutting or not (closing or all(flow.finished for flow in flows)):
            return
        for end in (self.client, self._server):
            if end.transport is not None:
                end.transport.close()  # after what is still in its write buffer

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        connected = False
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await loop.create_connection(
                    lambda: self._server, self._upstream.host or "localhost", self._upstream.port
                )
            connected = True
        except (OSError, TimeoutError, ValueError):
            pass  # refused, unreachable, or a host name that cannot be one (ValueError)
        finally:
            self._connecting = None
            if not connected:
                self.cut()
            self._report_closed()

    def _report_closed(self) -> None:
        server_gone = self._server.lost or self._server.transport is None
        if self.client.lost and server_gone and self._connecting is None:
            for flow in self._flows.values():
                flow.close()
            self._on_closed(self)


def _talks_to_itself(transport: asyncio.Transport) -> bool:
    """Whether a dial to a dead local port met its own source port, as TCP allows."""
    own, peer = transport.get_extra_info("sockname"), transport.get_extra_info("peername")
    return own is not None and own == peer
