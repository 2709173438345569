"""Ten thousand bodies, most of them wrong: no 5xx, no hang, no dead proxy.

Most addresses in them cannot be used, which Toxiproxy answers 500: one
in use, one of another machine, one that is no address. That each is refused in Toxiproxy's words
is in tests/toxiproxy/test_addresses.py.
"""

import asyncio
import http.client
import json
import random
import resource
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from gameday.faultproxy import FaultProxy
from gameday.faultproxy.toxics import TOXIC_TYPES
from tests.faultproxy.net import connected, echoed, upstream
from tests.toxiproxy.servers import running

BODIES = 10_000
SEED = 20261121
NAMES = ["p", "q", "", "a/b", "ü", "\x00", "x" * 300]
NUMBERS = [0, 1, -1, 2, 100, 0.5, -0.0, 1e308, 1e-400, 2**31, 2**62, 2**63 - 1, 2**63, -(2**63)]
ADDRESSES = ["127.0.0.1:0", "127.0.0.1:0", "[::1]:0", "localhost:0", ":0", ""]
UNUSABLE = ["192.0.2.1:80", "127.0.0.1:70000", "127.0.0.1:-1", "nonsense", "[::1", "127.1:0"]
UNUSABLE += ["127.0.0.1:x", "::1:0"]
REFUSALS: tuple[str, ...] = (
    "address already in use",
    "cannot assign requested address",
    "invalid port",
)
REFUSALS += ("missing port in address", "missing ']' in address", "no such host", "unknown port")
REFUSALS += ("too many colons in address",)
FIELDS = ["name", "listen", "upstream", "enabled", "Logger", "type", "stream", "toxicity"]
FIELDS += ["attributes", "latency", "jitter", "rate", "average_size", "size_variation", "delay"]
FIELDS += ["timeout", "bytes", "expires_in_ms", "NAME", "Toxicity", "\u017ftream", "nonsense"]
ROUTES = [
    ("POST", "/proxies"),
    ("POST", "/populate"),
    ("PATCH", "/proxies/{name}"),
    ("POST", "/proxies/{name}"),
    ("POST", "/proxies/{name}/toxics"),
    ("PATCH", "/proxies/{name}/toxics/{toxic}"),
    ("DELETE", "/proxies/{name}/toxics/{toxic}"),
    ("POST", "/reset"),
    ("GET", "/proxies"),
]


class Fuzzer:
    """A seeded source of requests that look like the API's, more or less."""

    def __init__(self, seed: int, busy: str) -> None:
        self._random = random.Random(seed)
        self._addresses = [*ADDRESSES, *UNUSABLE, busy, busy]

    def request(self) -> tuple[str, str, bytes]:
        """Return a method, a path and a body."""
        pick = self._random.choice
        method, path = pick(ROUTES)
        toxic = pick([*NAMES, *(f"{kind}_downstream" for kind in TOXIC_TYPES)])
        where = path.format(name=quote(pick(NAMES[:2]), safe=""), toxic=quote(toxic, safe=""))
        value = [self._object() for _ in range(2)] if path == "/populate" else self._object()
        body = json.dumps(value if self._random.random() < 0.95 else self._value(0)).encode()
        return method, where, self._spoiled(body)

    def _object(self) -> dict[str, Any]:
        pick = self._random.choice
        sound: dict[str, Any] = {
            "name": pick(NAMES),
            "listen": pick(self._addresses),
            "upstream": "127.0.0.1:1",
            "type": pick([*TOXIC_TYPES]),
            "stream": pick(["upstream", "downstream", "Upstream"]),
            "attributes": {pick(FIELDS): pick(NUMBERS) for _ in range(3)},
        }
        kept = {key: value for key, value in sound.items() if self._random.random() < 0.8}
        if self._random.random() < 0.5:
            kept[pick(FIELDS)] = self._value(3)
        return kept

    def _value(self, depth: int) -> Any:
        pick = self._random.choice
        kind = self._random.randrange(7 if depth else 5)
        if kind == 5:
            return [self._value(depth - 1) for _ in range(3)]
        if kind == 6:
            return {pick(FIELDS): self._value(depth - 1) for _ in range(3)}
        return pick([None, True, False, pick(NUMBERS), pick(NAMES), "\ud800", "<&>"])

    def _spoiled(self, body: bytes) -> bytes:
        """Return one body in four with a piece cut out, doubled or replaced."""
        if self._random.random() < 0.75:
            return body
        start = self._random.randrange(len(body))
        end = min(start + self._random.randrange(1, 8), len(body))
        return body[:start] + self._random.choice([b"", body[start:end] * 2, b"\xff{"]) + body[end:]


@contextmanager
def api(url: str) -> Iterator[http.client.HTTPConnection]:
    """One connection to the API, open already."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)
    with closing(connection):
        connection.request("GET", "/version")
        connection.getresponse().read()
        yield connection


def bombard(connection: http.client.HTTPConnection, fuzzer: Fuzzer) -> Counter[str | int]:
    """Send every request; return how often each status came, and each refusal of an address on
    each kind of request."""
    seen: Counter[str | int] = Counter()
    for _ in range(BODIES):
        method, path, body = fuzzer.request()
        connection.request(method, path, body=body)
        answer = connection.getresponse()
        text = answer.read().decode()
        assert answer.status < 500, (method, path, body, text)
        seen[answer.status] += 1
        route = f"{method} /{'/'.join(path.split('/')[1::2])}"
        seen.update(f"{route}: {why}" for why in REFUSALS if answer.status >= 400 and why in text)
    return seen


def bombarded(url: str) -> Counter[str | int]:
    with socket.create_server(("127.0.0.1", 0)) as taken, api(url) as connection:
        return bombard(connection, Fuzzer(SEED, f"127.0.0.1:{taken.getsockname()[1]}"))


def test_ten_thousand_bodies_do_no_harm() -> None:
    async def scenario() -> None:
        async with FaultProxy("127.0.0.1", 0) as server, upstream() as behind:
            seen = await asyncio.to_thread(bombarded, server.url)
            assert {200, 201, 204, 400, 404, 409} <= set(seen)
            for route in ("POST /proxies", "PATCH /proxies", "POST /populate"):
                assert {f"{route}: {why}" for why in REFUSALS} <= set(seen)
            assert "POST /reset: address already in use" in seen
            made = {"name": "alive", "listen": "127.0.0.1:0", "upstream": behind.address}
            await server.populate(json.dumps([made]).encode())
            shown = await asyncio.to_thread(_show, server.url, "/proxies/alive")
            host, _, port = shown["listen"].rpartition(":")
            async with connected((host, int(port))) as both:
                await echoed(both, b"alive")

    asyncio.run(scenario())


@pytest.mark.skipif(not hasattr(resource, "prlimit"), reason="only Linux limits another process")
def test_the_barrage_can_fail() -> None:
    """The negative control: a server without a descriptor left for a listener is to blame itself,
    and says 500."""
    with running("embedded") as server, api(server.url) as connection:
        resource.prlimit(server.pid, resource.RLIMIT_NOFILE, (1, 1))
        with pytest.raises(AssertionError, match="too many open files"):
            bombard(connection, Fuzzer(SEED, "127.0.0.1:1"))


def _show(url: str, path: str) -> Any:
    with api(url) as connection:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
