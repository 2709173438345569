"""A thousand connections at once, on both servers."""

import asyncio
import contextlib
import resource
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faultproxy.net import TOXICS, echo, upstream
from tests.toxiproxy.client import Client

MANY = 1000
DEADLINE_S = 60


@contextmanager
def many_files() -> Iterator[None]:
    """Both ends of every connection are here: that is more files than many systems start with."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_connections_work_at_once_and_toxics_reach_them_all(client: Client) -> None:
    async def scenario() -> None:
        async with asyncio.timeout(DEADLINE_S), upstream(echo) as server:
            where = await asyncio.to_thread(client.proxy, server.address)
            opened = await asyncio.gather(*(asyncio.open_connection(*where) for _ in range(MANY)))
            for round_trip in (b"first", b"second"):
                for _reader, writer in opened:
                    writer.write(round_trip)
                for reader, _writer in opened:
                    assert await reader.readexactly(len(round_trip)) == round_trip
            await asyncio.to_thread(client.toxic, "timeout")
            await asyncio.to_thread(client.send, "DELETE", f"{TOXICS}/t")
            for reader, writer in opened:
                with contextlib.suppress(ConnectionResetError):
                    assert await reader.read() == b""
                writer.close()
            for _reader, writer in opened:
                with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                    await writer.wait_closed()

    with many_files():
        asyncio.run(scenario())
