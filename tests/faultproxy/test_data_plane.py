"""What happens to the bytes."""

import asyncio
import os
import time
from collections.abc import Callable
from typing import Any

import pytest

from tests.faultproxy.net import TOXICS, connected, echoed, ended, upstream

Play = Callable[[Any], None]


@pytest.mark.parametrize("toxic", [None, {"type": "latency", "attributes": {"latency": 20}}])
def test_a_megabyte_comes_back_whole_and_half_close_is_kept(play: Play, toxic: Any) -> None:
    payload = os.urandom(1024 * 1024)

    async def scenario(api: Any) -> None:
        async with upstream() as server:
            where = await api.proxy(server.address)
            if toxic is not None:
                for stream in ("upstream", "downstream"):
                    await api.call("POST", TOXICS, {**toxic, "stream": stream})
            async with connected(where) as (reader, writer):
                writer.write(payload)
                writer.write_eof()  # the echo must still arrive after our half is closed
                assert await ended(reader) == payload

    play(scenario)


def test_bytes_sent_before_the_upstream_is_connected_are_kept(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server:
            where = await api.proxy(server.address)
            for _ in range(20):
                async with connected(where) as (reader, writer):
                    writer.write(b"early")  # nothing was awaited since connect
                    writer.write_eof()
                    assert await ended(reader) == b"early"

    play(scenario)


def test_a_server_that_speaks_and_closes_first_is_heard_to_the_end(play: Play) -> None:
    async def speak(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"bye" * 100_000)
        await writer.drain()

    async def scenario(api: Any) -> None:
        async with upstream(speak) as server, connected(await api.proxy(server.address)) as both:
            assert await ended(both[0]) == b"bye" * 100_000

    play(scenario)


@pytest.mark.parametrize("bad", ["", "a..b:1", "no port"])
def test_an_upstream_that_cannot_be_reached_closes_the_client(play: Play, bad: str) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server:
            dead = bad or server.address
        async with connected(await api.proxy(dead)) as (reader, _writer):
            assert await ended(reader) == b""

    play(scenario)


def test_a_slow_reader_stops_the_sender_and_loses_nothing(play: Play) -> None:
    size = 64 * 1024 * 1024

    async def scenario(api: Any) -> None:
        sent = 0

        async def pour(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal sent
            block = bytes(256 * 1024)
            while sent < size:
                writer.write(block)
                await writer.drain()
                sent += len(block)
            writer.transport.set_write_buffer_limits(0)
            await writer.drain()  # before, it left up to 64 KiB behind, which a close may drop

        async with upstream(pour) as server, connected(await api.proxy(server.address)) as both:
            await server.accepted.get()
            stalled = -1
            while stalled != sent:  # until the sender makes no more progress
                stalled = sent
                await asyncio.sleep(0.2)
            assert sent < size, "the proxy took everything in although nobody reads"
            got = 0
            while data := await both[0].read(1024 * 1024):
                got += len(data)
            assert got == size

    play(scenario)


def test_latency_never_fires_early_and_keeps_order(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server, connected(await api.proxy(server.address)) as both:
            reader, writer = both
            await echoed(both, b"warm")
            toxic = {"type": "latency", "attributes": {"latency": 200}}
            await api.call("POST", TOXICS, toxic)
            sent: list[float] = []

            async def send() -> None:
                for number in range(20):
                    sent.append(time.monotonic())
                    writer.write(bytes([number]))
                    await asyncio.sleep(0.01)

            sending = asyncio.create_task(send())
            for number in range(20):
                assert await reader.readexactly(1) == bytes([number])
                assert time.monotonic() - sent[number] >= 0.2
            await sending

    play(scenario)


def test_jitter_keeps_order(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server, connected(await api.proxy(server.address)) as both:
            attributes = {"latency": 10, "jitter": 10}
            await api.call("POST", TOXICS, {"type": "latency", "attributes": attributes})
            for number in range(100):
                both[1].write(bytes([number]))
                await both[1].drain()
                await asyncio.sleep(0)
            assert await both[0].readexactly(100) == bytes(range(100))

    play(scenario)


def test_removing_latency_lets_held_bytes_go_at_once(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server, connected(await api.proxy(server.address)) as both:
            await echoed(both, b"warm")
            hour = {"type": "latency", "name": "hour", "attributes": {"latency": 3_600_000}}
            await api.call("POST", TOXICS, hour)
            both[1].write(b"held")
            both[1].write_eof()
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(both[0].read(1), 0.1)
            await api.call("DELETE", f"{TOXICS}/hour")
            assert await ended(both[0]) == b"held"

    play(scenario)


def test_changed_latency_holds_for_bytes_already_held(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server, connected(await api.proxy(server.address)) as both:
            hour = {"type": "latency", "name": "hour", "attributes": {"latency": 3_600_000}}
            await api.call("POST", TOXICS, hour)
            both[1].write(b"held")
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(both[0].read(1), 0.1)
            await api.call("PATCH", f"{TOXICS}/hour", {"attributes": {"latency": 1}})
            assert await both[0].readexactly(4) == b"held"

    play(scenario)


def test_a_toxic_is_removed_at_once_though_its_reader_is_stalled(play: Play) -> None:
    size = 32 * 1024 * 1024

    async def pour(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(bytes(size))
        await writer.drain()

    async def scenario(api: Any) -> None:
        async with upstream(pour) as server:
            where = await api.proxy(server.address)
            for name in ("a", "b"):
                toxic = {"type": "latency", "name": name, "attributes": {"latency": 100}}
                await api.call("POST", TOXICS, toxic)
            async with connected(where) as (reader, _writer):
                await reader.readexactly(1)
                # nobody reads now; a real Toxiproxy hangs in this delete
                assert (await api.call("DELETE", f"{TOXICS}/a")).status == 204
                assert (await api.call("DELETE", f"{TOXICS}/b")).status == 204
                assert len(await ended(reader)) == size - 1

    play(scenario)


def test_toxicity_zero_touches_nobody(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server:
            where = await api.proxy(server.address)
            await api.call("POST", TOXICS, {"type": "timeout", "toxicity": 0})
            async with connected(where) as both:
                await echoed(both, b"free")

    play(scenario)


def test_timeout_zero_holds_until_removed_then_closes(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server:
            where = await api.proxy(server.address)
            async with connected(where) as both:
                await echoed(both, b"warm")
                await api.call("POST", TOXICS, {"type": "timeout", "name": "hold"})
                both[1].write(b"lost")
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(both[0].read(1), 0.2)
                await api.call("DELETE", f"{TOXICS}/hold")
                assert await ended(both[0]) == b""
            async with connected(where) as both:
                await echoed(both, b"again")

    play(scenario)


def test_timeout_closes_after_its_time_and_never_before(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server:
            where = await api.proxy(server.address)
            toxic = {"type": "timeout", "attributes": {"timeout": 150}}
            await api.call("POST", TOXICS, toxic)
            started = time.monotonic()
            async with connected(where) as (reader, writer):
                writer.write(b"lost")
                assert await ended(reader) == b""
            assert time.monotonic() - started >= 0.15

    play(scenario)


def test_disable_cuts_and_enable_listens_on_the_same_port(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server:
            where = await api.proxy(server.address)
            async with connected(where) as both:
                await echoed(both, b"warm")
                await api.call("POST", "/proxies/p", {"enabled": False})
                assert await ended(both[0]) == b""
                with pytest.raises(ConnectionRefusedError):
                    await asyncio.open_connection(*where)
            await api.call("POST", "/proxies/p", {"enabled": True})
            async with connected(where) as both:
                await echoed(both, b"again")

    play(scenario)


def test_delete_cuts_and_frees_the_port(play: Play) -> None:
    async def scenario(api: Any) -> None:
        async with upstream() as server, connected(await api.proxy(server.address)) as both:
            await echoed(both, b"warm")
            await api.call("DELETE", "/proxies/p")
            assert await ended(both[0]) == b""

    play(scenario)
