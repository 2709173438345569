"""Upstreams and clients of a proxy under test."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from gameday.faultproxy import listener

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
TOXICS = "/proxies/p/toxics"
CUT = (ConnectionResetError, BrokenPipeError, asyncio.IncompleteReadError)


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Send everything back, then close."""
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()


@dataclass
class Upstream:
    """A server that plays ``talk`` with each client and closes it after."""

    address: str = ""
    accepted: asyncio.Queue[Streams] = field(default_factory=asyncio.Queue)


@asynccontextmanager
async def upstream(
    talk: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]] = echo,
) -> AsyncIterator[Upstream]:
    server_side = Upstream()
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_side.accepted.put_nowait((reader, writer))
        try:
            await talk(reader, writer)
        except CUT:
            pass
        finally:
            await shut(writer)

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.get_running_loop().create_task(serve(reader, writer))
        tasks.add(task)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    server_side.address = f"127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield server_side
    finally:
        await listener.close(server)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def shut(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort() if writer.transport.get_write_buffer_size() else writer.close()
    with suppress(*CUT):
        await writer.wait_closed()


@asynccontextmanager
async def connected(where: tuple[str, int]) -> AsyncIterator[Streams]:
    reader, writer = await asyncio.open_connection(*where)
    try:
        yield reader, writer
    finally:
        await shut(writer)


async def ended(reader: asyncio.StreamReader) -> bytes:
    """Read until the connection ends, by EOF or by reset."""
    data = b""
    try:
        while chunk := await reader.read(65536):
            data += chunk
    except CUT:
        pass
    return data


async def echoed(both: Streams, word: bytes) -> None:
    both[1].write(word)
    assert await both[0].readexactly(len(word)) == word
