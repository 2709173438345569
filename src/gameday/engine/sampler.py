"""Steady state sampled on absolute deadlines: a slow probe delays neither itself nor others."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from gameday.core.instant import NANOSECONDS
from gameday.core.log.events import Sample
from gameday.core.scenario.probes import Tolerance
from gameday.core.scenario.tolerance import holds
from gameday.engine.ports import Clock, Probe, Reading

CHUNK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Sampling:
    """A probe and how it is sampled; interval and timeout in seconds."""

    probe: Probe
    interval: float
    timeout: float
    tolerance: Tolerance


class Sampler:
    """Asks every probe at its deadlines and hands over chunks of samples.

    ``sink`` gets each chunk: every second, and at once when a probe's reading turns from good
    to bad or back, so that a loss of steady state is known when it is seen. Samples of one
    probe leave in the order of their deadlines, also when readings overlap.
    """

    def __init__(
        self,
        probes: Mapping[str, Sampling],
        clock: Clock,
        sink: Callable[[tuple[Sample, ...]], None],
    ) -> None:
        self._probes = probes
        self._clock = clock
        self._sink = sink
        self._chunk: list[Sample] = []
        self._last_ok: dict[str, bool] = {}

    async def run(self) -> None:
        """Sample until cancelled; what is in hand is handed over at the end."""
        try:
            async with asyncio.TaskGroup() as group:
                for name, sampling in self._probes.items():
                    group.create_task(self._sample(name, sampling))
                group.create_task(self._flush_regularly())
        finally:
            self._flush()
            for sampling in self._probes.values():
                await sampling.probe.close()

    async def _sample(self, name: str, sampling: Sampling) -> None:
        due = self._clock.now().boot
        pending: deque[asyncio.Task[Sample]] = deque()
        try:
            while True:
                await self._clock.sleep_until(due)
                task = asyncio.create_task(self._read(name, sampling, due))
                pending.append(task)
                task.add_done_callback(lambda _: self._collect(pending))
                step = round(sampling.interval * NANOSECONDS)
                # What a suspended machine has missed is a gap, not a burst of late readings.
                due += step * max(1, (self._clock.now().boot - due) // step)
        finally:
            for task in pending:
                task.cancel()
            await asyncio.gather(*pending, return_exceptions=True)

    async def _read(self, name: str, sampling: Sampling, due: int) -> Sample:
        began = self._clock.now().boot
        try:
            async with asyncio.timeout(sampling.timeout):
                reading = await sampling.probe.read()
        except TimeoutError:
            reading = Reading(None, f"timed out after {sampling.timeout:g} s")
        except Exception as error:  # noqa: BLE001 - a probe's own bug is a failed sample, shown
            reading = Reading(None, f"the probe itself failed: {error!r}")
        took = (self._clock.now().boot - began) / 1e6
        ok = not reading.error and holds(reading.value, sampling.tolerance)
        return Sample(name, due, began, ok, reading.value, round(took, 3), reading.error)

    def _collect(self, pending: deque[asyncio.Task[Sample]]) -> None:
        while pending and pending[0].done():
            task = pending.popleft()
            if not task.cancelled():
                self._add(task.result())

    def _add(self, sample: Sample) -> None:
        self._chunk.append(sample)
        turned = self._last_ok.get(sample.probe, sample.ok) is not sample.ok
        self._last_ok[sample.probe] = sample.ok
        if turned:
            self._flush()

    async def _flush_regularly(self) -> None:
        due = self._clock.now().boot
        while True:
            due += round(CHUNK_SECONDS * NANOSECONDS)
            await self._clock.sleep_until(due)
            self._flush()

    def _flush(self) -> None:
        chunk, self._chunk = tuple(self._chunk), []
        if chunk:
            self._sink(chunk)
