"""Fixtures for whoever tests against both servers; a conftest imports them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

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
def server_kind(request: pytest.FixtureRequest) -> str:
    """Each kind of server, in turn, to start one of one's own."""
    found: str = request.param
    return found


@pytest.fixture
def server(server_kind: str, request: pytest.FixtureRequest) -> Server:
    """Each of the two, in turn, shared with other tests."""
    found: Server = request.getfixturevalue(f"{server_kind}_server")
    return found
