"""toxiproxy-python, as it is, against both servers."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from toxiproxy.api import APIConsumer
from toxiproxy.exceptions import InvalidToxic, NotFound, ProxyExists

from tests.toxiproxy import peers
from tests.toxiproxy.client import Client
from tests.toxiproxy.peers import connect, read, read_all
from tests.toxiproxy.servers import Server
from toxiproxy import Toxiproxy


@pytest.fixture
def toxiproxy(client: Client) -> Iterator[Any]:
    """Its client of the server; its address is global, so it is put back."""
    before = APIConsumer.host, APIConsumer.port
    found = Toxiproxy()
    found.update_api_consumer("127.0.0.1", int(client.url.rpartition(":")[2]))
    yield found
    found.update_api_consumer(*before)


def where(proxy: Any) -> tuple[str, int]:
    host, _, port = proxy.listen.rpartition(":")
    return host, int(port)


def test_proxies(toxiproxy: Any) -> None:
    assert toxiproxy.running()
    assert b"2.12.0" in toxiproxy.version()
    with peers.upstream(peers.echo) as upstream:
        proxy = toxiproxy.create(upstream=upstream.address, name="p")
        with pytest.raises(ProxyExists):
            toxiproxy.create(upstream=upstream.address, name="p")
        assert toxiproxy.get_proxy("p").upstream == upstream.address
        with proxy.down(), pytest.raises(ConnectionRefusedError):
            connect(where(proxy))
        with connect(where(proxy)) as connection:
            connection.sendall(b"ping")
            assert read(connection, 4) == b"ping"
    assert toxiproxy.destroy(proxy)
    assert toxiproxy.proxies() == {}
    with pytest.raises(NotFound):
        proxy.destroy()


def test_toxics(toxiproxy: Any) -> None:
    with peers.upstream(peers.pour(1_000)) as upstream:
        proxy = toxiproxy.create(upstream=upstream.address, name="p", listen="127.0.0.1:0")
        proxy.add_toxic(type="latency", attributes={"latency": 5, "jitter": 1})
        proxy.add_toxic(name="few", type="limit_data", toxicity=1, attributes={"bytes": 7})
        assert set(proxy.toxics()) == {"latency_downstream", "few"}
        assert proxy.get_toxic("latency_downstream").attributes == {"latency": 5, "jitter": 1}
        with connect(where(proxy)) as connection:
            assert len(read_all(connection)) == 7
        assert proxy.destroy_toxic("few")
        with pytest.raises(NotFound):
            proxy.destroy_toxic("few")
        assert toxiproxy.reset()
        assert proxy.toxics() == {}


def test_populate(toxiproxy: Any) -> None:
    wanted = [
        {"name": name, "listen": "127.0.0.1:0", "upstream": "127.0.0.1:1", "enabled": False}
        for name in "pq"
    ]
    assert [made.name for made in toxiproxy.populate(wanted)] == ["p", "q"]
    assert toxiproxy.populate(wanted) == []
    toxiproxy.destroy_all()
    assert toxiproxy.proxies() == {}


def test_an_address_in_use_fails_a_creation_with_either_status(toxiproxy: Any) -> None:
    """It has an exception for a 400; a 500 it takes for the proxy, and stumbles over it."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises((InvalidToxic, KeyError)):
            toxiproxy.create(upstream="127.0.0.1:1", name="p", listen=listen)
    assert toxiproxy.proxies() == {}


def test_an_enabling_that_fails_is_noticed_where_it_is_a_400(
    toxiproxy: Any, server: Server
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        listen = f"127.0.0.1:{taken.getsockname()[1]}"
        proxy = toxiproxy.create(upstream="127.0.0.1:1", name="p", listen=listen, enabled=False)
        if server.kind == "embedded":
            with pytest.raises(InvalidToxic, match="address already in use"):
                proxy.enable()
        else:  # its trap: it says that all is well
            proxy.enable()
        assert not toxiproxy.get_proxy("p").enabled
