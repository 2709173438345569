"""Payments: charges orders, each at most once."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from gameday.demo.http_server import HttpServer
from gameday.demo.messages import Reply, Request, Routes
from gameday.demo.process import announce, argument_parser, die_with_parent, run

CHARGE_S = 0.005
REMEMBERED = 100_000


class Payments:
    """Charges by order id; an order that comes again is not charged again."""

    def __init__(self) -> None:
        self._charged: dict[str, int] = {}
        self._total = 0

    def routes(self) -> Routes:
        """Return what it serves."""
        return {("POST", "/charge"): self.charge, ("GET", "/admin/state"): self.state}

    async def charge(self, request: Request) -> Reply:
        """Charge ``amount`` (cents) for ``order``."""
        order, amount = request.text("order"), request.count("amount", 0, 10**9)
        await asyncio.sleep(CHARGE_S)
        first = order not in self._charged
        if first:
            self._charged[order] = amount
            self._total += 1
        if len(self._charged) > REMEMBERED:
            self._charged.pop(next(iter(self._charged)))
        return Reply.of({"order": order, "charged": True, "repeated": not first})

    async def state(self, _request: Request) -> Reply:
        """Show how many orders were charged."""
        return Reply.of({"charged": self._total})


async def serve(args: argparse.Namespace, stopped: asyncio.Event) -> None:
    """Serve until stopped."""
    async with HttpServer("payments", Payments().routes(), args.host, args.port) as server:
        announce("payments", server.url)
        await stopped.wait()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the process."""
    args = argument_parser("payments", "The demo shop's payments.").parse_args(argv)
    if args.watch_stdin:
        die_with_parent()
    return run(serve, args, "payments")


if __name__ == "__main__":
    sys.exit(main())
