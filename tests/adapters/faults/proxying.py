"""What the tests of faults share: one proxy on a server, seen from outside the adapter."""

from __future__ import annotations

import contextlib
import json
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx


class Api:
    """A proxy as its server has it, by plain HTTP."""

    def __init__(self, server: str, name: str) -> None:
        self.server = server
        self.name = name

    @classmethod
    @contextlib.contextmanager
    def create(
        cls, server: str, upstream: str, *, name: str = "", clean: bool = True
    ) -> Iterator[Api]:
        """A fresh proxy, deleted in the end unless its server may not answer then."""
        api = cls(server, name or f"p-{uuid.uuid4().hex[:8]}")
        body = {"name": api.name, "listen": "127.0.0.1:0", "upstream": upstream}
        httpx.post(f"{server}/proxies", json=body).raise_for_status()
        yield api
        if clean:
            httpx.delete(api.url)

    @property
    def url(self) -> str:
        return f"{self.server}/proxies/{self.name}"

    def now(self) -> Any:
        """The proxy as it is."""
        return httpx.get(self.url).raise_for_status().json()

    def add(self, **toxic: Any) -> None:
        """Add a toxic that is not gameday's."""
        httpx.post(f"{self.url}/toxics", json=toxic).raise_for_status()

    def toxics(self) -> list[str]:
        """Names of its toxics."""
        return [toxic["name"] for toxic in self.now()["toxics"]]


class Wedged:
    """A server in front of another one that never answers requests that start with ``hang``, as a
    Toxiproxy does whose toxic has a stalled reader; ``lie`` is put into what it answers."""

    def __init__(
        self, behind: str, hang: tuple[str, ...], lie: Mapping[str, Any] | None = None
    ) -> None:
        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                if any(f"{self.command} {self.path}".startswith(start) for start in hang):
                    outer.released.wait(20)
                    return
                length = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(length) if length else None
                reply = httpx.request(self.command, behind + self.path, content=body)
                self.send_response(reply.status_code)
                self.end_headers()
                told = {**reply.json(), **lie} if lie else None
                self.wfile.write(json.dumps(told).encode() if told else reply.content)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        outer = self
        self.released = threading.Event()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> Wedged:
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self.server.shutdown()
        self.server.server_close()


def until(found: Any, within: float = 10.0) -> Any:
    """Poll until it is true; fails at the deadline."""
    deadline = time.monotonic() + within
    while not (value := found()):
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.005)
    return value


def stored(prior: Mapping[str, Any]) -> Any:
    """The prior state as whoever undoes the fault gets it: through the event log's JSON."""
    return json.loads(json.dumps(prior))
