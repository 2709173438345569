"""A small HTTP/1.1 client for one server, with kept-alive connections."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import h11

from gameday.demo.messages import Reply

MAX_IDLE_S = 30.0
"""A connection idle for longer is not used again; servers here close theirs after 120 s."""
CHUNK = 64 * 1024


class CallError(Exception):
    """No answer came: the time-out passed, or the connection failed. The text tells which."""


@dataclass(slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    http: h11.Connection = field(default_factory=lambda: h11.Connection(h11.CLIENT))
    idle_since: float = 0.0

    @property
    def usable(self) -> bool:
        fresh = time.monotonic() - self.idle_since < MAX_IDLE_S
        return fresh and not self.reader.at_eof() and not self.writer.is_closing()

    def close(self) -> None:
        """Drop it at once; nothing of value is left in its buffer."""
        self.writer.transport.abort()


class HttpClient:
    """Calls one base URL. Never retries. Close it when done."""

    def __init__(self, base_url: str, timeout_s: float) -> None:
        where = urlsplit(base_url)
        self._host = where.hostname or ""
        self._port = where.port or 80
        self._timeout_s = timeout_s
        self._idle: list[_Connection] = []
        self._closed = False

    async def call(self, method: str, target: str, value: object = None) -> Reply:
        """Send one request (``value`` as JSON) and return the answer. Raises CallError."""
        try:
            async with asyncio.timeout(self._timeout_s):
                connection = self._take() or await self._open()
                return await self._exchange(connection, method, target, value)
        except TimeoutError as error:
            raise CallError(f"no answer within {self._timeout_s:g} s") from error
        except (OSError, h11.ProtocolError) as error:
            raise CallError(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Close all idle connections."""
        self._closed = True
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
        # an aborted transport frees its socket in the loop's next turn
        await asyncio.sleep(0)

    def _take(self) -> _Connection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.usable:
                return connection
            connection.close()
        return None

    async def _open(self) -> _Connection:
        return _Connection(*await asyncio.open_connection(self._host, self._port))

    async def _exchange(
        self, connection: _Connection, method: str, target: str, value: object
    ) -> Reply:
        kept = False
        try:
            self._send(connection, method, target, value)
            await connection.writer.drain()
            reply = await self._receive(connection)
            kept = self._keep(connection)
            return reply
        finally:
            if not kept:
                connection.close()

    def _send(self, connection: _Connection, method: str, target: str, value: object) -> None:
        body = b"" if value is None else json.dumps(value).encode()
        headers = [("Host", f"{self._host}:{self._port}"), ("Content-Length", str(len(body)))]
        if value is not None:
            headers.append(("Content-Type", "application/json"))
        events = (
            h11.Request(method=method, target=target, headers=headers),
            h11.Data(data=body),
            h11.EndOfMessage(),
        )
        data = b"".join(connection.http.send(event) or b"" for event in events)
        connection.writer.write(data)

    async def _receive(self, connection: _Connection) -> Reply:
        status, body, content_type = 0, bytearray(), ""
        while True:
            event = connection.http.next_event()
            if event is h11.NEED_DATA:
                connection.http.receive_data(await connection.reader.read(CHUNK))
            elif isinstance(event, h11.Response):
                status = event.status_code
                found = (value for name, value in event.headers if name == b"content-type")
                content_type = next(found, b"").decode("latin-1")
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return Reply(status, bytes(body), content_type)
            else:
                raise ConnectionResetError("the server closed the connection")

    def _keep(self, connection: _Connection) -> bool:
        http = connection.http
        reusable = http.our_state is h11.DONE and http.their_state is h11.DONE
        if not reusable or self._closed:
            return False
        http.start_next_cycle()
        connection.idle_since = time.monotonic()
        self._idle.append(connection)
        return True
