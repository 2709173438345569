"""Toxiproxy's HTTP API, for the embedded server and the original, with a time-out on each call.

Not toxiproxy-python: its host and port belong to the class, so two servers in one run mix up; it
has no time-outs, while a wedged server answers after 25 s or never; ``enable()`` takes a 500 for
success; removing a toxic that is gone raises; and it cannot change a toxic, which an exact
restoration needs. An undo must not depend on any of these. It serves as a second opinion: the
tests run it, as it is, against both servers (tests/toxiproxy/test_clients.py).

The calls themselves are httpx's (:mod:`.wire`), loaded with the first of them: commands that only
check a file have no use for it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from gameday.engine.faults import FaultFailure

TIMEOUT = 2.0
"""Seconds until a call is over, from connecting to the last byte of the answer."""


class ToxiproxyFailure(FaultFailure):
    """The server did not do what was asked. ``status``: its answer, 0 when there was none."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Toxiproxy:
    """One server. Holds no connection open; any number of these can be used side by side."""

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        self.url = url.rstrip("/")
        self.host = urlsplit(url).hostname or ""
        self._timeout = timeout

    def proxy(self, name: str) -> dict[str, Any] | None:
        """The proxy with its toxics as the server has it now; None when it has none so named."""
        try:
            found: dict[str, Any] = self._call("GET", _proxy(name))
            return found
        except ToxiproxyFailure as failure:
            if failure.status == 404:
                return None
            raise

    def create(self, proxy: Mapping[str, Any]) -> None:
        """Create a proxy from name, listen, upstream and enabled."""
        settings = {key: proxy[key] for key in ("name", "listen", "upstream", "enabled")}
        self._call("POST", "/proxies", settings)

    def delete(self, name: str) -> None:
        """Delete a proxy with its toxics; right also when there is none."""
        self._delete(_proxy(name))

    def update(self, name: str, change: Mapping[str, Any]) -> None:
        """Change a proxy: enabled, or any other of its fields."""
        self._call("POST", _proxy(name), dict(change))

    def add_toxic(self, proxy: str, toxic: Mapping[str, Any]) -> None:
        """Add a toxic from name, type, stream, toxicity and attributes."""
        self._call("POST", f"{_proxy(proxy)}/toxics", dict(toxic))

    def update_toxic(self, proxy: str, toxic: Mapping[str, Any]) -> None:
        """Give a toxic that is there this toxicity and these attributes."""
        change = {key: toxic[key] for key in ("toxicity", "attributes")}
        self._call("POST", _toxic(proxy, toxic["name"]), change)

    def delete_toxic(self, proxy: str, name: str, timeout: float = TIMEOUT) -> None:
        """Delete a toxic; right also when there is none. timeout: seconds until it is given up."""
        self._delete(_toxic(proxy, name), timeout)

    def _delete(self, path: str, timeout: float | None = None) -> None:
        try:
            self._call("DELETE", path, timeout=timeout)
        except ToxiproxyFailure as failure:
            if failure.status != 404:
                raise

    def _call(self, method: str, path: str, body: Any = None, timeout: float | None = None) -> Any:
        from gameday.adapters.toxiproxy import wire

        data = None if body is None else json.dumps(body).encode()
        asked = f"{method} {self.url}{path}"
        try:
            status, text = wire.call(method, self.url + path, data, timeout or self._timeout)
            if status >= 300:
                said = text.decode(errors="replace").strip()[:200]
                raise ToxiproxyFailure(f"{asked}: {status} {said}", status)
            return json.loads(text) if text else None
        except (wire.NoAnswer, ValueError) as error:
            raise ToxiproxyFailure(f"{asked}: {error}") from error


def _proxy(name: str) -> str:
    return f"/proxies/{quote(name, safe='')}"


def _toxic(proxy: str, name: str) -> str:
    return f"{_proxy(proxy)}/toxics/{quote(name, safe='')}"
