"""Traffic: steady open-loop load on checkout, and what its users saw of it."""

import argparse
import asyncio
import math
import sys
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from gameday.demo.http_client import CallError, HttpClient
from gameday.demo.http_server import HttpServer
from gameday.demo.messages import BadRequestError, Reply, Request, Routes
from gameday.demo.process import announce, argument_parser, die_with_parent, run

RATE = 20.0
TIMEOUT_S = 3.0
KEPT_S = 300.0
CATCH_UP_S = 1.0
WINDOW_S = 5.0
SKUS = ("book", "lamp", "mug", "chair")


@dataclass(frozen=True, slots=True)
class Sample:
    """One finished request: when it ended (monotonic seconds), how long it took, and whether
    a user would call it good."""

    ended: float
    seconds: float
    ok: bool


class Window:
    """The requests of the last five minutes."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._samples: deque[Sample] = deque()

    def add(self, sample: Sample) -> None:
        """Keep a finished request, and forget old ones."""
        self._samples.append(sample)
        while self._samples[0].ended < self._now() - KEPT_S:
            self._samples.popleft()

    def stats(self, window_s: float) -> dict[str, float | int | None]:
        """Sum up those that ended in the last ``window_s`` seconds; no requests, no latencies."""
        since = self._now() - window_s
        recent = [sample for sample in self._samples if sample.ended >= since]
        errors = sum(not sample.ok for sample in recent)
        times = sorted(sample.seconds * 1000 for sample in recent)
        return {
            "window_s": window_s,
            "requests": len(recent),
            "errors": errors,
            "error_rate": errors / len(recent) if recent else 0.0,
            "p50_ms": _quantile(times, 0.50),
            "p95_ms": _quantile(times, 0.95),
            "p99_ms": _quantile(times, 0.99),
            "rps": len(recent) / window_s,
        }


def _quantile(ordered: Sequence[float], share: float) -> float | None:
    """Return the smallest value that at least ``share`` of all are not above (nearest rank)."""
    if not ordered:
        return None
    return round(ordered[max(0, math.ceil(share * len(ordered)) - 1)], 3)


class Traffic:
    """Starts requests at fixed instants, however slow the answers are: users do not wait."""

    def __init__(self, client: HttpClient, rate: float) -> None:
        self._client = client
        self._rate = rate
        self._window = Window()
        self._running: set[asyncio.Task[None]] = set()

    def routes(self) -> Routes:
        """Return what it serves."""
        return {("GET", "/stats"): self.stats, ("POST", "/admin/rate"): self.set_rate}

    async def stats(self, request: Request) -> Reply:
        """Show what users saw in the last ``window`` seconds."""
        try:
            window_s = float(request.query.get("window", WINDOW_S))
        except ValueError as error:
            raise BadRequestError("window must be a number of seconds") from error
        if not 0 < window_s <= KEPT_S:
            raise BadRequestError(f"window must be above 0 and at most {KEPT_S:g}")
        return Reply.of(self._window.stats(window_s))

    async def set_rate(self, request: Request) -> Reply:
        """Set the requests a second."""
        self._rate = request.count("rate", 1, 1000)
        return Reply.of({"rate": self._rate})

    async def drive(self) -> None:
        """Send requests until cancelled."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        number = 0
        try:
            while True:
                await asyncio.sleep(max(0.0, due - loop.time()))
                sku = SKUS[number % len(SKUS)]
                task = loop.create_task(self._buy(sku, due))
                self._running.add(task)
                task.add_done_callback(self._running.discard)
                number += 1
                # After a pause of the whole process, users do not all come at once.
                due = max(due, loop.time() - CATCH_UP_S) + 1 / self._rate
        finally:
            for task in tuple(self._running):
                task.cancel()
            await asyncio.gather(*self._running, return_exceptions=True)

    async def _buy(self, sku: str, due: float) -> None:
        # From the instant it was due: a late start is part of what the user waits.
        loop = asyncio.get_running_loop()
        ok = False
        try:
            reply = await self._client.call("POST", "/checkout", {"sku": sku})
            ok = reply.status == HTTPStatus.OK
        except CallError:
            ok = False
        now = time.monotonic()
        self._window.add(Sample(now, loop.time() - due, ok))


async def serve(args: argparse.Namespace, stopped: asyncio.Event) -> None:
    """Drive load until stopped."""
    client = HttpClient(args.checkout, TIMEOUT_S)
    traffic = Traffic(client, args.rate)
    driving = asyncio.create_task(traffic.drive())
    try:
        async with HttpServer("traffic", traffic.routes(), args.host, args.port) as server:
            announce("traffic", server.url)
            await stopped.wait()
    finally:
        driving.cancel()
        await asyncio.gather(driving, return_exceptions=True)
        await client.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Run the process."""
    parser = argument_parser("traffic", "Steady load on the demo shop.")
    parser.add_argument("--checkout", required=True, help="URL of checkout")
    parser.add_argument("--rate", type=float, default=RATE, help="requests a second (%(default)s)")
    args = parser.parse_args(argv)
    if not 0 < args.rate <= 1000:
        parser.error("--rate must be above 0 and at most 1000")
    if args.watch_stdin:
        die_with_parent()
    return run(serve, args, "traffic")


if __name__ == "__main__":
    sys.exit(main())
