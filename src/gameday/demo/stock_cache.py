"""The last known stock levels: in checkout's own memory, or in a cache that its replicas share."""

import asyncio
from typing import Protocol
from urllib.parse import quote

from gameday.demo.http_client import CallError, HttpClient

TIMEOUT_S = 0.2
"""A cache that is slow is no help."""


class StockCache(Protocol):
    """Where checkout keeps what inventory said last."""

    async def get(self, sku: str) -> int | None:
        """The last known level, None when there is none."""

    async def put(self, sku: str, quantity: int) -> None:
        """Keep a level. Never fails: a cache that is away is none."""

    async def size(self) -> int:
        """How many levels it holds."""

    async def close(self) -> None:
        """Let go of connections."""


class OwnCache:
    """In this process."""

    def __init__(self) -> None:
        self._levels: dict[str, int] = {}

    async def get(self, sku: str) -> int | None:
        """The last known level."""
        return self._levels.get(sku)

    async def put(self, sku: str, quantity: int) -> None:
        """Keep it."""
        self._levels[sku] = quantity

    async def size(self) -> int:
        """How many there are."""
        return len(self._levels)

    async def close(self) -> None:
        """Nothing to let go of."""


class SharedCache:
    """In the cache service; what it does not answer in time is not known."""

    def __init__(self, url: str) -> None:
        self._client = HttpClient(url, TIMEOUT_S)
        self._putting: set[asyncio.Task[None]] = set()

    async def get(self, sku: str) -> int | None:
        """Ask for the last known level."""
        found = await self._ask("GET", f"/stock?sku={quote(sku)}")
        quantity = found.get("quantity")
        return quantity if isinstance(quantity, int) else None

    async def put(self, sku: str, quantity: int) -> None:
        """Tell it in the background: no customer waits for that."""
        level = {"sku": sku, "quantity": quantity}
        task = asyncio.create_task(self._put(level))
        self._putting.add(task)
        task.add_done_callback(self._putting.discard)

    async def size(self) -> int:
        """Ask how many there are."""
        found = await self._ask("GET", "/admin/state")
        levels = found.get("levels")
        return levels if isinstance(levels, int) else 0

    async def close(self) -> None:
        """Close its connections."""
        for task in tuple(self._putting):
            task.cancel()
        await self._client.close()

    async def _put(self, level: dict[str, object]) -> None:
        await self._ask("POST", "/stock", level)

    async def _ask(self, method: str, target: str, value: object = None) -> dict[str, object]:
        try:
            answer = (await self._client.call(method, target, value)).json()
        except (CallError, ValueError):
            return {}
        return answer if isinstance(answer, dict) else {}
