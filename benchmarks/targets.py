"""The embedded fault proxy as a process of its own, with one small proxy a fault."""

from __future__ import annotations

import http.client
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from benchmarks.programs import environment


class Target:
    """A running fault proxy; one connection to its API, kept open."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.address = urlsplit(url).netloc
        self._api = http.client.HTTPConnection(self.address, timeout=10)

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One API call; returns the answer's JSON, None when there is none."""
        self._api.request(method, path, body=None if body is None else json.dumps(body))
        answer = self._api.getresponse()
        text = answer.read()
        if answer.status >= 400:
            raise RuntimeError(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text) if text else None

    def add(self, name: str) -> None:
        """A proxy before the API itself: a target that always answers."""
        made = {"name": name, "listen": "127.0.0.1:0", "upstream": self.address}
        self.call("POST", "/proxies", made)

    def toxics(self, name: str) -> list[Any]:
        """What is in."""
        found: list[Any] = self.call("GET", f"/proxies/{name}/toxics")
        return found

    def close(self) -> None:
        """Close the connection."""
        self._api.close()


@contextmanager
def fault_proxy() -> Iterator[Target]:
    """A fault proxy on a free port while inside."""
    command = [sys.executable, "-m", "gameday.faultproxy", "--port", "0", "--watch-stdin"]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), text=True
    )
    with process:
        assert process.stdout is not None
        target = Target(process.stdout.readline().rsplit(" ", 1)[-1].strip())
        try:
            yield target
        finally:
            target.close()
            process.terminate()
