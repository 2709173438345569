"""Whenever a proxy is turned off, whoever connects just then is told so."""

import asyncio
import gc
import socket

import pytest

from gameday.faultproxy import FaultProxy
from gameday.faultproxy.proxy import Proxy
from gameday.faultproxy.traffic import Traffic
from tests.faultproxy.net import upstream


def ended(client: socket.socket) -> bytes:
    """Return what a client is told before its connection ends. Raises TimeoutError: it hangs."""
    client.settimeout(5)
    with client:
        try:
            return client.recv(1)
        except ConnectionResetError:
            return b""


@pytest.mark.parametrize("turns", range(6))
def test_a_client_that_connects_as_a_proxy_is_disabled_does_not_hang(turns: int) -> None:
    """Turning it off a second time must not wait for a connection that nobody holds either."""

    async def main() -> bytes:
        async with upstream() as server, asyncio.timeout(10):
            proxy = Proxy("p", "127.0.0.1:0", server.address, Traffic())
            await proxy.start()
            host, port = proxy.listen.split(":")
            client = socket.create_connection((host, int(port)))
            for _ in range(turns):
                await asyncio.sleep(0)
            await proxy.stop()
            await proxy.stop()
            return await asyncio.to_thread(ended, client)

    assert asyncio.run(main()) == b""
    gc.collect()


@pytest.mark.parametrize("turns", range(6))
def test_a_client_that_connects_to_the_api_as_it_closes_does_not_hang(turns: int) -> None:
    async def main() -> bytes:
        async with asyncio.timeout(10):
            async with FaultProxy("127.0.0.1", 0) as server:
                host, port = server.url.removeprefix("http://").split(":")
                client = socket.create_connection((host, int(port)))
                for _ in range(turns):
                    await asyncio.sleep(0)
            return await asyncio.to_thread(ended, client)

    assert asyncio.run(main()) == b""
    gc.collect()
