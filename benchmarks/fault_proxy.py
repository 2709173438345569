"""The embedded fault proxy against Toxiproxy 2.12, both running, measured in turn.

Toxiproxy is the program ``TOXIPROXY_SERVER`` names, else ``toxiproxy-server`` on the path; without
it the lines say so and have no ratio.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median

from benchmarks import load
from benchmarks.measure import Figures, percentile, rounded, spread
from benchmarks.programs import PATIENCE, environment
from benchmarks.targets import Target

PEER = "Toxiproxy 2.12"
CONNECTIONS = 32
LATENCY_MS = 100
IDLE = 1000
LATENCY = {"type": "latency", "attributes": {"latency": LATENCY_MS}}
_PAGE = os.sysconf("SC_PAGE_SIZE")
_NAMES = count()


@dataclass(frozen=True)
class Server:
    """A running server: its API, and its process to weigh."""

    target: Target
    pid: int

    def through(self, upstream: str, toxics: Sequence[object] = ()) -> tuple[str, int]:
        """Make a proxy with these toxics before an upstream; return where it listens."""
        name = f"bench{next(_NAMES)}"
        made = {"name": name, "listen": "127.0.0.1:0", "upstream": upstream}
        host, _, port = self.target.call("POST", "/proxies", made)["listen"].rpartition(":")
        for toxic in toxics:
            self.target.call("POST", f"/proxies/{name}/toxics", toxic)
        return host, int(port)

    def resident(self) -> int:
        """Bytes of memory in use."""
        pages = Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1]
        return int(pages) * _PAGE


@contextmanager
def servers() -> Iterator[tuple[Server, Server | None]]:
    """Ours and, if there is one, the peer."""
    with ExitStack() as stack:
        ours = [sys.executable, "-m", "gameday.faultproxy", "--host", "127.0.0.1", "--port"]
        found = os.environ.get("TOXIPROXY_SERVER") or shutil.which("toxiproxy-server")
        peer = [found, "-host", "127.0.0.1", "-port"] if found else None
        yield (
            stack.enter_context(_running(ours)),
            stack.enter_context(_running(peer)) if peer else None,
        )


@contextmanager
def _running(command: list[str]) -> Iterator[Server]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [*command, str(port)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env={**environment(), "LOG_LEVEL": "error"},
    )
    with process:
        try:
            _await(port)
            target = Target(f"http://127.0.0.1:{port}")
            yield Server(target, process.pid)
            target.close()
        finally:
            process.terminate()


def _await(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.01)
        else:
            return
    raise TimeoutError(f"nothing listens on port {port}")


def _in_turn(
    measure: Callable[[Server], float], rounds: int
) -> tuple[list[float], list[float] | None]:
    """Measure both in turn, so that a slow minute hits both; the first round is dropped."""
    with servers() as (ours, peer):
        mine, theirs = [], []
        for _ in range(rounds + 1):
            mine.append(measure(ours))
            if peer is not None:
                theirs.append(measure(peer))
        return mine[1:], theirs[1:] if theirs else None


def _compared(
    ours: list[float], peer: list[float] | None, unit: str, goal: str, kept: Callable[[float], bool]
) -> Figures:
    met = peer is not None and kept(median(ours) / median(peer))
    return Figures(
        ours=median(ours),
        unit=unit,
        n=len(ours),
        goal=goal,
        met=met,
        peer=None if peer is None else median(peer),
        peer_name=PEER if peer is not None else f"{PEER}: not found, skipped",
        extra={**spread(ours), **(spread(peer, "peer_") if peer else {})},
    )


def proxy_http(quick: bool) -> Figures:
    """HTTP requests a second over 32 connections."""
    seconds, rounds = (0.2, 1) if quick else (1.0, 15)
    ours, peer = _in_turn(
        lambda server: load.http_rate(server.through, CONNECTIONS, seconds), rounds
    )
    return _compared(ours, peer, "requests/s", "ratio >= 1.0", lambda ratio: ratio >= 1.0)


def proxy_stream(quick: bool) -> Figures:
    """Bytes a second of one stream."""
    seconds, rounds = (0.2, 1) if quick else (1.0, 15)
    ours, peer = _in_turn(lambda server: load.stream_rate(server.through, seconds), rounds)
    return _compared(ours, peer, "bytes/s", "ratio >= 2.0", lambda ratio: ratio >= 2.0)


def proxy_added_latency(quick: bool) -> Figures:
    """What a proxy adds to the median round trip of a byte."""
    trips, rounds = (200, 1) if quick else (2000, 15)

    def added(server: Server) -> float:
        direct = median(load.round_trips(_directly, trips))
        return max(median(load.round_trips(server.through, trips)) - direct, 1e-9)

    ours, peer = _in_turn(added, rounds)
    return _compared(ours, peer, "s", "ratio <= 0.6", lambda ratio: ratio <= 0.6)


def _directly(upstream: str) -> tuple[str, int]:
    host, _, port = upstream.rpartition(":")
    return host, int(port)


def proxy_latency_toxic(quick: bool) -> Figures:
    """How long bytes take through a latency toxic of 100 ms."""
    sends, every = (10, 0.01) if quick else (1000, 0.0073)

    def delays(server: Server) -> list[float]:
        through = partial(Server.through, server, toxics=[LATENCY])
        return [1000 * delay for delay in load.delays(through, sends, every)]

    with servers() as (server, peer):
        ours = delays(server)
        theirs = delays(peer) if peer else None
    p50, p99 = percentile(ours, 50), percentile(ours, 99)
    return Figures(
        ours=p50,
        unit="ms",
        n=len(ours),
        goal="min >= 100.0, p50 <= 101, p99 <= 102",
        met=min(ours) >= LATENCY_MS and p50 <= 101 and p99 <= 102,
        peer=median(theirs) if theirs else None,
        peer_name=PEER if theirs else f"{PEER}: not found, skipped",
        extra={
            "min": rounded(min(ours)),
            **spread(ours),
            **({"peer_min": rounded(min(theirs)), **spread(theirs, "peer_")} if theirs else {}),
        },
    )


def proxy_stalled(quick: bool) -> Figures:
    """How long it takes to remove a toxic from a connection whose client does not read.

    Toxiproxy is not asked: its API hangs from then on, and the other benchmarks need it.
    """
    with servers() as (server, _peer):
        took = [_removal(server) for _ in range(1 if quick else 10)]
    return Figures(
        ours=max(took),
        unit="s",
        n=len(took),
        goal="worst < 0.1 s",
        met=max(took) < 0.1,
        peer_name=f"{PEER}: hangs, not asked",
        extra=spread(took),
    )


def _removal(server: Server) -> float:
    toxics = [{**LATENCY, "name": name} for name in ("first", "second")]
    with load.pairs(partial(Server.through, server, toxics=toxics), 1) as ((_client, upstream),):
        load.stall(upstream)
        name = next(reversed(server.target.call("GET", "/proxies")))
        began = time.perf_counter()
        server.target.call("DELETE", f"/proxies/{name}/toxics/first")
        took = time.perf_counter() - began
    server.target.call("DELETE", f"/proxies/{name}")
    return took


def proxy_connections(quick: bool) -> Figures:
    """New connections a second; and the memory that 1,000 idle ones take."""
    made, rounds = (50, 1) if quick else (500, 7)
    ours, peer = _in_turn(lambda server: load.connection_rate(server.through, made), rounds)
    idle = 50 if quick else IDLE
    with servers() as (server, other):
        weights = {"idle": idle, "idle_bytes": _idle_weight(server, idle)}
        if other is not None:
            weights["peer_idle_bytes"] = _idle_weight(other, idle)
    figures = _compared(ours, peer, "connections/s", "none (printed)", lambda _ratio: True)
    return replace(figures, met=True, extra={**figures.extra, **weights})


def _idle_weight(server: Server, idle: int) -> int:
    """Bytes of memory that so many idle connections add."""
    before = server.resident()
    with load.pairs(server.through, idle):
        return server.resident() - before
