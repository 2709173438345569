"""Sampling on absolute deadlines, when the machine's time does not flow evenly."""

from __future__ import annotations

import asyncio

from gameday.engine.ports import Reading
from gameday.engine.sampler import Sampler, Sampling
from gameday.testing import VirtualClock, run_virtual


class _Counting:
    reads = 0

    async def read(self) -> Reading:
        self.reads += 1
        return Reading(True)

    async def close(self) -> None:
        pass


def test_what_a_suspended_machine_missed_is_a_gap_and_no_burst() -> None:
    async def main() -> tuple[int, int]:
        clock, probe = VirtualClock(), _Counting()
        sampler = Sampler({"p": Sampling(probe, 1.0, 2.0, True)}, clock, lambda _: None)
        running = asyncio.create_task(sampler.run())
        await asyncio.sleep(5.5)
        before = probe.reads
        clock.suspend(3600)
        await asyncio.sleep(3.0)
        running.cancel()
        return before, probe.reads

    before, after = run_virtual(main())
    assert before == 6
    assert 3 <= after - before <= 4
