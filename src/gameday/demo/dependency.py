"""A service that checkout needs, called through its circuit breaker."""

import time
from http import HTTPStatus
from typing import Any

from gameday.demo.breaker import Breaker
from gameday.demo.http_client import CallError, HttpClient


class DependencyError(Exception):
    """The dependency did not answer, answered with an error, or may not be called now."""


class Dependency:
    """Calls one service. Every call has a time-out and none is repeated."""

    def __init__(self, name: str, url: str, timeout_s: float, breaker: Breaker) -> None:
        self.name = name
        self.breaker = breaker
        self._client = HttpClient(url, timeout_s)

    async def call(self, method: str, target: str, value: object = None) -> dict[str, Any]:
        """Return the JSON object of a 200. Raises DependencyError."""
        if not self.breaker.allows():
            raise DependencyError(f"{self.name}: circuit breaker open")
        started = time.monotonic()
        ok = False
        try:
            reply = await self._client.call(method, target, value)
            ok = reply.status < HTTPStatus.INTERNAL_SERVER_ERROR
        except CallError as error:
            raise DependencyError(f"{self.name}: {error}") from error
        finally:
            self.breaker.record(ok, time.monotonic() - started)
        try:
            answer = reply.json()
        except ValueError as error:
            raise DependencyError(f"{self.name}: answered no JSON") from error
        if reply.status != HTTPStatus.OK or not isinstance(answer, dict):
            raise DependencyError(f"{self.name}: {reply.status} {answer}")
        return answer

    async def close(self) -> None:
        """Close its connections."""
        await self._client.close()
