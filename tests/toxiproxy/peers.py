"""What stands behind and before a proxy in tests: an upstream in threads, a plain client."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

DEADLINE = 20.0
"""Seconds after which something that should happen has not; no test waits so long otherwise."""

Behaviour = Callable[["Upstream", socket.socket], None]


class Upstream:
    """Listens on the loopback and behaves, in a thread for each connection, as it is told."""

    def __init__(self, behave: Behaviour) -> None:
        self._behave = behave
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._changed = threading.Condition()
        self._received = b""
        self._ended: list[float] = []
        self._open: list[socket.socket] = []
        self.address = f"127.0.0.1:{self._listener.getsockname()[1]}"

    def note(self, data: bytes) -> None:
        """Remember what came; nothing is the end of a connection."""
        with self._changed:
            self._received += data
            if not data:
                self._ended.append(time.monotonic())
            self._changed.notify_all()

    def received(self, count: int) -> bytes:
        """All that has come, once it is at least ``count`` bytes."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self._received) >= count, DEADLINE)
            return self._received

    def ended(self) -> float:
        """When the first connection had ended, once one has."""
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self._ended), DEADLINE)
            return self._ended[0]

    def serve(self) -> None:
        """Take connections until closed."""
        with contextlib.suppress(OSError):
            while True:
                connection = self._listener.accept()[0]
                self._open.append(connection)
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def close(self) -> None:
        """End it all."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        for each in (self._listener, *self._open):
            each.close()

    def _one(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            self._behave(self, connection)


def echo(upstream: Upstream, connection: socket.socket) -> None:
    """Send back what comes."""
    while data := _receive(upstream, connection):
        connection.sendall(data)


def listen(upstream: Upstream, connection: socket.socket) -> None:
    """Only take what comes."""
    while _receive(upstream, connection):
        pass


def pour(size: int) -> Behaviour:
    """Send that many bytes at once, and close."""

    def behave(_upstream: Upstream, connection: socket.socket) -> None:
        connection.sendall(pattern(size))

    return behave


def flood(_upstream: Upstream, connection: socket.socket) -> None:
    """Send without an end, whether or not somebody reads."""
    while True:
        connection.sendall(bytes(65536))


def _receive(upstream: Upstream, connection: socket.socket) -> bytes:
    try:
        data = connection.recv(65536)
    except OSError:  # a reset is an end as well
        data = b""
    upstream.note(data)
    return data


@contextmanager
def upstream(behave: Behaviour) -> Iterator[Upstream]:
    """An upstream, closed in the end."""
    running = Upstream(behave)
    thread = threading.Thread(target=running.serve, daemon=True)
    thread.start()
    yield running
    running.close()
    thread.join(DEADLINE)


def pattern(size: int) -> bytes:
    """Bytes whose order and completeness show."""
    return b"".join(n.to_bytes(4, "big") for n in range(size // 4 + 1))[:size]


def connect(address: tuple[str, int]) -> socket.socket:
    """A connection whose reads end at the deadline."""
    return socket.create_connection(address, timeout=DEADLINE)


def read(connection: socket.socket, count: int) -> bytes:
    """Exactly ``count`` bytes, fewer when the stream ends before."""
    data = b""
    while len(data) < count and (more := connection.recv(count - len(data))):
        data += more
    return data


def read_all(connection: socket.socket) -> bytes:
    """Everything up to the end of the stream, which may be a reset."""
    data = b""
    with contextlib.suppress(ConnectionResetError):
        while more := connection.recv(65536):
            data += more
    return data


def silent(connection: socket.socket, seconds: float = 0.25) -> bool:
    """Nothing comes for so long, not even an end."""
    connection.settimeout(seconds)
    try:
        connection.recv(1)
    except TimeoutError:
        return True
    finally:
        connection.settimeout(DEADLINE)
    return False
