"""Load for a TCP proxy, light enough to leave the machine to it: sockets and epoll, no framework.

Each function brings its own upstream, in the same process, and is told by ``Through`` how to get
a proxied address for it.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

Through = Callable[[str], tuple[str, int]]
"""Takes ``host:port`` of an upstream and returns where to connect to reach it."""

REQUEST = b"GET / HTTP/1.1\r\nHost: bench\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n"
RESPONSE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 13\r\n\r\nHello, world!"
BLOCK = 1024 * 1024
PATIENCE = 30.0


@contextmanager
def pairs(through: Through, count: int) -> Iterator[list[tuple[socket.socket, socket.socket]]]:
    """Open so many connections and yield both ends of each: client and upstream."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=1024))
        listener.settimeout(PATIENCE)
        where = through(f"127.0.0.1:{listener.getsockname()[1]}")
        found = []
        for _ in range(count):
            client = stack.enter_context(socket.create_connection(where, timeout=PATIENCE))
            upstream = stack.enter_context(listener.accept()[0])
            upstream.settimeout(PATIENCE)
            for end in (client, upstream):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            found.append((client, upstream))
        yield found


def http_rate(through: Through, connections: int, seconds: float) -> float:
    """Requests a second, one outstanding on each kept-alive connection."""
    with pairs(through, connections) as opened, select.epoll() as poll:
        answers = {client.fileno(): (client, REQUEST) for client, _upstream in opened}
        requests = {upstream.fileno(): (upstream, RESPONSE) for _client, upstream in opened}
        both = {**answers, **requests}
        for descriptor, (end, _reply) in both.items():
            end.setblocking(False)
            poll.register(descriptor, select.EPOLLIN)
        for client, _upstream in opened:
            client.send(REQUEST)
        done = 0
        began = now = time.perf_counter()
        while now - began < seconds:
            for descriptor, _events in poll.poll(PATIENCE):
                end, reply = both[descriptor]
                if not end.recv(4096):
                    raise ConnectionError("the proxy closed a connection")
                end.send(reply)
                done += descriptor in answers
            now = time.perf_counter()
        return done / (now - began)


def stream_rate(through: Through, seconds: float) -> float:
    """Bytes a second of one stream from the upstream to the client."""
    with pairs(through, 1) as ((client, upstream),):
        sending = threading.Thread(target=_pour, args=(upstream,))
        sending.start()
        buffer = bytearray(BLOCK)
        got = 0
        began = now = time.perf_counter()
        while now - began < seconds:
            got += client.recv_into(buffer)
            now = time.perf_counter()
        client.close()
        sending.join(PATIENCE)
        return got / (now - began)


def _pour(upstream: socket.socket) -> None:
    block = bytes(BLOCK)
    try:
        while True:
            upstream.sendall(block)
    except OSError:
        return  # the client has had enough


def round_trips(through: Through, count: int) -> list[float]:
    """Seconds of each of so many round trips of one byte, one after the other."""
    with pairs(through, 1) as ((client, upstream),):
        found = []
        for _ in range(count):
            began = time.perf_counter()
            client.send(b"x")
            upstream.send(upstream.recv(1))
            client.recv(1)
            found.append(time.perf_counter() - began)
        return found


def delays(through: Through, count: int, every: float) -> list[float]:
    """Seconds each of so many bytes took from the upstream to the client, one sent ``every`` s.

    The time starts before the byte is sent and ends after it is received, so it cannot look
    shorter than it was.
    """
    with pairs(through, 1) as ((client, upstream),):
        sent: list[float] = []

        def send() -> None:
            for _ in range(count):
                sent.append(time.perf_counter())
                upstream.send(b"x")
                time.sleep(every)

        sending = threading.Thread(target=send)
        sending.start()
        arrived: list[float] = []
        while len(arrived) < count:
            got = client.recv(64)
            arrived += [time.perf_counter()] * len(got)
        sending.join(PATIENCE)
        return [there - here for here, there in zip(sent, arrived, strict=True)]


def stall(upstream: socket.socket) -> None:
    """Send until nothing more is taken for a while: the client at the other end does not read."""
    upstream.settimeout(0.3)
    try:
        while True:
            upstream.send(bytes(BLOCK))
    except TimeoutError:
        return


def connection_rate(through: Through, count: int) -> float:
    """New connections a second, one after the other, each proved with a byte from end to end."""
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listener:
        listener.settimeout(PATIENCE)
        where = through(f"127.0.0.1:{listener.getsockname()[1]}")
        began = time.perf_counter()
        for _ in range(count):
            with socket.create_connection(where, timeout=PATIENCE) as client:
                client.send(b"x")
                with listener.accept()[0] as upstream:
                    upstream.recv(1)
        return count / (time.perf_counter() - began)
