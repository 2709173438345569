"""The tests' own upstream leaves no socket behind, whenever a connection comes."""

from __future__ import annotations

import asyncio
import gc
import socket

import pytest

from tests.faultproxy.net import upstream


@pytest.mark.parametrize("turns", range(6))
def test_a_connection_that_comes_as_it_closes_is_closed_too(turns: int) -> None:
    """One that is left open is told of when it is collected, and fails this test."""

    async def main() -> None:
        async with upstream() as server:
            host, port = server.address.split(":")
            client = socket.create_connection((host, int(port)))
            for _ in range(turns):
                await asyncio.sleep(0)
        client.close()

    asyncio.run(main())
    gc.collect()
