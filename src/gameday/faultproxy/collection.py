"""All proxies of a server by name, and the changes that reach over more than one."""

import asyncio
from typing import Any

from gameday.faultproxy.errors import ApiError, ResetError
from gameday.faultproxy.expiry import TimeLimits
from gameday.faultproxy.proxy import Proxy
from gameday.faultproxy.traffic import Traffic

RETRY_S = 1.0
"""After this time a proxy that could not be turned on at the end of its limit is tried again."""


class ProxyCollection:
    """All proxies by name. Changes to listeners happen one after another."""

    def __init__(self) -> None:
        self.traffic = Traffic()
        self._proxies: dict[str, Proxy] = {}
        self._limits = TimeLimits()
        self._restoring: set[asyncio.Task[None]] = set()
        self._changing = asyncio.Lock()

    def all(self) -> dict[str, Proxy]:
        """Return the proxies by name."""
        return dict(self._proxies)

    def find(self, name: str) -> Proxy | None:
        """Return a proxy, or None."""
        return self._proxies.get(name)

    def as_json(self, proxy: Proxy) -> dict[str, Any]:
        """Return a proxy as the API shows it, with what is left of its time limit."""
        return {**proxy.as_json(), **self._limits.shown(proxy.name)}

    def metrics(self) -> str:
        """Return what went through every proxy so far, in Prometheus's text format."""
        live = (found for proxy in self._proxies.values() for found in proxy.live_traffic())
        return self.traffic.render(live)

    async def add(self, proxy: Proxy, enabled: bool, limit: float | None) -> bool:
        """Add a proxy and start it if ``enabled``. False: the name is taken.

        Raises ListenError, and then does not add it.
        """
        async with self._changing:
            if proxy.name in self._proxies:
                return False
            if enabled:
                await proxy.start()
            self._proxies[proxy.name] = proxy
            self._limit(proxy, limit)
            return True

    async def add_or_replace(self, proxy: Proxy, enabled: bool, limit: float | None) -> Proxy:
        """Add a proxy and return it. One that has its name and its addresses is kept instead.

        Raises AddressError, or ListenError: the old one is off then.
        """
        async with self._changing:
            old = self._proxies.get(proxy.name)
            if old is not None and not await old.differs(proxy.listen, proxy.upstream):
                self._limit(old, limit)
                return old
            if old is not None:
                await old.stop()
            if enabled:
                await proxy.start()
            if old is not None:
                self._limits.lift(old.name)
                await old.retire()
            self._proxies[proxy.name] = proxy
            self._limit(proxy, limit)
            return proxy

    async def update(
        self, proxy: Proxy, listen: str, upstream: str, enabled: bool, limit: float | None
    ) -> None:
        """Change a proxy's addresses and whether it is on. Raises AddressError, ListenError.

        Turning it on ends its time limit, unless a new one is given.
        """
        async with self._changing:
            was_enabled = proxy.enabled
            await proxy.update(listen, upstream, enabled)
            if proxy.enabled and not was_enabled:
                self._limits.lift(proxy.name)
            self._limit(proxy, limit)

    async def remove(self, name: str) -> bool:
        """Stop a proxy and forget it. False: there was none."""
        async with self._changing:
            proxy = self._proxies.pop(name, None)
            if proxy is not None:
                self._limits.lift(name)
                await proxy.retire()
            return proxy is not None

    async def reset(self) -> None:
        """Turn on every proxy and remove every toxic.

        One that cannot listen does not keep the others from being reset (Toxiproxy stops there).
        Raises ResetError at the end, which names those that could not be turned on.
        """
        failed: dict[str, ApiError] = {}
        async with self._changing:
            for proxy in self._proxies.values():
                try:
                    await self._reset(proxy)
                except ApiError as error:
                    failed[proxy.name] = error
        if failed:
            raise ResetError(failed)

    async def close(self) -> None:
        """Stop every proxy and forget them all."""
        for task in tuple(self._restoring):
            task.cancel()
        for name in tuple(self._proxies):
            await self.remove(name)

    async def _reset(self, proxy: Proxy) -> None:
        proxy.remove_all_toxics()
        await proxy.start()
        self._limits.lift(proxy.name)  # not sooner: a limit stands until its fault is gone

    def _limit(self, proxy: Proxy, limit: float | None) -> None:
        self._limits.set(proxy.name, limit, lambda: self._expire(proxy))

    def _expire(self, proxy: Proxy) -> None:
        task = asyncio.get_running_loop().create_task(self._restore(proxy))
        self._restoring.add(task)
        task.add_done_callback(self._restoring.discard)

    async def _restore(self, proxy: Proxy) -> None:
        async with self._changing:
            if self._proxies.get(proxy.name) is not proxy:
                return
            try:
                await self._reset(proxy)
            except ApiError:
                self._limit(proxy, RETRY_S)
