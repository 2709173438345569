"""One proxy: a listener, its toxics, and its live connections."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from gameday.faultproxy import listener
from gameday.faultproxy.address import BACKLOG, Address, bind, resolve
from gameday.faultproxy.chain import DIRECTIONS, Toxic, ToxicChains
from gameday.faultproxy.errors import AddressError
from gameday.faultproxy.expiry import TimeLimits
from gameday.faultproxy.link import Inbox, Link
from gameday.faultproxy.traffic import Count, Route, Traffic


class Proxy:
    """Listens on ``listen`` and passes each connection on to ``upstream``, both ``host:port``."""

    def __init__(self, name: str, listen: str, upstream: str, traffic: Traffic) -> None:
        self.name = name
        self.listen = listen
        self.upstream = upstream
        self._chains = ToxicChains()
        self._limits = TimeLimits()
        self._traffic = traffic
        self._inbox = Inbox()
        self._links: set[Link] = set()
        self._listener: asyncio.Server | None = None
        self._all_closed = asyncio.Event()
        self._all_closed.set()

    @property
    def enabled(self) -> bool:
        """Whether it listens."""
        return self._listener is not None

    @property
    def toxics(self) -> tuple[Toxic, ...]:
        """Every toxic, upstream ones first."""
        return self._chains.all()

    def as_json(self) -> dict[str, Any]:
        """Return the proxy as the API shows it. ``Logger`` is the original's, and always empty."""
        return {
            "name": self.name,
            "listen": self.listen,
            "upstream": self.upstream,
            "enabled": self.enabled,
            "Logger": {},
            "toxics": [self.toxic_as_json(toxic) for toxic in self.toxics],
        }

    def toxic_as_json(self, toxic: Toxic) -> dict[str, Any]:
        """Return a toxic as the API shows it, with what is left of its time limit."""
        return {**toxic.as_json(), **self._limits.shown(toxic.name)}

    async def start(self) -> None:
        """Listen, unless it does already. Raises ListenError, and then stays off."""
        if self.enabled:
            return
        sock, listen = await bind(self.listen)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._accept, sock=sock, backlog=BACKLOG)
        self.listen = listen  # port 0 became a real one, which a later start takes again

    async def stop(self) -> None:
        """Stop listening and cut every connection. Returns when all sockets are closed."""
        if self._listener is not None:
            await listener.close(self._listener)
            self._listener = None
        for link in tuple(self._links):
            link.cut()
        await self._all_closed.wait()

    async def retire(self) -> None:
        """Stop for good: no time limit of its toxics runs on."""
        self._limits.lift_all()
        await self.stop()

    async def differs(self, listen: str, upstream: str) -> bool:
        """Return whether these addresses are others than its own. Raises AddressError."""
        return str(await resolve(listen)) != self.listen or upstream != self.upstream

    async def update(self, listen: str, upstream: str, enabled: bool) -> None:
        """Move to other addresses (which cuts all connections), then turn on or off.

        Raises AddressError and changes nothing, or ListenError; the proxy is off then.
        """
        if await self.differs(listen, upstream):
            await self.stop()
            self.listen, self.upstream = listen, upstream
        if enabled:
            await self.start()
        else:
            await self.stop()

    def toxic(self, name: str) -> Toxic:
        """Return one toxic. Raises ToxicNotFoundError."""
        return self._chains.get(name)

    def add_toxic(self, body: bytes) -> Toxic:
        """Add a toxic read from JSON, to live connections too. Raises an ApiError."""
        toxic, limit = self._chains.add(body)
        self._limits.set(toxic.name, limit, lambda: self.remove_toxic(toxic.name))
        self._on_links(lambda link: link.add(toxic))
        return toxic

    def update_toxic(self, name: str, body: bytes) -> Toxic:
        """Change a toxic as JSON says, on live connections too. Raises an ApiError."""
        toxic, limit = self._chains.update(name, body)
        self._limits.set(name, limit, lambda: self.remove_toxic(name))
        self._on_links(lambda link: link.update(toxic))
        return toxic

    def remove_toxic(self, name: str) -> None:
        """Remove a toxic, from live connections too; it never waits. Raises ToxicNotFoundError."""
        toxic = self._chains.remove(name)
        self._limits.lift(name)
        self._on_links(lambda link: link.remove(toxic))

    def remove_all_toxics(self) -> None:
        """Remove every toxic."""
        for toxic in self.toxics:
            self.remove_toxic(toxic.name)

    def live_traffic(self) -> Iterator[tuple[Route, Count]]:
        """Yield what the open connections have carried so far."""
        for link in self._links:
            yield from link.traffic()

    def _on_links(self, act: Callable[[Link], None]) -> None:
        for link in tuple(self._links):
            act(link)

    def _accept(self) -> asyncio.BaseProtocol:
        routes = {
            direction: Route(direction, self.listen, self.name, self.upstream)
            for direction in DIRECTIONS
        }
        link = Link(self._upstream_address(), self._chains, routes, self._inbox, self._link_closed)
        self._links.add(link)
        self._all_closed.clear()
        return link.client

    def _upstream_address(self) -> Address:
        try:
            return Address.parse(self.upstream)
        except AddressError:
            # Toxiproxy finds a bad upstream only when it dials; port 0 makes our dial fail alike.
            return Address(self.upstream, 0)

    def _link_closed(self, link: Link) -> None:
        self._links.discard(link)
        for route, count in link.traffic():
            self._traffic.add(route, count)
        if not self._links:
            self._all_closed.set()
