"""Both servers as real processes: the embedded fault proxy, and Toxiproxy itself."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from tests.parts import find

KINDS = ("embedded", "real")
START_WITHIN = 20.0


@dataclass(frozen=True)
class Server:
    """A running server: its kind, the address of its API, and its process id."""

    kind: str
    url: str
    pid: int

    @property
    def port(self) -> int:
        """Where its API listens."""
        return int(self.url.rpartition(":")[2])


@contextlib.contextmanager
def running(kind: str, port: int = 0, *options: str) -> Iterator[Server]:
    """A server of that kind, stopped in the end; on a free port unless one is given."""
    start = {"embedded": _embedded, "real": _real}[kind]
    with start(port, options) as server:
        yield server


@contextlib.contextmanager
def _embedded(port: int, options: Sequence[str]) -> Iterator[Server]:
    command = [sys.executable, "-m", "gameday.faultproxy", "--host", "127.0.0.1"]
    command += ["--port", str(port), *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        with _stopped(process):
            yield Server("embedded", process.stdout.readline().split()[-1], process.pid)


@contextlib.contextmanager
def _real(wanted: int, options: Sequence[str]) -> Iterator[Server]:
    """Toxiproxy does not tell which port it took for 0, nor ends when it gets none: look for a
    free one, and for another where somebody else has taken that one meanwhile."""
    program = find("toxiproxy")
    assert program, "the test needs the marker needs_toxiproxy"
    for _ in range(5):
        port = wanted or free_port()
        command = [program, "-host", "127.0.0.1", "-port", str(port), *options]
        with (
            subprocess.Popen(
                command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            ) as process,
            _stopped(process),
        ):
            if _answers(process, port):
                yield Server("real", f"http://127.0.0.1:{port}", process.pid)
                return
    raise AssertionError("Toxiproxy did not start")


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    deadline = time.monotonic() + START_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            return "version" in httpx.get(f"http://127.0.0.1:{port}/version", timeout=1).text
        time.sleep(0.01)
    return False


@contextlib.contextmanager
def _stopped(process: subprocess.Popen[Any]) -> Iterator[None]:
    try:
        yield
    finally:
        process.kill()  # a wedged server does not end by SIGTERM
        process.wait(10)


def free_port() -> int:
    """A port of the loopback that nobody has just now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])
