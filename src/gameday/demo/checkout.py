"""Checkout: the front door. Looks up the stock, charges, and has what people need to mitigate."""

import argparse
import asyncio
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote
from uuid import uuid4

from gameday.demo.breaker import OPEN_S, Breaker, BreakerState
from gameday.demo.dependency import Dependency, DependencyError
from gameday.demo.http_server import HttpServer
from gameday.demo.messages import Reply, Request, Routes
from gameday.demo.payment_queue import PaymentQueue, QueueFullError
from gameday.demo.process import announce, argument_parser, die_with_parent, run
from gameday.demo.stock_cache import OwnCache, SharedCache, StockCache

TIMEOUT_S = 1.0
PRICE = 1995
STATES = tuple(state.value for state in BreakerState)


@dataclass(slots=True)
class Mitigations:
    """What people have switched on."""

    cache: bool = False
    queue_payments: bool = False


class Checkout:
    """Takes orders. Without a mitigation it fails when a dependency fails."""

    def __init__(
        self,
        inventory: Dependency,
        payments: Dependency,
        cache: StockCache,
        fail_share: float = 0.0,
    ) -> None:
        self._inventory = inventory
        self._payments = payments
        self._on = Mitigations()
        self._cache = cache
        self._fail_share = fail_share
        self.queue = PaymentQueue(payments, self._may_drain)

    def routes(self) -> Routes:
        """Return what it serves."""
        return {
            ("POST", "/checkout"): self.checkout,
            ("GET", "/admin/state"): self.state,
            ("POST", "/admin/cache"): self.switch_cache,
            ("POST", "/admin/queue-payments"): self.switch_queue,
            ("POST", "/admin/breaker"): self.switch_breaker,
        }

    async def checkout(self, request: Request) -> Reply:
        """Buy ``quantity`` of ``sku``; the answer tells where the stock level came from."""
        if random.random() < self._fail_share:
            return Reply.error(HTTPStatus.INTERNAL_SERVER_ERROR, "a defect of this release")
        sku = request.text("sku") if "sku" in request.json() else "book"
        quantity = request.count("quantity", 1, 1000, default=1)
        order = uuid4().hex
        try:
            stock, source = await self._stock(sku)
            if stock < quantity:
                return Reply.error(HTTPStatus.CONFLICT, f"only {stock} of {sku} left")
            payment = await self._pay(order, quantity * PRICE)
        except (DependencyError, QueueFullError) as error:
            return Reply.error(HTTPStatus.SERVICE_UNAVAILABLE, str(error))
        told = {"order": order, "sku": sku, "stock": stock, "stock_from": source}
        return Reply.of({**told, "payment": payment})

    async def state(self, _request: Request) -> Reply:
        """Show the mitigations and what waits."""
        services = (self._inventory, self._payments)
        return Reply.of(
            {
                "cache": self._on.cache,
                "cached_skus": await self._cache.size(),
                "queue_payments": self._on.queue_payments,
                "queued": len(self.queue),
                "drained": self.queue.drained,
                "abandoned": self.queue.abandoned,
                "breakers": {service.name: service.breaker.as_json() for service in services},
            }
        )

    async def switch_cache(self, request: Request) -> Reply:
        """Answer stock levels from the last known ones, or stop doing so."""
        self._on.cache = request.flag("on")
        return await self.state(request)

    async def switch_queue(self, request: Request) -> Reply:
        """Take orders without charging them; switched off, those that wait are charged."""
        self._on.queue_payments = request.flag("on")
        self.queue.look_again()
        return await self.state(request)

    async def switch_breaker(self, request: Request) -> Reply:
        """Open or close the breaker of a dependency, or leave it to itself."""
        services = {service.name: service for service in (self._inventory, self._payments)}
        name = request.text("dependency", tuple(services))
        services[name].breaker.switch(BreakerState(request.text("state", STATES)))
        self.queue.look_again()
        return await self.state(request)

    async def _stock(self, sku: str) -> tuple[int, str]:
        breaker = self._inventory.breaker
        if self._on.cache and (known := await self._cache.get(sku)) is not None:
            return known, "cache"
        try:
            answer = await self._inventory.call("GET", f"/stock?sku={quote(sku)}")
        except DependencyError:
            absorbed = breaker.automatic or breaker.state is BreakerState.OPEN
            if absorbed and (known := await self._cache.get(sku)) is not None:
                return known, "cache"
            raise
        quantity = int(answer["quantity"])
        await self._cache.put(sku, quantity)
        return quantity, "live"

    async def _pay(self, order: str, amount: int) -> str:
        breaker = self._payments.breaker
        if self._on.queue_payments:
            return self._enqueue(order, amount)
        try:
            await self._payments.call("POST", "/charge", {"order": order, "amount": amount})
        except DependencyError:
            if breaker.automatic or breaker.state is BreakerState.OPEN:
                return self._enqueue(order, amount)
            raise
        return "charged"

    def _enqueue(self, order: str, amount: int) -> str:
        # Charging is idempotent by order id, so one that timed out can safely be charged again.
        self.queue.add(order, amount)
        return "queued"

    def _may_drain(self) -> bool:
        return not self._on.queue_payments and self._payments.breaker.state is not BreakerState.OPEN


async def serve(args: argparse.Namespace, stopped: asyncio.Event) -> None:
    """Serve until stopped."""
    state = BreakerState.AUTO if args.auto_breaker else BreakerState.CLOSED
    inventory, payments = (
        Dependency(name, url, TIMEOUT_S, Breaker(state, open_s=args.breaker_seconds))
        for name, url in (("inventory", args.inventory), ("payments", args.payments))
    )
    cache: StockCache = SharedCache(args.cache) if args.cache else OwnCache()
    checkout = Checkout(inventory, payments, cache, args.fail_share)
    draining = asyncio.create_task(checkout.queue.drain())
    try:
        async with HttpServer("checkout", checkout.routes(), args.host, args.port) as server:
            announce("checkout", server.url)
            await stopped.wait()
    finally:
        draining.cancel()
        await asyncio.gather(draining, return_exceptions=True)
        await inventory.close()
        await payments.close()
        await cache.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the process."""
    parser = argument_parser("checkout", "The demo shop's front door.")
    parser.add_argument("--inventory", required=True, help="URL of inventory")
    parser.add_argument("--payments", required=True, help="URL of payments")
    parser.add_argument(
        "--auto-breaker", action="store_true", help="let the circuit breakers absorb faults"
    )
    parser.add_argument(
        "--breaker-seconds",
        type=float,
        default=OPEN_S,
        help="an open breaker tries again after so many (%(default)s)",
    )
    parser.add_argument("--cache", default="", help="URL of a cache that replicas share")
    parser.add_argument(
        "--fail-share",
        type=float,
        default=float(os.environ.get("SHOP_FAIL_SHARE", "0")),
        help="a release with a defect: this share of orders fails (SHOP_FAIL_SHARE)",
    )
    args = parser.parse_args(argv)
    if args.watch_stdin:
        die_with_parent()
    return run(serve, args, "checkout")


if __name__ == "__main__":
    sys.exit(main())
