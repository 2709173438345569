"""Orders whose payment waits until payments can be called again."""

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from gameday.demo.dependency import Dependency, DependencyError

LIMIT = 10_000
PAUSE_S = 0.2
ATTEMPTS = 50
"""An order is tried this often, then counted as abandoned: no retries without end."""


@dataclass(slots=True)
class _Order:
    order: str
    amount: int
    attempts: int = 0


class QueueFullError(Exception):
    """No more orders can wait."""


class PaymentQueue:
    """Drains itself, one order after another, whenever ``open_now`` says so."""

    def __init__(self, payments: Dependency, open_now: Callable[[], bool]) -> None:
        self._payments = payments
        self._open_now = open_now
        self._orders: deque[_Order] = deque()
        self._look = asyncio.Event()
        self.drained = 0
        self.abandoned = 0

    def __len__(self) -> int:
        return len(self._orders)

    def add(self, order: str, amount: int) -> None:
        """Let an order wait. Raises QueueFullError."""
        if len(self._orders) >= LIMIT:
            raise QueueFullError(f"{LIMIT} orders wait already")
        self._orders.append(_Order(order, amount))
        self._look.set()

    def look_again(self) -> None:
        """Note that ``open_now`` may have changed."""
        self._look.set()

    async def drain(self) -> None:
        """Charge what waits, until cancelled."""
        while True:
            await self._look.wait()
            self._look.clear()
            while self._orders and self._open_now():
                if not await self._charge(self._orders[0]):
                    await asyncio.sleep(PAUSE_S)

    async def _charge(self, waiting: _Order) -> bool:
        waiting.attempts += 1
        try:
            order = {"order": waiting.order, "amount": waiting.amount}
            await self._payments.call("POST", "/charge", order)
        except DependencyError:
            if waiting.attempts < ATTEMPTS:
                return False
            self.abandoned += 1
        else:
            self.drained += 1
        self._orders.popleft()
        return True
