"""The system's clocks."""

from __future__ import annotations

import asyncio
import time

from gameday.adapters.clock import SystemClock


def test_reads_all_clocks_of_this_boot() -> None:
    clock, other = SystemClock(), SystemClock()
    first, second = clock.now(), other.now()
    assert first.boot_id == second.boot_id != ""
    assert first.boot <= second.boot
    assert abs(first.wall - time.time()) < 60


def test_never_returns_early() -> None:
    async def scenario() -> None:
        clock = SystemClock()
        for nanoseconds in (1, 1_000, 100_000, 1_500_000, 30_000_000) * 5:
            due = clock.now().boot + nanoseconds
            await clock.sleep_until(due)
            assert due <= clock.now().boot < due + 2_000_000_000

    asyncio.run(scenario())


def test_returns_at_once_when_it_is_time() -> None:
    async def scenario() -> None:
        clock = SystemClock()
        await asyncio.wait_for(clock.sleep_until(clock.now().boot - 1), 0.5)

    asyncio.run(scenario())


def test_sleeps_side_by_side() -> None:
    async def scenario() -> None:
        clock = SystemClock()
        due = clock.now().boot + 50_000_000
        await asyncio.wait_for(asyncio.gather(*[clock.sleep_until(due) for _ in range(100)]), 5)

    asyncio.run(scenario())
