from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.toxiproxy.client import Client
from tests.toxiproxy.fixtures import embedded_server, real_server, server, server_kind
from tests.toxiproxy.servers import Server

__all__ = ["embedded_server", "real_server", "server", "server_kind"]


@pytest.fixture
def client(server: Server) -> Iterator[Client]:  # the fixture
    """A client of a server that has no proxies."""
    client = Client(server.url)
    client.wipe()
    yield client
    client.wipe()
