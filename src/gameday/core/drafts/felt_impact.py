"""What the probes say users felt: the numbers that drafts and postmortems quote.

A sample stands for no user, so nothing here claims a share of users: it is a share of samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gameday.core.log.events import Sample
from gameday.core.scenario.probes import HttpProbe
from gameday.core.scorecard.scorecard import Scorecard


@dataclass(frozen=True, slots=True)
class ProbeImpact:
    """One probe of the steady state, while steady state was lost.

    samples, failed: readings begun in an impact, and those outside of the tolerance (or without
    a value). worst_ms: the highest latency among them; None where the probe measures none.
    """

    probe: str
    samples: int
    failed: int
    worst_ms: float | None

    @property
    def share(self) -> float | None:
        """Share of failed samples, 0 to 1; None without any sample."""
        return self.failed / self.samples if self.samples else None


def probe_impacts(card: Scorecard) -> tuple[ProbeImpact, ...]:
    """Every probe of the steady state, in the scenario's order; empty when no impact was felt."""
    if not card.impacts:
        return ()
    return tuple(_probe(card, name) for name in card.state.steady_probes)


def _probe(card: Scorecard, name: str) -> ProbeImpact:
    spans = [
        (impact.start.at.boot, impact.end.at.boot if impact.end else None)
        for impact in card.impacts
    ]
    within = [
        sample
        for sample in card.samples.get(name, ())
        if any(start <= sample.at and (end is None or sample.at < end) for start, end in spans)
    ]
    failed = sum(not sample.ok for sample in within)
    return ProbeImpact(name, len(within), failed, _worst(card, name, within))


def _worst(card: Scorecard, name: str, within: Sequence[Sample]) -> float | None:
    probe = card.scenario.probes[name]
    if not isinstance(probe, HttpProbe) or probe.measure != "latency":
        return None
    values = [
        float(sample.value)
        for sample in within
        if isinstance(sample.value, (int, float)) and not isinstance(sample.value, bool)
    ]
    return max(values, default=None)
