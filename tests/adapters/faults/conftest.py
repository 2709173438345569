from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.adapters.faults.proxying import Api
from tests.toxiproxy.fixtures import embedded_server, real_server, server, server_kind
from tests.toxiproxy.servers import Server

__all__ = ["embedded_server", "real_server", "server", "server_kind"]


@pytest.fixture
def proxy_server(server: Server) -> str:  # the fixture
    """URL of the embedded fault proxy, then of Toxiproxy."""
    return server.url


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """Something that takes connections, as ``host:port``."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_accept, args=(server,), daemon=True).start()
        host, port = server.getsockname()
        yield f"{host}:{port}"
        server.shutdown(socket.SHUT_RDWR)


def _accept(server: socket.socket) -> None:
    while True:
        try:
            server.accept()[0].close()
        except OSError:
            return


@pytest.fixture
def api(proxy_server: str, service: str) -> Iterator[Api]:
    """The server with one proxy of this test alone."""
    with Api.create(proxy_server, service) as api:
        yield api
