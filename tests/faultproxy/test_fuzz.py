"""Ten thousand bodies, most of them wrong: no 500, no hang, no dead proxy.

An address that cannot be used is a 500, as on Toxiproxy: the suite of its own Go client expects
``HTTP 500: listen tcp 127.0.0.1:3310: bind: address already in use``. So there are two barrages:
one whose addresses can all be used, without a single 500, and one that spoils addresses too. That
each of those 500s says what Toxiproxy says is in tests/toxiproxy/test_addresses.py.
"""

import asyncio
import http.client
import json
import random
from contextlib import closing
from typing import Any
from urllib.parse import quote, urlsplit

from gameday.faultproxy import FaultProxy
from gameday.faultproxy.toxics import TOXIC_TYPES
from tests.faultproxy.net import connected, echoed, upstream

BODIES = 10_000
SEED = 20261121
NAMES = ["p", "q", "", "a/b", "ü", "\x00", "x" * 300]
NUMBERS = [0, 1, -1, 2, 100, 0.5, -0.0, 1e308, 1e-400, 2**31, 2**62, 2**63 - 1, 2**63, -(2**63)]
ADDRESSES = ["127.0.0.1:0", "[::1]:0", "localhost:0", ":0", ""]
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

    fields = FIELDS
    addresses = ADDRESSES

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)

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
            "listen": pick(self.addresses),
            "upstream": "127.0.0.1:1",
            "type": pick([*TOXIC_TYPES]),
            "stream": pick(["upstream", "downstream", "Upstream"]),
            "attributes": {pick(FIELDS): pick(NUMBERS) for _ in range(3)},
        }
        kept = {key: value for key, value in sound.items() if self._random.random() < 0.8}
        if self._random.random() < 0.5:
            kept[pick(self.fields)] = self._value(3)
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


class UsableAddresses(Fuzzer):
    """The same, but a proxy that is asked for could always listen."""

    fields = [name for name in FIELDS if name.lower() != "listen"]  # noqa: RUF012 - never changed
    addresses = ["127.0.0.1:0", "localhost:0", ""]  # noqa: RUF012

    def _spoiled(self, body: bytes) -> bytes:
        return body if b"listen" in body else super()._spoiled(body)


def bombard(url: str, fuzzer: Fuzzer) -> dict[int, int]:
    """Send every request on one connection; return how often each status came."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)
    statuses: dict[int, int] = {}
    with closing(connection):
        for _ in range(BODIES):
            method, path, body = fuzzer.request()
            connection.request(method, path, body=body)
            answer = connection.getresponse()
            text = answer.read()
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            assert answer.status < 500 or _cannot_listen(text), (method, path, body, text)
    return statuses


def _cannot_listen(text: bytes) -> bool:
    """A proxy whose address cannot be used: the one thing the original answers 500 to as well."""
    error = json.loads(text)["error"]
    return any(words in error for words in ("listen tcp", "address ", "lookup "))


def test_ten_thousand_bodies_do_no_harm() -> None:
    async def scenario() -> None:
        async with FaultProxy("127.0.0.1", 0) as server, upstream() as behind:
            statuses = await asyncio.to_thread(bombard, server.url, UsableAddresses(SEED))
            assert not [status for status in statuses if status >= 500], statuses
            statuses = await asyncio.to_thread(bombard, server.url, Fuzzer(SEED))
            assert {200, 201, 204, 400, 404, 409} <= set(statuses)
            made = {"name": "alive", "listen": "127.0.0.1:0", "upstream": behind.address}
            await server.populate(json.dumps([made]).encode())
            shown = await asyncio.to_thread(_show, server.url, "/proxies/alive")
            host, _, port = shown["listen"].rpartition(":")
            async with connected((host, int(port))) as both:
                await echoed(both, b"alive")

    asyncio.run(scenario())


def _show(url: str, path: str) -> Any:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=20)
    with closing(connection):
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
