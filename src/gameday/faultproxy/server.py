"""The HTTP server of the API: h11 over asyncio streams."""

import asyncio
import contextlib
from email.utils import formatdate
from http import HTTPStatus
from types import TracebackType
from typing import Self

import h11

from gameday.faultproxy.address import Address, bind
from gameday.faultproxy.api import Api, Request, Response
from gameday.faultproxy.proxy import ProxyCollection

MAX_BODY = 4 * 1024 * 1024
REQUEST_TIMEOUT_S = 15.0
IDLE_TIMEOUT_S = 60.0
WRITE_TIMEOUT_S = 30.0
CHUNK = 64 * 1024


class FaultProxy:
    """The fault proxy as an async context manager: listening inside, all closed after."""

    def __init__(self, host: str = "127.0.0.1", port: int = 8474) -> None:
        self._wanted = Address(host, port)
        self._listen = ""
        self._proxies = ProxyCollection()
        self._api = Api(self._proxies)
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """The base URL of the API, with the real port."""
        return f"http://{self._listen}"

    async def populate(self, config: bytes) -> None:
        """Create the proxies of a Toxiproxy configuration file. Raises ApiError, ValueError."""
        answer = await self._api.handle(Request("POST", "/populate", config))
        if answer.status != HTTPStatus.CREATED:
            raise ValueError(answer.body.decode().strip())

    async def __aenter__(self) -> Self:
        """Start listening. Raises ListenError."""
        listener, self._listen = await bind(str(self._wanted))
        self._server = await asyncio.start_server(self._accept, sock=listener)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the API, every proxy and every connection."""
        if self._server is not None:
            self._server.close()
        for task in tuple(self._serving):
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        await self._proxies.close()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        serving = _ApiConnection(self._api, reader, writer).serve()
        task = asyncio.get_running_loop().create_task(serving)
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)


class _ApiConnection:
    """One client of the API; it may send many requests, one after another."""

    def __init__(
        self, api: Api, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._api = api
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER)

    async def serve(self) -> None:
        """Answer requests until the client or an error ends the connection."""
        try:
            while await self._serve_one():
                self._http.start_next_cycle()
        except h11.RemoteProtocolError as error:
            await self._refuse(error.error_status_hint, str(error))
        except (OSError, TimeoutError):
            pass  # the client is gone or hangs: nobody is left to answer
        finally:
            await self._close()

    async def _close(self) -> None:
        # A client that does not read must not keep the socket open: then abort, not close.
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
        async with asyncio.timeout(REQUEST_TIMEOUT_S):
            body = await self._read_body()
        if body is None:
            await self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "request body too large")
            return False
        await self._answer(head, await self._api.handle(_read_request(head, body)))
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _read_body(self) -> bytes | None:
        """Return the body, or None when it is too large."""
        body = bytearray()
        while isinstance(event := await self._next_event(), h11.Data):
            body += event.data
            if len(body) > MAX_BODY:
                return None
        if not isinstance(event, h11.EndOfMessage):
            raise ConnectionResetError("the client went away within its request")
        return bytes(body)

    async def _next_event(self) -> object:
        while (event := self._http.next_event()) is h11.NEED_DATA:
            if self._http.they_are_waiting_for_100_continue:
                go_on = h11.InformationalResponse(status_code=HTTPStatus.CONTINUE, headers=[])
                await self._send(go_on)
            self._http.receive_data(await self._reader.read(CHUNK))
        return event

    async def _answer(self, head: h11.Request, answer: Response) -> None:
        headers = [("Date", formatdate(usegmt=True)), ("Content-Length", str(len(answer.body)))]
        if answer.status == HTTPStatus.NO_CONTENT:
            headers.pop()
        if answer.content_type:
            headers.append(("Content-Type", answer.content_type))
        body = b"" if head.method == b"HEAD" else answer.body
        await self._send(
            h11.Response(status_code=answer.status, headers=headers),
            h11.Data(data=body),
            h11.EndOfMessage(),
        )

    async def _refuse(self, status: int, why: str) -> None:
        """Tell a client that speaks bad HTTP so, if the connection is still in a state to."""
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        body = f"{why}\n".encode()
        headers = [("Content-Length", str(len(body))), ("Connection", "close")]
        try:
            await self._send(
                h11.Response(status_code=status, headers=headers),
                h11.Data(data=body),
                h11.EndOfMessage(),
            )
        except (OSError, TimeoutError):
            return  # it is gone already

    async def _send(self, *events: h11.Event) -> None:
        self._writer.write(b"".join(self._http.send(event) or b"" for event in events))
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await self._writer.drain()


def _read_request(head: h11.Request, body: bytes) -> Request:
    agent = next((value for name, value in head.headers if name == b"user-agent"), b"")
    return Request(
        method=head.method.decode("ascii"),
        path=head.target.decode("ascii").partition("?")[0],
        body=body,
        user_agent=agent.decode("latin-1"),
    )
