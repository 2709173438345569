"""Cache: the last known stock levels, for all replicas of checkout."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from http import HTTPStatus

from gameday.demo.http_server import HttpServer
from gameday.demo.messages import BadRequestError, Reply, Request, Routes
from gameday.demo.process import announce, argument_parser, die_with_parent, run

MOST = 10_000
"""Levels it holds; the oldest goes first."""


class Cache:
    """Keeps levels in memory; a restart forgets them."""

    def __init__(self) -> None:
        self._levels: dict[str, int] = {}

    def routes(self) -> Routes:
        """Return what it serves."""
        return {
            ("GET", "/stock"): self.stock,
            ("POST", "/stock"): self.keep,
            ("GET", "/admin/state"): self.state,
        }

    async def stock(self, request: Request) -> Reply:
        """Tell the last known level of ``sku``."""
        sku = request.query.get("sku")
        if not sku:
            raise BadRequestError("sku is missing")
        if sku not in self._levels:
            return Reply.error(HTTPStatus.NOT_FOUND, f"nothing is known of {sku}")
        return Reply.of({"sku": sku, "quantity": self._levels[sku]})

    async def keep(self, request: Request) -> Reply:
        """Keep a level."""
        sku, quantity = request.text("sku"), request.count("quantity", 0, 10**9)
        self._levels.pop(sku, None)
        self._levels[sku] = quantity
        if len(self._levels) > MOST:
            self._levels.pop(next(iter(self._levels)))
        return Reply.of({"sku": sku, "quantity": quantity})

    async def state(self, _request: Request) -> Reply:
        """Show how many there are."""
        return Reply.of({"levels": len(self._levels)})


async def serve(args: argparse.Namespace, stopped: asyncio.Event) -> None:
    """Serve until stopped."""
    async with HttpServer("cache", Cache().routes(), args.host, args.port) as server:
        announce("cache", server.url)
        await stopped.wait()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the process."""
    args = argument_parser("cache", "The demo shop's cache.").parse_args(argv)
    if args.watch_stdin:
        die_with_parent()
    return run(serve, args, "cache")


if __name__ == "__main__":
    sys.exit(main())
