"""Asks Prometheus an instant query that must give exactly one number."""

from __future__ import annotations

import json
import math
from typing import Any

from gameday.adapters.probes.http_client import CallFailed, HttpClient
from gameday.adapters.probes.secrets import Secrets
from gameday.core.scenario.probes import PrometheusProbe
from gameday.engine.ports import Reading


class PrometheusReader:
    """The Probe port over ``/api/v1/query``."""

    def __init__(self, model: PrometheusProbe, secrets: Secrets) -> None:
        self._query = secrets.fill(model.query)
        self._url = secrets.fill(model.url).rstrip("/") + "/api/v1/query"
        self._timeout = model.timeout
        self._headers = {}
        if model.bearer_token is not None:
            self._headers["Authorization"] = f"Bearer {secrets.fill(model.bearer_token)}"
        self._client = HttpClient(
            self._url,
            model.timeout,
            ca_file=model.ca_file,
            client_cert=model.client_cert,
            client_key=model.client_key,
        )

    async def read(self) -> Reading:
        """Ask once; Prometheus itself is told the time-out too."""
        form = {"query": self._query, "timeout": f"{math.ceil(self._timeout * 1000)}ms"}
        try:
            answer = await self._client.request("POST", self._url, headers=self._headers, data=form)
        except CallFailed as error:
            return Reading(None, str(error))
        try:
            body = json.loads(answer.content)
        except (ValueError, RecursionError):
            body = None
        return reading_of(answer.status_code, body)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def reading_of(status: int, body: Any) -> Reading:
    """The one number of an answer of Prometheus's HTTP API, or why there is none."""
    if isinstance(body, dict) and body.get("status") == "error":
        return Reading(None, f"Prometheus: {str(body.get('error', 'unknown error'))[:200]}")
    if status != 200:
        return Reading(None, f"HTTP {status}")
    try:
        if body["status"] != "success":
            raise ValueError(body["status"])
        return _number_of(body["data"]["resultType"], body["data"]["result"])
    except (LookupError, TypeError, ValueError):
        return Reading(None, "not an answer of Prometheus")


def _number_of(kind: str, result: Any) -> Reading:
    if kind == "scalar":
        return _number(result[1])
    if kind != "vector":
        return Reading(None, f"the query gives a {kind}; it must give one number")
    if not result:
        return Reading(None, "no data")
    if len(result) > 1:
        return Reading(None, f"the query gives {len(result)} series; it must give one")
    if "value" not in result[0]:
        return Reading(None, "the query gives a histogram; it must give one number")
    return _number(result[0]["value"][1])


def _number(text: str) -> Reading:
    number = float(text)
    if not math.isfinite(number):
        return Reading(None, f"the query gives {text}, which is not a number to judge")
    return Reading(number)
