"""Connections that are out of the ordinary, and faults with a time limit, on both servers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.toxiproxy import peers
from tests.toxiproxy.client import Client
from tests.toxiproxy.peers import DEADLINE, connect, pattern, read, read_all
from tests.toxiproxy.servers import Server

QUESTION, ANSWER = b"question", pattern(1_000)


def answer_at_the_end(_upstream: peers.Upstream, connection: socket.socket) -> None:
    """Read the whole question before the first byte of the answer."""
    while connection.recv(65536):
        pass
    connection.sendall(ANSWER)


def test_a_half_closed_connection(client: Client, server: Server) -> None:
    """Ours brings the answer. Toxiproxy closes both halves, and it is lost: the control."""
    with (
        peers.upstream(answer_at_the_end) as upstream,
        connect(client.proxy(upstream.address)) as connection,
    ):
        connection.sendall(QUESTION)
        connection.shutdown(socket.SHUT_WR)
        assert read_all(connection) == (ANSWER if server.kind == "embedded" else b"")


@contextmanager
def full() -> Iterator[tuple[socket.socket, socket.socket]]:
    """A listener that lets nobody in, and the connection it has to accept before any other."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        listener.settimeout(DEADLINE)
        with connect(listener.getsockname()) as first:
            yield listener, first


def test_bytes_that_come_before_the_upstream_lets_us_in_are_kept(client: Client) -> None:
    with full() as (listener, first):
        address = client.proxy("{}:{}".format(*listener.getsockname()))
        with connect(address) as connection:
            connection.sendall(QUESTION)
            accepted, peer = listener.accept()
            accepted.close()
            assert peer == first.getsockname()  # so the proxy had no connection until now
            accepted, _peer = listener.accept()
            with accepted:
                accepted.settimeout(DEADLINE)
                assert read(accepted, len(QUESTION)) == QUESTION
                accepted.sendall(ANSWER)
                assert read(connection, len(ANSWER)) == ANSWER


def test_bytes_go_over_ipv6_on_either_side(client: Client) -> None:
    with peers.upstream(peers.echo) as upstream:
        made = {"name": "six", "listen": "[::1]:0", "upstream": upstream.address}
        six = client.send("POST", "/proxies", made).json["listen"]
        assert six.startswith("[::1]:")
        with connect(client.proxy(six)) as connection:
            connection.sendall(ANSWER)
            assert read(connection, len(ANSWER)) == ANSWER


def test_port_0_is_a_real_port_and_stays_the_same_one(client: Client) -> None:
    with peers.upstream(peers.echo) as upstream:
        address = client.proxy(upstream.address)
        assert address[1] > 0
        for enabled in (False, True):
            shown = client.send("PATCH", "/proxies/p", {"enabled": enabled}).json
            assert shown["listen"] == "{}:{}".format(*address)
        with connect(address) as connection:
            connection.sendall(b"ping")
            assert read(connection, 4) == b"ping"


@pytest.mark.needs_toxiproxy
def test_toxiproxy_ignores_the_time_limit_that_ours_keeps(
    embedded_server: Server, real_server: Server
) -> None:
    ours, theirs = Client(embedded_server.url), Client(real_server.url)
    limited: dict[str, Any] = {"type": "noop", "name": "t", "expires_in_ms": 50}
    down = {"enabled": False, "expires_in_ms": 50}
    for each in (theirs, ours):
        each.wipe()
        each.proxy("127.0.0.1:1")
        made = each.send("POST", "/proxies/p/toxics", limited)
        assert (made.status, made.json["type"]) == (200, "noop")
    _until(lambda: ours.send("GET", "/proxies/p/toxics").json == [])
    assert [toxic["name"] for toxic in theirs.send("GET", "/proxies/p/toxics").json] == ["t"]
    for each in (theirs, ours):
        assert each.send("PATCH", "/proxies/p", down).json["enabled"] is False
    _until(lambda: ours.send("GET", "/proxies/p").json["enabled"])
    assert theirs.send("GET", "/proxies/p").json["enabled"] is False
    for each in (theirs, ours):
        each.wipe()


def _until(holds: Any) -> None:
    deadline = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
