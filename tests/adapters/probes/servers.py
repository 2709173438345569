"""Small real servers on loopback."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs


@dataclass
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: str

    @property
    def form(self) -> dict[str, str]:
        return {name: values[0] for name, values in parse_qs(self.body).items()}


@dataclass
class Answer:
    """What to answer: a status, a body, after a delay in seconds."""

    body: Any = ""
    status: int = 200
    delay: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)
    hang_up: bool = False


@dataclass
class Server:
    """A running server and what it has been asked."""

    port: int
    requests: list[Request] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def http_server(answer: Callable[[Request], Answer]) -> AsyncIterator[Server]:
    """Serves HTTP/1.1 with keep-alive."""
    state = Server(0)

    serving: set[asyncio.Task[Any]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        state.connections += 1
        if (task := asyncio.current_task()) is not None:
            serving.add(task)
        try:
            while (request := await _request(reader)) is not None:
                state.requests.append(request)
                reply = answer(request)
                await asyncio.sleep(reply.delay)
                if reply.hang_up:
                    break
                writer.write(_encoded(reply))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client went away, or the test is over
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    state.port = server.sockets[0].getsockname()[1]
    try:
        yield state
    finally:
        server.close()
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)


async def _request(reader: asyncio.StreamReader) -> Request | None:
    line = (await reader.readline()).decode()
    if not line:
        return None
    method, path, _ = line.split(" ", 2)
    headers: dict[str, str] = {}
    while (raw := (await reader.readline()).decode().strip()) != "":
        name, _, value = raw.partition(":")
        headers[name.lower()] = value.strip()
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Request(method, path, headers, body.decode())


def _encoded(answer: Answer) -> bytes:
    body = answer.body if isinstance(answer.body, str) else json.dumps(answer.body)
    head = [f"HTTP/1.1 {answer.status} X", f"Content-Length: {len(body.encode())}"]
    head += [f"{name}: {value}" for name, value in answer.headers.items()]
    return ("\r\n".join(head) + "\r\n\r\n" + body).encode()


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
