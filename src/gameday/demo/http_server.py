"""A small HTTP/1.1 server: h11 over asyncio streams, keep-alive, metrics included."""

import asyncio
import contextlib
import time
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import parse_qsl, urlsplit

import h11

from gameday.demo.messages import BadRequestError, Handler, Reply, Request, Routes
from gameday.demo.metrics import CONTENT_TYPE, Metrics

MAX_BODY = 1024 * 1024
IDLE_TIMEOUT_S = 120.0
REQUEST_TIMEOUT_S = 15.0
WRITE_TIMEOUT_S = 15.0
LAST_ANSWERS_S = 0.5
"""What is being answered when the server stops gets so long, well within the grace of a pod or a
process; then it is cut off."""
CHUNK = 64 * 1024


class HttpServer:
    """Serves ``routes`` and ``GET /metrics`` and ``GET /healthz`` while its context is open."""

    def __init__(self, service: str, routes: Routes, host: str, port: int) -> None:
        self._service = service
        self._metrics = Metrics(service)
        own: dict[tuple[str, str], Handler] = {
            ("GET", "/metrics"): self._show_metrics,
            ("GET", "/healthz"): self._show_health,
        }
        self._routes = own | dict(routes)
        self._paths = {path for _method, path in self._routes}
        self._where = (host, port)
        self._server: asyncio.Server | None = None
        self._serving: dict[asyncio.Task[None], _Connection] = {}
        self.url = ""

    async def __aenter__(self) -> Self:
        """Start listening. Raises OSError."""
        self._server = await asyncio.start_server(self._accept, *self._where)
        host, port = self._server.sockets[0].getsockname()[:2]
        self.url = f"http://{host}:{port}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop listening, finish what is being answered and close every connection."""
        if self._server is not None:
            self._server.close()
        for task, connection in self._serving.items():
            connection.leaving = True
            if not connection.busy:
                task.cancel()
        serving = tuple(self._serving)
        if serving:
            await asyncio.wait(serving, timeout=LAST_ANSWERS_S)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    async def answer(self, request: Request) -> Reply:
        """Answer one request and count it."""
        started = time.monotonic()
        handler = self._routes.get((request.method, request.path))
        if handler is None:
            known = request.path in self._paths
            status = HTTPStatus.METHOD_NOT_ALLOWED if known else HTTPStatus.NOT_FOUND
            return Reply.error(status, status.phrase)
        try:
            reply = await handler(request)
        except BadRequestError as error:
            reply = Reply.error(HTTPStatus.BAD_REQUEST, str(error))
        self._metrics.observe(request.path, reply.status, time.monotonic() - started)
        return reply

    async def _show_metrics(self, _request: Request) -> Reply:
        return Reply(HTTPStatus.OK, self._metrics.text().encode(), CONTENT_TYPE)

    async def _show_health(self, _request: Request) -> Reply:
        return Reply.of({"service": self._service, "status": "up"})

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(self, reader, writer)
        task = asyncio.get_running_loop().create_task(connection.serve())
        self._serving[task] = connection
        task.add_done_callback(self._serving.pop)


class _Connection:
    """One client, which may send many requests, one after another.

    busy: one of them is being answered. leaving: it is the last one, and its answer says so.
    """

    def __init__(
        self, server: HttpServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._server = server
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)
        self.busy = False
        self.leaving = False

    async def serve(self) -> None:
        """Answer requests until the client or an error ends the connection."""
        try:
            while await self._serve_one():
                self._http.start_next_cycle()
        except (OSError, TimeoutError, h11.RemoteProtocolError):
            pass  # the client is gone, hangs or speaks something else: nobody to answer
        finally:
            if self._writer.transport.get_write_buffer_size():
                self._writer.transport.abort()
            self._writer.close()
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    async def _serve_one(self) -> bool:
        """Answer one request; False when the connection is to be closed."""
        async with asyncio.timeout(IDLE_TIMEOUT_S):
            head = await self._next_event()
        if not isinstance(head, h11.Request):
            return False
        self.busy = True
        async with asyncio.timeout(REQUEST_TIMEOUT_S):
            body = await self._read_body()
        reply = await self._server.answer(_read_request(head, body))
        await self._send(reply)
        self.busy = False
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _read_body(self) -> bytes:
        body = bytearray()
        while isinstance(event := await self._next_event(), h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                raise h11.RemoteProtocolError("request body too large")
        return bytes(body)

    async def _next_event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            self._http.receive_data(await self._reader.read(CHUNK))
        return event

    async def _send(self, reply: Reply) -> None:
        headers = [
            ("Content-Type", reply.content_type),
            ("Content-Length", str(len(reply.body))),
        ]
        if self.leaving:
            headers.append(("Connection", "close"))
        events = (
            h11.Response(status_code=reply.status, headers=headers),
            h11.Data(data=reply.body),
            h11.EndOfMessage(),
        )
        self._writer.write(b"".join(self._http.send(event) or b"" for event in events))
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await self._writer.drain()


def _read_request(head: h11.Request, body: bytes) -> Request:
    target = urlsplit(head.target.decode("ascii"))
    query = dict(parse_qsl(target.query))
    return Request(head.method.decode("ascii"), target.path, query, body)
