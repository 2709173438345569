"""One proxied connection: a client, an upstream, and a flow each way."""

import asyncio
from collections.abc import Callable
from typing import cast

from gameday.faultproxy.address import Address
from gameday.faultproxy.chain import DIRECTIONS, Direction, Toxic, ToxicChains
from gameday.faultproxy.flow import Flow

CONNECT_TIMEOUT_S = 10.0


class _End(asyncio.Protocol):
    """One socket of a link: bytes that come in go ``out_of`` it, bytes to send come ``into`` it."""

    def __init__(self, link: "Link", out_of: Flow, into: Flow) -> None:
        self.transport: asyncio.Transport | None = None
        self.lost = False
        self.out_of = out_of
        self.into = into
        self._link = link

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio sets TCP_NODELAY on every TCP socket by itself.
        self.transport = cast("asyncio.Transport", transport)
        self._link.end_made(self, self.transport)

    def data_received(self, data: bytes) -> None:
        self.out_of.feed(data)

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
        self, upstream: Address, chains: ToxicChains, on_closed: Callable[["Link"], None]
    ) -> None:
        self._upstream = upstream
        self._on_closed = on_closed
        self._cutting = False
        self._connecting: asyncio.Task[None] | None = None
        self._flows: dict[Direction, Flow] = {
            direction: Flow(self.cut, self._flow_finished) for direction in DIRECTIONS
        }
        up, down = self._flows["upstream"], self._flows["downstream"]
        self.client = _End(self, out_of=up, into=down)
        self._server = _End(self, out_of=down, into=up)
        for direction, flow in self._flows.items():
            flow.start(chains.on(direction))

    def add(self, toxic: Toxic) -> None:
        """Put a new toxic to work on this connection."""
        if not self._cutting:
            self._flows[toxic.stream].add(toxic)

    def update(self, toxic: Toxic) -> None:
        """Change a toxic that is at work here."""
        if not self._cutting:
            self._flows[toxic.stream].update(toxic)

    def remove(self, toxic: Toxic) -> None:
        """Stop a toxic; its bytes go on at once."""
        if not self._cutting:
            self._flows[toxic.stream].remove(toxic.name)

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

    def end_made(self, end: _End, transport: asyncio.Transport) -> None:
        """Connect a fresh socket to its flows."""
        if self._cutting:
            transport.abort()
            return
        if _talks_to_itself(transport):
            self.cut()
            return
        end.out_of.attach_source(transport)
        end.into.target.connect(transport)
        end.into.settle()
        if end is self.client:
            self._connecting = asyncio.get_running_loop().create_task(self._connect())

    def end_lost(self, end: _End) -> None:
        """A socket is gone. What it sent before still goes to the other, which then closes."""
        if not self._cutting:
            end.into.close()
            end.out_of.eof()
        self._report_closed()

    async def _connect(self) -> None:
        loop = asyncio.get_running_loop()
        connected = False
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_S):
                await loop.create_connection(
                    lambda: self._server, self._upstream.host, self._upstream.port
                )
            connected = True
        except (OSError, TimeoutError, ValueError):
            pass  # refused, unreachable, or a host name that cannot be one (ValueError)
        finally:
            self._connecting = None
            if not connected:
                self.cut()
            self._report_closed()

    def _flow_finished(self) -> None:
        if self._cutting or not all(flow.finished for flow in self._flows.values()):
            return
        for end in (self.client, self._server):
            if end.transport is not None:
                end.transport.close()  # after what is still in its write buffer

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
