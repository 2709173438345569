from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.toxiproxy.client import Client
from tests.toxiproxy.servers import Server, running

BOTH = [pytest.param("embedded"), pytest.param("real", marks=pytest.mark.needs_toxiproxy)]


@pytest.fixture(scope="session")
def embedded_server() -> Iterator[Server]:
    """The embedded fault proxy as a process."""
    with running("embedded") as server:
        yield server


@pytest.fixture(scope="session")
def real_server() -> Iterator[Server]:
    """Toxiproxy; only for tests marked needs_toxiproxy."""
    with running("real") as server:
        yield server


@pytest.fixture(params=BOTH)
def server(request: pytest.FixtureRequest) -> Server:
    """Each of the two, in turn."""
    found: Server = request.getfixturevalue(f"{request.param}_server")
    return found


@pytest.fixture
def client(server: Server) -> Iterator[Client]:
    """A client of a server that has no proxies."""
    client = Client(server.url)
    client.wipe()
    yield client
    client.wipe()
