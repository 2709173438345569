"""Asks over HTTP: the status, the latency or a value of the JSON body."""

from __future__ import annotations

import json
import math
import time
from collections import deque
from collections.abc import Sequence

import httpx

from gameday.adapters.probes.http_client import CallFailed, HttpClient
from gameday.adapters.probes.secrets import Secrets
from gameday.core.json_path import parse_json_path, value_at
from gameday.core.scenario.probes import HttpProbe
from gameday.engine.ports import Reading


class HttpReader:
    """The Probe port over one request a reading."""

    def __init__(self, model: HttpProbe, secrets: Secrets) -> None:
        self._model = model
        self._url = secrets.fill(model.url)
        self._headers = {name: secrets.fill(text) for name, text in model.headers.items()}
        if model.bearer_token is not None:
            self._headers["Authorization"] = f"Bearer {secrets.fill(model.bearer_token)}"
        self._body = secrets.fill_all(model.json_body)
        self._steps = parse_json_path(model.json_path)
        self._latencies = Window(model.window)
        self._client = HttpClient(self._url, model.timeout, ca_file=model.ca_file)

    async def read(self) -> Reading:
        """Ask once; the latency runs until the whole body is there."""
        began = time.monotonic()
        try:
            response = await self._client.request(
                self._model.method, self._url, headers=self._headers, json=self._body
            )
        except CallFailed as error:
            return Reading(None, str(error))
        if self._model.measure == "status":
            return Reading(response.status_code)
        if response.status_code not in _listed(self._model.expected_status):
            return Reading(None, f"HTTP {response.status_code}")
        if self._model.measure == "json":
            return _json_value(response, self._steps, self._model.json_path)
        ended = time.monotonic()
        self._latencies.add(ended, (ended - began) * 1000)
        return Reading(round(self._latencies.percentile(self._model.percentile), 3))

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


class Window:
    """The values of the last seconds."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._values: deque[tuple[float, float]] = deque()

    def add(self, at: float, value: float) -> None:
        """Take in a value and drop those that have left the window; ``at`` in seconds."""
        self._values.append((at, value))
        while self._values[0][0] < at - self._seconds:
            self._values.popleft()

    def percentile(self, percent: float) -> float:
        """By nearest rank: a value that really occurred. Needs at least one value."""
        ordered = sorted(value for _, value in self._values)
        return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def _listed(status: int | list[int]) -> list[int]:
    return status if isinstance(status, list) else [status]


def _json_value(response: httpx.Response, steps: Sequence[str | int], path: str) -> Reading:
    try:
        value = value_at(json.loads(response.content), steps)
    except LookupError:
        return Reading(None, f"the body has nothing at {path}")
    except (ValueError, RecursionError):
        return Reading(None, "the body is not JSON")
    if isinstance(value, (bool, int, float, str)):
        return Reading(value)
    what = "null" if value is None else f"a {'list' if isinstance(value, list) else 'mapping'}"
    return Reading(None, f"{path} is {what}, not a single value")
