"""A thousand connections at once, as a process of its own sees them."""

import asyncio
import contextlib
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tests.faultproxy.conftest import Client
from tests.faultproxy.net import TOXICS, echo, upstream

MANY = 1000
DEADLINE_S = 60


@contextmanager
def process() -> Iterator[Client]:
    command = [sys.executable, "-m", "gameday.faultproxy", "--port", "0", "--watch-stdin"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        yield Client(running.stdout.readline().rsplit(" ", 1)[-1].strip())
        running.terminate()


@contextmanager
def many_files() -> Iterator[None]:
    """Both ends of every connection are here: that is more files than many systems start with."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_thousand_connections_work_at_once_and_toxics_reach_them_all() -> None:
    async def scenario(api: Client) -> None:
        async with asyncio.timeout(DEADLINE_S), upstream(echo) as server:
            where = await api.proxy(server.address)
            opened = await asyncio.gather(*(asyncio.open_connection(*where) for _ in range(MANY)))
            for round_trip in (b"first", b"second"):
                for _reader, writer in opened:
                    writer.write(round_trip)
                for reader, _writer in opened:
                    assert await reader.readexactly(len(round_trip)) == round_trip
            await api.call("POST", TOXICS, {"type": "timeout", "name": "cut"})
            await api.call("DELETE", f"{TOXICS}/cut")
            for reader, writer in opened:
                with contextlib.suppress(ConnectionResetError):
                    assert await reader.read() == b""
                writer.close()
            for _reader, writer in opened:
                with contextlib.suppress(ConnectionResetError, BrokenPipeError):
                    await writer.wait_closed()

    with many_files(), process() as api:
        asyncio.run(scenario(api))
