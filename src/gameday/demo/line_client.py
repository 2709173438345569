"""A client of the database: one connection, one request at a time, lines of JSON."""

import asyncio
import json
from typing import Any


class LineError(Exception):
    """No usable answer came; the text tells why."""


class LineClient:
    """Connects when first asked, and anew after a failure. Never retries by itself."""

    def __init__(self, address: str, timeout_s: float) -> None:
        host, _, port = address.rpartition(":")
        self._where = (host, int(port))
        self._timeout_s = timeout_s
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, request: dict[str, Any]) -> dict[str, Any]:
        """Send one request and return its answer. Raises LineError."""
        answered = False
        try:
            async with asyncio.timeout(self._timeout_s):
                reader, writer = await self._connected()
                writer.write(json.dumps(request).encode() + b"\n")
                await writer.drain()
                answer = _read(await reader.readline())
            answered = True
        except TimeoutError as error:
            raise LineError(f"no answer within {self._timeout_s:g} s") from error
        except (OSError, ValueError) as error:
            raise LineError(str(error) or type(error).__name__) from error
        finally:
            if not answered:  # also when cancelled: a late answer must not meet a later request
                self._drop()
        if not answer.get("ok"):
            raise LineError(str(answer.get("error", "refused")))
        return answer

    async def close(self) -> None:
        """Close the connection."""
        self._drop()
        await asyncio.sleep(0)  # the socket is freed in the loop's next turn

    async def _connected(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is not None and self._streams[0].at_eof():
            self._drop()
        if self._streams is None:
            self._streams = await asyncio.open_connection(*self._where)
        return self._streams

    def _drop(self) -> None:
        if self._streams is not None:
            self._streams[1].transport.abort()
            self._streams = None


def _read(line: bytes) -> dict[str, Any]:
    if not line.endswith(b"\n"):
        raise ConnectionResetError("the database closed the connection")
    answer = json.loads(line)
    if not isinstance(answer, dict):
        raise ValueError("the database answered something else than an object")
    return answer
