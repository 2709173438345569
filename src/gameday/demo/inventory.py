"""Inventory: tells stock levels, from the database through a bounded pool."""

import argparse
import asyncio
import contextlib
import os
import sys
from collections.abc import Sequence
from http import HTTPStatus

from gameday.demo.http_server import HttpServer
from gameday.demo.line_client import LineClient, LineError
from gameday.demo.messages import BadRequestError, Reply, Request, Routes
from gameday.demo.pool import Pool, PoolExhaustedError
from gameday.demo.process import announce, argument_parser, die_with_parent, run

POOL_SIZE = 4
# together below the second that checkout waits, so that it hears what went wrong
ACQUIRE_S = 0.25
QUERY_S = 0.6
PROMOTE_S = 2.0


class Inventory:
    """Stock levels from the primary, or after a promotion from the standby (``host:port``)."""

    def __init__(
        self, primary: str, standby: str, pool_size: int = POOL_SIZE, hold_s: float = 0.0
    ) -> None:
        self._primary = primary
        self._standby = standby
        self._promoted = False
        self._hold_s = hold_s
        self._leaks: set[asyncio.Task[None]] = set()
        self._exhausted = 0
        self.pool = Pool(primary, pool_size, ACQUIRE_S, QUERY_S)

    def routes(self) -> Routes:
        """Return what it serves."""
        return {
            ("GET", "/stock"): self.stock,
            ("POST", "/stock"): self.set_stock,
            ("GET", "/admin/state"): self.state,
            ("POST", "/admin/pool"): self.resize,
            ("POST", "/admin/promote"): self.promote,
        }

    async def stock(self, request: Request) -> Reply:
        """Tell how many of ``sku`` there are."""
        sku = request.query.get("sku")
        if not sku:
            raise BadRequestError("sku is missing")
        return await self._ask({"op": "get", "sku": sku}, sku)

    async def set_stock(self, request: Request) -> Reply:
        """Set how many of ``sku`` there are."""
        sku, quantity = request.text("sku"), request.count("quantity", 0, 10**9)
        return await self._ask({"op": "set", "sku": sku, "quantity": quantity}, sku)

    async def state(self, _request: Request) -> Reply:
        """Show the pool and which database is in use."""
        return Reply.of(
            {
                "pool": {"size": self.pool.size, "in_use": self.pool.in_use},
                "exhausted": self._exhausted,
                "promoted": self._promoted,
                "database": self.pool.address,
            }
        )

    async def resize(self, request: Request) -> Reply:
        """Set the pool's size."""
        self.pool.resize(request.count("size", 1, 1000))
        return await self.state(request)

    async def promote(self, request: Request) -> Reply:
        """Make the standby the primary and use it; ``{"on": false}`` goes back."""
        on = request.flag("on", True)
        standby = LineClient(self._standby, PROMOTE_S)
        try:
            await standby.ask({"op": "promote", "on": on})
        except LineError as error:
            return Reply.error(HTTPStatus.SERVICE_UNAVAILABLE, f"standby: {error}")
        finally:
            await standby.close()
        self._promoted = on
        await self.pool.point_at(self._standby if on else self._primary)
        return await self.state(request)

    async def _ask(self, query: dict[str, object], sku: str) -> Reply:
        try:
            async with self.pool.connection() as database:
                answer = await database.ask(query)
        except PoolExhaustedError as error:
            self._exhausted += 1
            return Reply.error(HTTPStatus.SERVICE_UNAVAILABLE, f"pool exhausted: {error}")
        except LineError as error:
            return Reply.error(HTTPStatus.SERVICE_UNAVAILABLE, f"database: {error}")
        if self._hold_s:
            leak = asyncio.create_task(self._leak())
            self._leaks.add(leak)
            leak.add_done_callback(self._leaks.discard)
        if answer["quantity"] is None:
            return Reply.error(HTTPStatus.NOT_FOUND, f"unknown sku {sku}")
        return Reply.of({"sku": sku, "quantity": answer["quantity"]})

    async def _leak(self) -> None:
        """The defect of a release: a connection stays lent for a while after each answer."""
        with contextlib.suppress(PoolExhaustedError):
            async with self.pool.connection():
                await asyncio.sleep(self._hold_s)


async def serve(args: argparse.Namespace, stopped: asyncio.Event) -> None:
    """Serve until stopped."""
    inventory = Inventory(args.primary, args.standby, args.pool, args.hold)
    async with HttpServer("inventory", inventory.routes(), args.host, args.port) as server:
        announce("inventory", server.url)
        await stopped.wait()
    await inventory.pool.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the process."""
    parser = argument_parser("inventory", "The demo shop's inventory.")
    parser.add_argument("--primary", required=True, help="host:port of the primary database")
    parser.add_argument("--standby", required=True, help="host:port of the standby")
    parser.add_argument("--pool", type=int, default=POOL_SIZE, help="connections (%(default)s)")
    parser.add_argument(
        "--hold",
        type=float,
        default=float(os.environ.get("SHOP_HOLD_S", "0")),
        help="a release with a defect: seconds for which a request keeps its connection after the "
        "answer (SHOP_HOLD_S)",
    )
    args = parser.parse_args(argv)
    if args.watch_stdin:
        die_with_parent()
    return run(serve, args, "inventory")


if __name__ == "__main__":
    sys.exit(main())
