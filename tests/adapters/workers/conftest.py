from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.adapters.workers.drilling import Drill


@pytest.fixture
def drill(tmp_path: Path) -> Drill:
    """Files and guarded workers of one test."""
    return Drill(tmp_path)


@pytest.fixture(scope="session")
def proxy_api() -> Iterator[str]:
    """URL of a real embedded fault proxy."""
    command = [sys.executable, "-m", "gameday.faultproxy", "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


@pytest.fixture(scope="session")
def upstream() -> Iterator[str]:
    """A service that takes connections."""
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
def proxy(proxy_api: str, upstream: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A proxy of this test alone."""
    name = f"p{abs(hash(request.node.nodeid))}"
    body: Mapping[str, Any] = {"name": name, "listen": "127.0.0.1:0", "upstream": upstream}
    httpx.post(f"{proxy_api}/proxies", json=body).raise_for_status()
    yield name
    httpx.delete(f"{proxy_api}/proxies/{name}")
