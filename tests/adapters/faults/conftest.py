from __future__ import annotations

import socket
import subprocess
import sys
import threading
from collections.abc import Iterator

import pytest

from tests.adapters.faults.proxying import Api


@pytest.fixture(scope="session")
def proxy_server() -> Iterator[str]:
    """URL of a real embedded fault proxy."""
    command = [sys.executable, "-m", "gameday.faultproxy", "--host", "127.0.0.1", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


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
