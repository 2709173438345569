"""How high and how low the probes read, before, during and after the trouble.

Of every probe that is judged by a range: lowest, median and highest. Which of them is the worst
nobody has to guess: the tolerance stands beside them. Only a probe with ``measure: latency`` is
called a latency (milliseconds, each already the percentile that the probe asks for); of every
other one the values are shown as it gave them, without a unit.

**During** is while steady state was lost. Where it never was, it is while a fault was in: there the
readings tell what it cost to absorb the fault. **Before** is from the baseline on until the first
such time, **after** is all the rest.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite

from gameday.core.log.events import Sample
from gameday.core.scenario.probes import HttpProbe, Probe, Range
from gameday.core.scenario.tolerance import number_of

BootSpans = Sequence[tuple[int, int]]
"""Begin (in) and end (out), in nanoseconds since boot; in order, without overlaps."""


class Split(StrEnum):
    """What "during" means in a run."""

    IMPACT = "impact"
    FAULT = "fault"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Trouble:
    """The times that divide a run's readings."""

    split: Split
    spans: BootSpans


@dataclass(frozen=True, slots=True)
class Spread:
    """samples: all of that time. unread: those without a number, such as one that timed out; they
    are in none of the three values, which are None where no sample has a number."""

    samples: int
    unread: int
    lowest: float | None
    median: float | None
    highest: float | None


@dataclass(frozen=True, slots=True)
class ProbeReadings:
    """One probe's readings. latency: they are milliseconds."""

    probe: str
    latency: bool
    tolerance: Range
    before: Spread
    during: Spread
    after: Spread


def readings(
    probes: Mapping[str, Probe], samples: Mapping[str, Sequence[Sample]], trouble: Trouble
) -> tuple[ProbeReadings, ...]:
    """Of every probe that is judged by a range, in the scenario's order."""
    edges = [edge for span in trouble.spans for edge in span]
    found = []
    for name, probe in probes.items():
        if isinstance(probe.tolerance, Range):
            before, during, after = _phases(samples.get(name, ()), edges)
            latency = isinstance(probe, HttpProbe) and probe.measure == "latency"
            found.append(ProbeReadings(name, latency, probe.tolerance, before, during, after))
    return tuple(found)


def _phases(samples: Iterable[Sample], edges: Sequence[int]) -> tuple[Spread, Spread, Spread]:
    before: list[Sample] = []
    during: list[Sample] = []
    after: list[Sample] = []
    for sample in samples:
        passed = bisect_right(edges, sample.at)
        phase = during if passed % 2 else after if passed else before
        phase.append(sample)
    return _spread(before), _spread(during), _spread(after)


def _spread(samples: Sequence[Sample]) -> Spread:
    numbers = (None if s.value is None else number_of(s.value) for s in samples)
    read = sorted(number for number in numbers if number is not None and isfinite(number))
    if not read:
        return Spread(len(samples), len(samples), None, None, None)
    half = len(read) // 2
    middle = read[half] if len(read) % 2 else (read[half - 1] + read[half]) / 2
    return Spread(len(samples), len(samples) - len(read), read[0], middle, read[-1])
