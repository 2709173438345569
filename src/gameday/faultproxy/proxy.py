"""One proxy: a listener, its toxics, and its live connections."""

import asyncio
from collections.abc import Callable
from typing import Any

from gameday.faultproxy.address import Address, BadAddressError, bind
from gameday.faultproxy.chain import Toxic, ToxicChains
from gameday.faultproxy.errors import ApiError
from gameday.faultproxy.fields import Fields
from gameday.faultproxy.link import Link


class Proxy:
    """Listens on ``listen`` and passes each connection on to ``upstream``, both ``host:port``."""

    def __init__(self, name: str, listen: str, upstream: str) -> None:
        self.name = name
        self.listen = listen
        self.upstream = upstream
        self._chains = ToxicChains()
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
        """Return the proxy as the API shows it."""
        return {
            "name": self.name,
            "listen": self.listen,
            "upstream": self.upstream,
            "enabled": self.enabled,
            "toxics": [toxic.as_json() for toxic in self.toxics],
        }

    async def start(self) -> None:
        """Listen, unless it does already. Raises ListenError, and then stays off."""
        if self.enabled:
            return
        listener, listen = await bind(self.listen)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._accept, sock=listener)
        self.listen = listen  # port 0 became a real one, which a later start takes again

    async def stop(self) -> None:
        """Stop listening and cut every connection. Returns when all sockets are closed."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None
        for link in tuple(self._links):
            link.cut()
        await self._all_closed.wait()

    async def update(self, listen: str, upstream: str, enabled: bool) -> None:
        """Move to other addresses (which cuts all connections), then turn on or off.

        Raises ListenError; the proxy is off then.
        """
        if (listen, upstream) != (self.listen, self.upstream):
            await self.stop()
            self.listen, self.upstream = listen, upstream
        if enabled:
            await self.start()
        else:
            await self.stop()

    def toxic(self, name: str) -> Toxic:
        """Return one toxic. Raises ToxicNotFoundError."""
        return self._chains.get(name)

    def add_toxic(self, given: Fields) -> Toxic:
        """Add a toxic, to live connections too. Raises an ApiError."""
        toxic = self._chains.add(given)
        self._on_links(lambda link: link.add(toxic))
        return toxic

    def update_toxic(self, name: str, given: Fields) -> Toxic:
        """Change a toxic, on live connections too. Raises an ApiError."""
        toxic = self._chains.update(name, given)
        self._on_links(lambda link: link.update(toxic))
        return toxic

    def remove_toxic(self, name: str) -> None:
        """Remove a toxic, from live connections too; it never waits. Raises ToxicNotFoundError."""
        toxic = self._chains.remove(name)
        self._on_links(lambda link: link.remove(toxic))

    def remove_all_toxics(self) -> None:
        """Remove every toxic."""
        for toxic in self.toxics:
            self.remove_toxic(toxic.name)

    def _on_links(self, act: Callable[[Link], None]) -> None:
        for link in tuple(self._links):
            act(link)

    def _accept(self) -> asyncio.Protocol:
        link = Link(self._upstream_address(), self._chains, self._link_closed)
        self._links.add(link)
        self._all_closed.clear()
        return link.client

    def _upstream_address(self) -> Address:
        try:
            return Address.parse(self.upstream)
        except BadAddressError:
            # Toxiproxy finds a bad upstream only when it dials; port 0 makes our dial fail alike.
            return Address(self.upstream, 0)

    def _link_closed(self, link: Link) -> None:
        self._links.discard(link)
        if not self._links:
            self._all_closed.set()


class ProxyCollection:
    """All proxies by name. Changes to listeners happen one after another."""

    def __init__(self) -> None:
        self._proxies: dict[str, Proxy] = {}
        self._changing = asyncio.Lock()

    def all(self) -> dict[str, Proxy]:
        """Return the proxies by name."""
        return dict(self._proxies)

    def find(self, name: str) -> Proxy | None:
        """Return a proxy, or None."""
        return self._proxies.get(name)

    async def add(self, proxy: Proxy, enabled: bool, *, replace: bool = False) -> bool:
        """Add a proxy and start it if ``enabled``. False: the name is taken (never on replace).

        With ``replace``, one that already has these addresses is kept, and only turned on or off.
        Raises ListenError, and then does not add it.
        """
        async with self._changing:
            old = self._proxies.get(proxy.name)
            if old is not None and not replace:
                return False
            if old is not None and (old.listen, old.upstream) == (proxy.listen, proxy.upstream):
                await old.update(old.listen, old.upstream, enabled)
                return True
            if old is not None:
                await old.stop()
            if enabled:
                await proxy.start()
            self._proxies[proxy.name] = proxy
            return True

    async def update(self, proxy: Proxy, listen: str, upstream: str, enabled: bool) -> None:
        """Change a proxy's addresses and whether it is on. Raises ListenError."""
        async with self._changing:
            await proxy.update(listen, upstream, enabled)

    async def remove(self, name: str) -> bool:
        """Stop a proxy and forget it. False: there was none."""
        async with self._changing:
            proxy = self._proxies.pop(name, None)
            if proxy is not None:
                await proxy.stop()
            return proxy is not None

    async def reset(self) -> None:
        """Turn on every proxy and remove every toxic.

        One that cannot listen does not keep the others from being reset (Toxiproxy stops there);
        the first such error is raised at the end.
        """
        failed: list[ApiError] = []
        async with self._changing:
            for proxy in self._proxies.values():
                proxy.remove_all_toxics()
                try:
                    await proxy.start()
                except ApiError as error:
                    failed.append(error)
        if failed:
            raise failed[0]

    async def close(self) -> None:
        """Stop every proxy and forget them all."""
        for name in tuple(self._proxies):
            await self.remove(name)
