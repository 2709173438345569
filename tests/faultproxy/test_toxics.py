"""Each toxic at work on real connections, through the API."""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.faultproxy.net import TOXICS, connected, echoed, ended, upstream

Play = Callable[[Any], None]


async def toxic(api: Any, kind: str, stream: str = "downstream", **attributes: int) -> None:
    made = {"type": kind, "stream": stream, "attributes": attributes}
    answer = await api.call("POST", TOXICS, made)
    assert answer.status == 200, answer


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("noop", {}),
        ("latency", {"latency": 5, "jitter": 5}),
        ("bandwidth", {"rate": 100_000}),
        ("slicer", {"average_size": 10_000, "size_variation": 5_000, "delay": 10}),
        ("slow_close", {"delay": 10}),
        ("limit_data", {"bytes": 10_000_000}),
    ],
)
def test_what_goes_in_comes_out_whole_and_its_end_too(
    play: Play, kind: str, attributes: dict[str, int], stream: str
) -> None:
    payload = os.urandom(1024 * 1024)

    async def scenario(api: Any) -> None:
        async with upstream() as server:
            where = await api.proxy(server.address)
            await toxic(api, kind, stream, **attributes)
            async with connected(where) as (reader, writer):
                writer.write(payload)
                writer.write_eof()
                assert await ended(reader) == payload

    play(scenario)


@pytest.mark.parametrize("stream", ["upstream", "downstream"])
def test_bandwidth_is_never_faster_than_its_rate(play: Play, stream: str) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server, connected(await api.proxy(server.address)) as both:
            await echoed(both, b"warm")
            await toxic(api, "bandwidth", stream, rate=500)
            started = time.monotonic()
            both[1].write(bytes(100_000))
            await both[0].readexactly(100_000)
            assert time.monotonic() - started >= 0.2

    play(scenario)


def test_bandwidth_stops_the_sender_and_holds_little(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server, connected(await api.proxy(server.address)) as both:
            await echoed(both, b"warm")
            await toxic(api, "bandwidth", "upstream", rate=0)
            both[1].write(bytes(64 * 1024 * 1024))
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(both[1].drain(), 0.3)
            assert (await api.call("DELETE", f"{TOXICS}/bandwidth_upstream")).status == 204
            await both[0].readexactly(64 * 1024 * 1024)

    play(scenario)


def test_limit_data_closes_both_ways_after_its_bytes(play: Play) -> None:
    finished = asyncio.Event()

    async def speak(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(await reader.readexactly(1500))
        await ended(reader)
        finished.set()

    async def scenario(api: Any) -> None:
        async with upstream(speak) as server, connected(await api.proxy(server.address)) as both:
            await toxic(api, "limit_data", bytes=1000)
            await toxic(api, "latency", latency=20)  # what follows in the chain still delivers it
            both[1].write(bytes(1500))
            assert await ended(both[0]) == bytes(1000)
            await finished.wait()

    play(scenario)


@pytest.mark.parametrize("milliseconds", [0, 100])
def test_reset_peer_resets_both_ends(play: Play, milliseconds: int) -> None:
    async def wait_for_the_end(reader: asyncio.StreamReader, _writer: object) -> None:
        ends.put_nowait(await how_it_ended(reader))

    async def how_it_ended(reader: asyncio.StreamReader) -> str:
        try:
            return "closed" if await reader.read(1) == b"" else "bytes"
        except ConnectionResetError:
            return "reset"

    ends: asyncio.Queue[str] = asyncio.Queue()

    async def scenario(api: Any) -> None:
        async with upstream(wait_for_the_end) as server:
            where = await api.proxy(server.address)
            async with connected(where) as (reader, writer):
                await server.accepted.get()
                await toxic(api, "reset_peer", "upstream", timeout=milliseconds)
                started = time.monotonic()
                writer.write(b"x")
                assert await how_it_ended(reader) == "reset"
                assert time.monotonic() - started >= milliseconds / 1000
            assert await ends.get() == "reset"

    play(scenario)


def test_slow_close_keeps_the_connection_open_that_long(play: Play) -> None:
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye")

    async def scenario(api: Any) -> None:
        async with upstream(speak) as server:
            where = await api.proxy(server.address)
            await toxic(api, "slow_close", delay=200)
            started = time.monotonic()
            async with connected(where) as (reader, _writer):
                assert await ended(reader) == b"bye"
            assert time.monotonic() - started >= 0.2

    play(scenario)


def test_slices_arrive_apart(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server, connected(await api.proxy(server.address)) as both:
            await echoed(both, b"warm")
            await toxic(api, "slicer", average_size=10, delay=20_000)
            started = time.monotonic()
            both[1].write(bytes(100))
            await both[0].readexactly(100)
            assert time.monotonic() - started >= 0.18  # nine pauses between ten slices

    play(scenario)


@pytest.mark.parametrize(
    ("kind", "attributes"),
    [
        ("latency", {"latency": 3_600_000}),
        ("bandwidth", {"rate": 0}),
        ("bandwidth", {"rate": 1}),
        ("slicer", {"average_size": 1, "delay": 3_600_000_000}),
        ("slow_close", {"delay": 3_600_000}),
        ("reset_peer", {"timeout": 3_600_000}),
        ("timeout", {}),
        ("limit_data", {"bytes": 1}),
    ],
)
def test_a_toxic_is_removed_and_reset_while_nobody_reads(
    play: Play, kind: str, attributes: dict[str, int]
) -> None:
    """A real Toxiproxy answers these only when its own time-out is over, or never."""

    async def pour(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(bytes(1024 * 1024))
            await writer.drain()

    async def scenario(api: Any) -> None:
        async with upstream(pour) as server:
            where = await api.proxy(server.address)
            for remove in (("DELETE", f"{TOXICS}/stall"), ("POST", "/reset")):
                made = {"type": kind, "name": "stall", "attributes": attributes}
                async with connected(where):
                    await server.accepted.get()
                    assert (await api.call("POST", TOXICS, made)).status == 200
                    assert (await api.call(*remove)).status == 204
                    assert (await api.call("GET", TOXICS)).json == []

    play(scenario)


def test_toxicity_is_drawn_once_for_a_connection(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server:
            where = await api.proxy(server.address)
            half = {"type": "limit_data", "toxicity": 0.5, "attributes": {"bytes": 0}}
            await api.call("POST", TOXICS, half)
            fates: set[bool] = set()
            while fates != {True, False}:  # both turn up, or the scenario's deadline passes
                async with connected(where) as (reader, writer):
                    for _ in range(5):
                        writer.write(b"x")
                        alive = await ended_or_echo(reader)
                        if not alive:
                            break
                    fates.add(alive)

    async def ended_or_echo(reader: asyncio.StreamReader) -> bool:
        try:
            return await reader.read(1) == b"x"
        except ConnectionResetError:
            return False

    play(scenario)


def test_toxics_work_in_the_order_they_were_added(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server:
            where = await api.proxy(server.address)
            for name, limit in (("wide", 20), ("narrow", 10)):
                made = {"type": "limit_data", "name": name, "attributes": {"bytes": limit}}
                await api.call("POST", TOXICS, made)
            async with connected(where) as (reader, writer):
                writer.write(bytes(100))
                assert await ended(reader) == bytes(10)

    play(scenario)


def test_a_client_that_resets_takes_the_upstream_with_it(play: Play) -> None:
    ends: asyncio.Queue[bytes] = asyncio.Queue()

    async def watch(reader: asyncio.StreamReader, _writer: object) -> None:
        ends.put_nowait(await ended(reader))

    async def scenario(api: Any) -> None:
        async with upstream(watch) as server:
            where = await api.proxy(server.address)
            client = socket.create_connection(where)
            await server.accepted.get()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.close()
            assert await ends.get() == b""

    play(scenario)
