"""Sampling on time, with a probe that takes half its interval (1 s) or three of them (0.1 s).

Ours: the engine's sampler over the system's clocks. The peer: ``chaos run`` with its own
continuous hypothesis at the same frequency, while its method takes as long. Both ask the same
Python function. Counted are the samples of the window; the lateness of sample k is its begin
minus (first begin + k intervals).
"""

from __future__ import annotations

import asyncio
import tempfile
from dataclasses import dataclass
from pathlib import Path

from benchmarks.deeds import stamps
from benchmarks.measure import Figures, percentile, rounded, spread
from benchmarks.programs import PATIENCE, activity, chaos_command, experiment, seconds, write
from gameday.adapters.clock import SystemClock
from gameday.adapters.probes import build_probe
from gameday.core.log.events import Sample
from gameday.core.scenario.probes import PythonProbe
from gameday.engine.sampler import Sampler, Sampling


@dataclass(frozen=True, slots=True)
class Plan:
    """Seconds: how often, how slow the probe, how long; and the lateness promised, in ms."""

    interval: float
    probe: float
    window: float
    late: float

    @property
    def expected(self) -> int:
        """Deadlines in the window."""
        return round(self.window / self.interval)


def sampling_1s(quick: bool) -> Figures:
    """Every second, a probe of half a second."""
    return _measure(Plan(0.2, 0.1, 1.0, 20.0) if quick else Plan(1.0, 0.5, 10.0, 20.0))


def sampling_100ms(quick: bool) -> Figures:
    """Every 0.1 s, a probe of 0.3 s."""
    return _measure(Plan(0.1, 0.3, 1.0 if quick else 10.0, 10.0))


def _measure(plan: Plan) -> Figures:
    samples = asyncio.run(_ours(plan))
    late = [(sample.at - sample.due) / 1e6 for sample in samples]
    peer = _chaos(plan)
    good = sum(sample.ok for sample in samples)
    worst = percentile(late, 99)
    return Figures(
        ours=good,
        unit="samples",
        n=plan.expected,
        goal=f"{plan.expected} of {plan.expected}, lateness p99 < {plan.late:g} ms",
        met=good == plan.expected and worst < plan.late,
        peer=len(peer),
        peer_name="chaoslib continuous hypothesis",
        extra={
            "expected": plan.expected,
            **spread(late, "lateness_ms_"),
            "peer_lateness_ms_max": rounded(max(_lateness(peer, plan)) * 1000),
        },
    )


async def _ours(plan: Plan) -> list[Sample]:
    """The samples whose deadlines lie in the window, each one however late it came."""
    taken: list[Sample] = []
    enough = asyncio.Event()

    def sink(samples: tuple[Sample, ...]) -> None:
        taken.extend(samples)
        if len(taken) >= plan.expected:
            enough.set()

    model = PythonProbe.model_validate(
        {
            "type": "python",
            "module": "benchmarks.deeds",
            "func": "nap",
            "arguments": {"seconds": plan.probe},
            "timeout": "30s",
        }
    )
    probe = build_probe(model, lambda name: name)
    sampling = Sampling(probe, plan.interval, model.timeout, True)
    await probe.read()  # warm-up
    running = asyncio.create_task(Sampler({"slow": sampling}, SystemClock(), sink).run())
    async with asyncio.timeout(PATIENCE):
        await enough.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    end = taken[0].due + plan.window * 1e9 - plan.interval * 5e8
    return [sample for sample in taken if sample.due < end]


def _chaos(plan: Plan) -> list[float]:
    """When chaoslib asked, within the window after its first time."""
    with tempfile.TemporaryDirectory(prefix="gameday-bench-") as name:
        directory = Path(name)
        asked = directory / "asked"
        probe = activity("slow", "stamped_nap", "probe", path=str(asked), seconds=plan.probe) | {
            "tolerance": True
        }
        hypothesis = {"title": "it answers", "probes": [probe]}
        method = [activity("the method", "nap", seconds=plan.window)]
        values = experiment(method) | {"steady-state-hypothesis": hypothesis}
        file = write(directory / "experiment.json", values)
        strategy = ["--hypothesis-strategy", "during-method-only"]
        frequency = ["--hypothesis-frequency", str(plan.interval)]
        seconds([*chaos_command(), "run", *strategy, *frequency, str(file)], directory)
        found = stamps(asked)
    return [at for at in found if at < found[0] + plan.window]


def _lateness(asked: list[float], plan: Plan) -> list[float]:
    return [at - asked[0] - index * plan.interval for index, at in enumerate(asked)]
