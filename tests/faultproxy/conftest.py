"""A running fault proxy, and a blocking client of its API, for tests."""

import asyncio
import http.client
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from gameday.faultproxy import FaultProxy

DEADLINE_S = 20.0


@dataclass(frozen=True)
class Answer:
    """What came back from the API."""

    status: int
    content_type: str
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


@dataclass(frozen=True)
class Client:
    """Sends one request on a connection of its own."""

    url: str

    def send(self, method: str, path: str, body: object = None, agent: str = "test") -> Answer:
        data = body if body is None or isinstance(body, str) else json.dumps(body)
        where = urlsplit(self.url)
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=10)
        try:
            connection.request(method, path, body=data, headers={"User-Agent": agent})
            answer = connection.getresponse()
            kind = answer.headers.get("Content-Type", "")
            return Answer(answer.status, kind, answer.read().decode())
        finally:
            connection.close()

    async def call(
        self, method: str, path: str, body: object = None, agent: str = "test"
    ) -> Answer:
        return await asyncio.to_thread(self.send, method, path, body, agent)

    async def proxy(self, upstream: str, name: str = "p") -> tuple[str, int]:
        """Create a proxy and return the host and port to connect to."""
        made = {"name": name, "listen": "127.0.0.1:0", "upstream": upstream}
        answer = await self.call("POST", "/proxies", made)
        assert answer.status == 201, answer
        host, _, port = answer.json["listen"].rpartition(":")
        return host, int(port)


@asynccontextmanager
async def running() -> AsyncIterator[Client]:
    """A fault proxy on a free port."""
    async with asyncio.timeout(DEADLINE_S), FaultProxy("127.0.0.1", 0) as server:
        yield Client(server.url)


Scenario = Callable[[Client], Awaitable[None]]


@pytest.fixture
def play() -> Callable[[Scenario], None]:
    """Play a scenario against a fresh fault proxy."""

    def run(scenario: Scenario) -> None:
        async def main() -> None:
            async with running() as client:
                await scenario(client)

        asyncio.run(main())

    return run
