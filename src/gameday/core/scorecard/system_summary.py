"""What a run says of the system: how available it was, what that cost of the error budget, how its
probes read, and whether what protects it did its work. None of it earns points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import sub

from gameday.core.duration import format_duration
from gameday.core.instant import Instant, seconds_between
from gameday.core.log import events as e
from gameday.core.log.events import Record, Sample
from gameday.core.run.presence import times_in
from gameday.core.run.state import RunState
from gameday.core.scenario.inject import Shows
from gameday.core.scenario.scenario import Scenario
from gameday.core.scorecard.error_budget import ErrorBudget, error_budget
from gameday.core.scorecard.expectations import ExpectationOutcome
from gameday.core.scorecard.protections import Protection, Worked, protections
from gameday.core.scorecard.readings import ProbeReadings, Split, Trouble, readings

Losses = Sequence[tuple[Instant, Instant]]
"""When steady state was lost, and when it was back (or the end of the run)."""

SeriesOf = Mapping[str, tuple[Sample, ...]]
"""Samples by probe, in order."""


@dataclass(frozen=True, slots=True)
class SteadyStateSummary:
    """availability: share of good samples of the steady-state probes since the start.

    longest_gap_s: longest time between two samples of one probe. lost_chunks: chunk numbers
    that the log lacks.
    """

    samples: int
    failed: int
    availability: float | None
    longest_gap_s: float
    lost_chunks: tuple[int, ...]
    lost_seconds: float


@dataclass(frozen=True, slots=True)
class SystemSummary:
    """budget: None where the scenario promises nothing, or nothing was measured. split: what
    "during" means in the readings. protections, alerts: those that the scenario expected."""

    budget: ErrorBudget | None
    split: Split
    readings: tuple[ProbeReadings, ...]
    protections: tuple[Protection, ...]
    alerts: tuple[Protection, ...]

    @property
    def reasons(self) -> tuple[str, ...]:
        """For the system's verdict: what did not work first, then what did, then the budget."""
        return (*_failures(self.protections), *_successes(self.protections), *_spent(self.budget))


def steady_state_summary(
    state: RunState, records: Sequence[Record], samples: SeriesOf, lost_seconds: float
) -> SteadyStateSummary:
    """Of the samples since the start of the exercise."""
    zero = state.started_at.boot if state.started_at else 0
    steady = [[s for s in samples.get(name, ()) if s.at >= zero] for name in state.steady_probes]
    count = sum(map(len, steady))
    failed = sum(not sample.ok for series in steady for sample in series)
    longest = max(map(_longest_gap, steady), default=0)
    chunks = {r.event.chunk for r in records if isinstance(r.event, e.SamplesRecorded)}
    return SteadyStateSummary(
        samples=count,
        failed=failed,
        availability=round(1 - failed / count, 6) if count else None,
        longest_gap_s=round(longest / 1e9, 3),
        lost_chunks=tuple(sorted(set(range(max(chunks, default=-1) + 1)) - chunks)),
        lost_seconds=round(lost_seconds, 3),
    )


def _longest_gap(series: Sequence[Sample]) -> int:
    """Nanoseconds between two samples that follow each other."""
    times = [sample.at for sample in series]
    return max(map(sub, times[1:], times), default=0)


def system_summary(
    state: RunState,
    scenario: Scenario,
    records: Sequence[Record],
    samples: SeriesOf,
    outcomes: Sequence[ExpectationOutcome],
    losses: Losses,
    ended: Instant,
) -> SystemSummary:
    """All of it, from the state and what was measured."""
    trouble = _trouble(state, losses, ended)
    shown = protections(state, outcomes, records, samples, ended)
    return SystemSummary(
        budget=_budget(state, scenario, samples, losses, ended),
        split=trouble.split,
        readings=readings(scenario.probes, samples, trouble),
        protections=tuple(one for one in shown if one.kind is Shows.PROTECTION),
        alerts=tuple(one for one in shown if one.kind is Shows.ALERT),
    )


def _budget(
    state: RunState, scenario: Scenario, samples: SeriesOf, losses: Losses, ended: Instant
) -> ErrorBudget | None:
    start = state.started_at
    measured = scenario.mode == "drill" and any(map(samples.get, state.steady_probes))
    if scenario.slo is None or start is None or not measured:
        return None
    spans = [(seconds_between(start, lost), seconds_between(start, back)) for lost, back in losses]
    return error_budget(scenario.slo, spans, seconds_between(start, ended))


def _trouble(state: RunState, losses: Losses, ended: Instant) -> Trouble:
    if losses:
        return Trouble(Split.IMPACT, [(lost.boot, back.boot) for lost, back in losses])
    spans = times_in(state, ended)
    return Trouble(Split.FAULT, spans) if spans else Trouble(Split.NOTHING, ())


def _failures(shown: Sequence[Protection]) -> Iterator[str]:
    for one in shown:
        if one.verdict is Worked.DID_NOT_WORK:
            yield f"a protection did not work: {one.title} ({one.why})"


def _successes(shown: Sequence[Protection]) -> Iterator[str]:
    for one in shown:
        if one.verdict is Worked.WORKED:
            yield f"a protection worked: {one.title} ({one.why})"


def _spent(budget: ErrorBudget | None) -> Iterator[str]:
    if budget is None:
        return
    if budget.spent_s == 0:
        yield f"nothing was spent of the error budget ({budget.objective:g} % over {budget.window})"
        return
    share = f"{budget.spent} of" if budget.share <= 1 else budget.spent
    yield (
        f"{budget.spent_s:.1f} s of steady state lost are {share} the error budget of "
        f"{format_duration(budget.budget_s)} ({budget.objective:g} % over {budget.window})"
    )
