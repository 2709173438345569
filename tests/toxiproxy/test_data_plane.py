"""What each toxic does to bytes, on both servers.

Times are only ever bounded from below, except by a deadline that is far away.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tests.toxiproxy import peers
from tests.toxiproxy.client import Client
from tests.toxiproxy.peers import connect, pattern, read, read_all, silent

STREAMS = ("upstream", "downstream")
NEVER = 3_600_000
"""Milliseconds after which nothing happens within a test."""

each_stream = pytest.mark.parametrize("stream", STREAMS)


@contextmanager
def proxied(client: Client, behave: peers.Behaviour) -> Iterator[tuple[str, int]]:
    """Where to connect to reach an upstream that behaves so."""
    with peers.upstream(behave) as upstream:
        yield client.proxy(upstream.address)


def answered(address: tuple[str, int], data: bytes = b"ping") -> float:
    """Seconds until all of it has come back, on a new connection."""
    with connect(address) as connection:
        return again(connection, data)


def again(connection: Any, data: bytes = b"ping") -> float:
    """Seconds until all of it has come back."""
    began = time.monotonic()
    connection.sendall(data)
    assert read(connection, len(data)) == data
    return time.monotonic() - began


# --- latency ---------------------------------------------------------------------------


@each_stream
def test_latency_is_never_early(client: Client, stream: str) -> None:
    with proxied(client, peers.echo) as address:
        client.toxic("latency", stream=stream, latency=100)
        assert min(answered(address) for _ in range(3)) >= 0.1


def test_latencies_of_both_streams_add_up(client: Client) -> None:
    with proxied(client, peers.echo) as address:
        for stream in STREAMS:
            client.toxic("latency", stream=stream, name=stream, latency=50)
        assert answered(address) >= 0.1


@each_stream
def test_jitter_stays_in_its_bounds_and_varies(client: Client, stream: str) -> None:
    with proxied(client, peers.echo) as address, connect(address) as connection:
        client.toxic("latency", stream=stream, latency=30, jitter=20)
        took = [again(connection) for _ in range(20)]
    assert min(took) >= 0.01
    assert max(took) - min(took) > 0.005


@each_stream
def test_removing_latency_releases_what_it_holds(client: Client, stream: str) -> None:
    with proxied(client, peers.echo) as address, connect(address) as connection:
        again(connection)
        client.toxic("latency", stream=stream, latency=NEVER)
        connection.sendall(b"late")
        assert silent(connection)
        assert client.send("DELETE", "/proxies/p/toxics/t").status == 204
        assert read(connection, 4) == b"late"


@each_stream
def test_an_update_reaches_live_connections(client: Client, stream: str) -> None:
    with proxied(client, peers.echo) as address, connect(address) as connection:
        client.toxic("latency", stream=stream, latency=NEVER)
        change = {"attributes": {"latency": 0}}
        assert client.send("PATCH", "/proxies/p/toxics/t", change).status == 200
        again(connection)


# --- bandwidth, slicer, noop -----------------------------------------------------------


@each_stream
def test_bandwidth_is_never_exceeded(client: Client, stream: str) -> None:
    with proxied(client, peers.echo) as address:
        client.toxic("bandwidth", stream=stream, rate=100)  # 1,000 bytes a second each
        assert answered(address, pattern(40_000)) >= 0.36


def test_a_slow_stream_of_small_pieces_arrives_whole(client: Client) -> None:
    with proxied(client, peers.pour(3_000)) as address:
        client.toxic("bandwidth", rate=5)
        began = time.monotonic()
        with connect(address) as connection:
            assert read_all(connection) == pattern(3_000)
        assert time.monotonic() - began >= 0.5


@each_stream
def test_slicer_cuts_into_pieces_with_pauses_and_loses_nothing(client: Client, stream: str) -> None:
    with proxied(client, peers.echo) as address:
        client.toxic("slicer", stream=stream, average_size=100, size_variation=0, delay=5_000)
        assert answered(address, pattern(1_000)) >= 0.045
        change = {"attributes": {"average_size": 64, "size_variation": 32, "delay": 0}}
        assert client.send("PATCH", "/proxies/p/toxics/t", change).status == 200
        answered(address, pattern(100_000))


@each_stream
def test_noop_does_nothing(client: Client, stream: str) -> None:
    with proxied(client, peers.echo) as address:
        client.toxic("noop", stream=stream)
        answered(address, pattern(100_000))


# --- what ends connections -------------------------------------------------------------


def test_slow_close_delays_the_end_and_not_the_bytes(client: Client) -> None:
    with proxied(client, peers.pour(1_000)) as address:
        client.toxic("slow_close", delay=300)
        began = time.monotonic()
        with connect(address) as connection:
            assert read_all(connection) == pattern(1_000)
        assert time.monotonic() - began >= 0.3
        client.send("PATCH", "/proxies/p/toxics/t", {"attributes": {"delay": NEVER}})
        with connect(address) as connection:
            assert read(connection, 1_000) == pattern(1_000)
            assert silent(connection)


def test_slow_close_upstream(client: Client) -> None:
    with peers.upstream(peers.listen) as upstream:
        address = client.proxy(upstream.address)
        client.toxic("slow_close", stream="upstream", delay=200)
        with connect(address) as connection:
            connection.sendall(b"last")
            assert upstream.received(4) == b"last"
            began = time.monotonic()
        assert upstream.ended() - began >= 0.2


@each_stream
def test_timeout_drops_bytes_and_then_closes(client: Client, stream: str) -> None:
    with proxied(client, peers.echo) as address:
        client.toxic("timeout", stream=stream, timeout=150)
        began = time.monotonic()
        with connect(address) as connection:
            connection.sendall(b"lost")
            assert read_all(connection) == b""
        assert time.monotonic() - began >= 0.15


@each_stream
def test_timeout_of_0_lasts_until_it_is_removed(client: Client, stream: str) -> None:
    with proxied(client, peers.echo) as address, connect(address) as connection:
        again(connection)
        client.toxic("timeout", stream=stream, timeout=0)
        connection.sendall(b"lost")
        assert silent(connection)
        assert client.send("DELETE", "/proxies/p/toxics/t").status == 204
        assert read_all(connection) == b""
        answered(address)


@each_stream
@pytest.mark.parametrize("timeout", [0, 100])
def test_reset_peer_resets(client: Client, stream: str, timeout: int) -> None:
    with proxied(client, peers.echo) as address:
        client.toxic("reset_peer", stream=stream, timeout=timeout)
        with connect(address) as connection:
            began = time.monotonic()
            connection.sendall(b"ping")
            with pytest.raises(ConnectionResetError):
                read(connection, 4)
            assert time.monotonic() - began >= timeout / 1000


def test_limit_data_downstream(client: Client) -> None:
    with proxied(client, peers.pour(1_000)) as address:
        client.toxic("limit_data", bytes=100)
        for _ in range(2):  # each connection has a limit of its own
            with connect(address) as connection:
                assert read_all(connection) == pattern(100)


def test_limit_data_upstream(client: Client) -> None:
    with peers.upstream(peers.listen) as upstream:
        address = client.proxy(upstream.address)
        client.toxic("limit_data", stream="upstream", bytes=100)
        with connect(address) as connection:
            connection.sendall(pattern(1_000))
            upstream.ended()
            assert upstream.received(100) == pattern(100)


# --- toxicity, proxies -----------------------------------------------------------------

STRONG: dict[str, dict[str, Any]] = {
    "latency": {"latency": NEVER},
    "bandwidth": {"rate": 1},
    "slow_close": {"delay": NEVER},
    "timeout": {"timeout": 0},
    "reset_peer": {"timeout": 0},
    "slicer": {"average_size": 1, "delay": 1_000_000},
    "limit_data": {"bytes": 0},
}


@each_stream
@pytest.mark.parametrize("kind", STRONG)
def test_toxicity_0_spares_every_connection(client: Client, kind: str, stream: str) -> None:
    with proxied(client, peers.echo) as address:
        client.toxic(kind, stream=stream, toxicity=0, **STRONG[kind])
        for _ in range(3):
            answered(address, pattern(100_000))


def test_toxicity_between_hits_some(client: Client) -> None:
    with proxied(client, peers.pour(10)) as address:
        client.toxic("limit_data", toxicity=0.5, bytes=0)
        seen = set()
        for _ in range(60):  # all alike: once in 10^17
            with connect(address) as connection:
                seen.add(len(read_all(connection)))
    assert seen == {0, 10}


def test_toxics_work_one_after_another(client: Client) -> None:
    with proxied(client, peers.pour(1_000)) as address:
        client.toxic("limit_data", name="first", bytes=200)
        client.toxic("latency", name="second", latency=100)
        began = time.monotonic()
        with connect(address) as connection:
            assert read_all(connection) == pattern(200)
        assert time.monotonic() - began >= 0.1


@pytest.mark.parametrize("how", ["disable", "delete"])
def test_a_proxy_that_goes_takes_its_connections_along(client: Client, how: str) -> None:
    with proxied(client, peers.echo) as address, connect(address) as connection:
        again(connection)
        if how == "disable":
            client.send("PATCH", "/proxies/p", {"enabled": False})
        else:
            client.send("DELETE", "/proxies/p")
        assert read_all(connection) == b""
        with pytest.raises(ConnectionRefusedError):
            connect(address)
        if how == "disable":
            client.send("PATCH", "/proxies/p", {"enabled": True})
            answered(address)


def test_an_upstream_that_is_down_closes_the_connection(client: Client) -> None:
    with connect(client.proxy("127.0.0.1:1")) as connection:
        assert read_all(connection) == b""
