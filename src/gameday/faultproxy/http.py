"""HTTP/1.1 for the API: h11 over asyncio streams, one connection at a time."""

import asyncio
import contextlib
import posixpath
import re
from email.utils import formatdate
from http import HTTPStatus
from urllib.parse import quote, unquote, urlsplit

import h11

from gameday.faultproxy.api import TEXT_TYPE, Api, Request, Response

MAX_HEAD = 1024 * 1024
MAX_BODY = 16 * 1024 * 1024
REQUEST_TIMEOUT_S = 15.0
IDLE_TIMEOUT_S = 60.0
WRITE_TIMEOUT_S = 30.0
CHUNK = 64 * 1024
_UNESCAPED = "/$&+,:;=@~"


class HttpConnection:
    """One client of the API; it may send many requests, one after another."""

    def __init__(
        self, api: Api, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._api = api
        self._reader = reader
        self._writer = writer
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)

    async def serve(self) -> None:
        """Answer requests until the client or an error ends the connection."""
        try:
            while await self._serve_one():
                self._http.start_next_cycle()
        except h11.RemoteProtocolError as error:
            await self._refuse(error.error_status_hint)
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
        if not head.http_version.startswith(b"1."):
            await self._refuse(HTTPStatus.HTTP_VERSION_NOT_SUPPORTED)
            return False
        async with asyncio.timeout(REQUEST_TIMEOUT_S):
            body = await self._read_body()
        if body is None:
            await self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
            return False
        await self._answer(head, await self._respond(head, body))
        return self._http.our_state is h11.DONE and self._http.their_state is h11.DONE

    async def _respond(self, head: h11.Request, body: bytes) -> Response:
        target = head.target.decode("ascii")
        if target == "*":
            return Response(HTTPStatus.OK)
        path, query = _read_target(target)
        if path is None:
            return Response(HTTPStatus.BAD_REQUEST, b"400 Bad Request", TEXT_TYPE)
        clean = _clean(path)
        if clean != path:
            where = quote(clean, safe=_UNESCAPED) + (f"?{query}" if query else "")
            return Response(HTTPStatus.MOVED_PERMANENTLY, headers={"Location": where})
        agent = next((value for name, value in head.headers if name == b"user-agent"), b"")
        return await self._api.handle(
            Request(head.method.decode("ascii"), path, body, agent.decode("latin-1"))
        )

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
            self._http.receive_data(self._escaped(await self._reader.read(CHUNK)))
        return event

    def _escaped(self, data: bytes) -> bytes:
        """Return what came, with all that is no ASCII in a request's first line as escapes.

        curl sends such names as they are typed, and Go takes them.
        """
        starts = self._http.their_state is h11.IDLE and not self._http.trailing_data[0]
        if not starts or data.isascii():
            return data
        line, end, rest = data.partition(b"\n")
        return re.sub(rb"[\x80-\xff]", lambda found: b"%%%02X" % found[0][0], line) + end + rest

    async def _answer(self, head: h11.Request, answer: Response) -> None:
        headers = [("Date", formatdate(usegmt=True)), *answer.headers.items()]
        if answer.status != HTTPStatus.NO_CONTENT:
            headers.append(("Content-Length", str(len(answer.body))))
        if answer.content_type:
            headers.append(("Content-Type", answer.content_type))
        body = b"" if head.method == b"HEAD" else answer.body
        await self._send(
            h11.Response(
                status_code=answer.status,
                headers=headers,
                reason=HTTPStatus(answer.status).phrase,
            ),
            h11.Data(data=body),
            h11.EndOfMessage(),
        )

    async def _refuse(self, status: int) -> None:
        """Tell a client that speaks bad HTTP so, if the connection is still in a state to."""
        if self._http.our_state not in (h11.IDLE, h11.SEND_RESPONSE):
            return
        reason = HTTPStatus(status).phrase
        body = f"{int(status)} {reason}".encode()
        headers = [
            ("Content-Type", TEXT_TYPE),
            ("Content-Length", str(len(body))),
            ("Connection", "close"),
        ]
        try:
            await self._send(
                h11.Response(status_code=int(status), headers=headers, reason=reason),
                h11.Data(data=body),
                h11.EndOfMessage(),
            )
        except (OSError, TimeoutError):
            return  # it is gone already

    async def _send(self, *events: h11.Event) -> None:
        self._writer.write(b"".join(self._http.send(event) or b"" for event in events))
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await self._writer.drain()


def _read_target(target: str) -> tuple[str | None, str]:
    """Return the decoded path, None when its escapes are wrong, and the query as it is."""
    if not target.startswith("/"):
        parts = urlsplit(target)
        if not parts.scheme:
            return None, ""
        target = parts.path + (f"?{parts.query}" if parts.query else "")
    path, _, query = target.partition("?")
    for escape in path.split("%")[1:]:
        if len(escape) < 2 or not all(c in "0123456789abcdefABCDEF" for c in escape[:2]):
            return None, query
    return unquote(path), query


def _clean(path: str) -> str:
    """Return the path without empty, ``.`` and ``..`` parts; a slash at its end stays."""
    clean = posixpath.normpath("/" + path.lstrip("/"))
    return clean + "/" if path.endswith("/") and clean != "/" else clean
