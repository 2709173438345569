"""A bounded pool of database connections that can be resized while in use."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gameday.demo.line_client import LineClient


class PoolExhaustedError(Exception):
    """No connection came free in time."""


class Pool:
    """Lends at most ``size`` connections; who waits too long gets PoolExhaustedError."""

    def __init__(self, address: str, size: int, acquire_s: float, query_s: float) -> None:
        self.size = size
        self.address = address
        self.in_use = 0
        self._acquire_s = acquire_s
        self._query_s = query_s
        self._idle: list[LineClient] = []
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def point_at(self, address: str) -> None:
        """Use another database from now on; connections that are lent out finish with the old."""
        self.address = address
        await self.close()

    def resize(self, size: int) -> None:
        """Change the limit at once; those who wait get what came free."""
        self.size = size
        for _ in range(max(0, size - self.in_use)):
            self._wake_one()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[LineClient]:
        """Lend a connection. Raises PoolExhaustedError."""
        await self._acquire()
        address = self.address
        client = self._idle.pop() if self._idle else LineClient(address, self._query_s)
        try:
            yield client
        finally:
            self.in_use -= 1
            keep = address == self.address and self.in_use < self.size
            if keep:
                self._idle.append(client)
            self._wake_one()
            if not keep:
                await client.close()

    async def close(self) -> None:
        """Close the idle connections."""
        idle, self._idle = self._idle, []
        for client in idle:
            await client.close()

    async def _acquire(self) -> None:
        try:
            async with asyncio.timeout(self._acquire_s):
                while self.in_use >= self.size:
                    turn = asyncio.get_running_loop().create_future()
                    self._waiting.append(turn)
                    await turn
        except TimeoutError as error:
            if self.in_use < self.size:  # it was this one's turn: pass it on
                self._wake_one()
            raise PoolExhaustedError(f"all {self.size} connections busy") from error
        self.in_use += 1

    def _wake_one(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
