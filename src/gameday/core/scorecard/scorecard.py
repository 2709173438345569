"""The report model: everything a report says, as values computed from the log alone.

The same records always give the same scorecard, so a report can be made again at any time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gameday.core.errors import NothingToDo
from gameday.core.incident_process.rules import RuleOutcome, rule_outcomes
from gameday.core.instant import Instant, seconds_between
from gameday.core.log import events as e
from gameday.core.log.events import Record, Sample
from gameday.core.process_tables.severity import severity_of
from gameday.core.run.attribution import Finding, attribute
from gameday.core.run.claims import judge_late
from gameday.core.run.evolve import fold
from gameday.core.run.milestones import Mark, milestones
from gameday.core.run.presence import felt, times_in
from gameday.core.run.state import RunState
from gameday.core.run.times import ResponseTime, not_exercised, response_times
from gameday.core.scenario.impact import Impact
from gameday.core.scenario.scenario import Scenario
from gameday.core.scorecard.expectations import ExpectationOutcome, expectation_outcomes
from gameday.core.scorecard.fault_summary import FaultSummary, fault_summary
from gameday.core.scorecard.impact_summary import ImpactSummary, impact_summaries, losses
from gameday.core.scorecard.scoring import Score, absorbed_score, people_score
from gameday.core.scorecard.system_summary import (
    SteadyStateSummary,
    SystemSummary,
    steady_state_summary,
    system_summary,
)
from gameday.core.scorecard.verdicts import (
    NOBODY_LOOKED,
    NONE_FELT,
    NONE_SEEN,
    Verdict,
    Verdicts,
    unwatched,
    verdicts,
)
from gameday.core.words import Attribution, Expects, Milestone, Severity

if TYPE_CHECKING:
    from gameday.core.run.commands import JudgeClaim


@dataclass(frozen=True, slots=True)
class FalseAllClear:
    """A claim that the probes refuted."""

    event: str
    by: str
    at: Instant
    milestone: Milestone
    reason: str


@dataclass(frozen=True, slots=True)
class UnneededAction:
    """A deed while users were well: nothing had to be mitigated then."""

    event: str
    by: str
    at: Instant
    text: str


@dataclass(frozen=True, slots=True)
class DeclaredSeverity:
    """The severity that was declared last, beside what the tree gives for the scenario's true
    impact (its own severity where it states none); None: nothing was declared."""

    expected: Severity
    declared: Severity | None
    event: str | None

    @property
    def wrong(self) -> bool:
        """Something was declared, and it was another."""
        return self.declared is not None and self.declared is not self.expected


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A whole run, judged. hints: entries by which the facilitator helped, not annulled."""

    run_id: str
    state: RunState
    scenario: Scenario
    records: tuple[Record, ...]
    started: Instant
    ended: Instant
    verdicts: Verdicts
    milestones: Mapping[Milestone, Mark | None]
    times: tuple[ResponseTime, ...]
    expectations: tuple[ExpectationOutcome, ...]
    rules: tuple[RuleOutcome, ...]
    hints: tuple[str, ...]
    severity: DeclaredSeverity
    attribution: Finding
    impacts: tuple[ImpactSummary, ...]
    false_all_clears: tuple[FalseAllClear, ...]
    unneeded_actions: tuple[UnneededAction, ...]
    steady_state: SteadyStateSummary
    system: SystemSummary
    samples: Mapping[str, tuple[Sample, ...]]
    faults: tuple[FaultSummary, ...]
    score: Score

    def offset(self, at: Instant) -> float:
        """Seconds after the start of the run."""
        return seconds_between(self.started, at)

    @property
    def unwatched(self) -> bool:
        """It ended without its conductor, and nobody looked at a probe after that."""
        return unwatched(self.state, _recovered(self.records))


def scorecard(run_id: str, records: Sequence[Record]) -> Scorecard:
    """Judge a run from its records. Raises NothingToDo when there is no game day to judge."""
    known = fold(run_id, records)
    scenario, scheduled = known.scenario, known.scheduled_at
    if scenario is None or scheduled is None:
        raise NothingToDo(f"{run_id} is not a game day's run: there is nothing to score")
    state, late = judge_late(known, scenario)
    started = state.started_at or scheduled
    ended = _ended(records)
    marks = milestones(state, records)
    recovered = _recovered(records)
    times = response_times(state, scenario.all_targets, marks, ended)
    impacts = impact_summaries(state, records, ended)
    false = _false_all_clears(records, state, late)
    samples = _samples(records)
    lost = sum(impact.seconds for impact in impacts)
    summary = steady_state_summary(state, records, samples, lost)
    outcomes = expectation_outcomes(state, scenario, records, marks, ended)
    system = system_summary(
        state, scenario, records, samples, outcomes, losses(impacts, ended), ended
    )
    judged = verdicts(
        state,
        times,
        impacts_felt=marks[Milestone.IMPACTED] is not None,
        samples=summary.samples,
        longest_gap_s=summary.longest_gap_s,
        recovered=recovered,
        of_system=system.reasons,
    )
    if judged.people.verdict == "not_exercised":
        times = tuple(map(not_exercised, times))
    return Scorecard(
        run_id=run_id,
        state=state,
        scenario=scenario,
        records=tuple(records),
        started=started,
        ended=ended,
        verdicts=judged,
        milestones=marks,
        times=times,
        expectations=outcomes,
        rules=rule_outcomes(state, records, ended),
        hints=tuple(_hints(state, records)),
        severity=_severity(state, scenario, records),
        attribution=_attribution(state, marks, unwatched(state, recovered)),
        impacts=impacts,
        false_all_clears=false,
        unneeded_actions=tuple(_unneeded(state, records)),
        steady_state=summary,
        system=system,
        samples=samples,
        faults=tuple(fault_summary(fault, records) for fault in state.faults.values()),
        score=_score(state, scenario, judged, times, false, impacts, ended),
    )


def _ended(records: Sequence[Record]) -> Instant:
    """When the run ended; for one still going on, the latest thing that is known."""
    closing = (e.RunCompleted, e.RunAborted, e.RunRefused)
    ends = [record.at for record in records if isinstance(record.event, closing)]
    return ends[-1] if ends else max((r.at for r in records), key=lambda at: at.boot)


def _recovered(records: Sequence[Record]) -> bool | None:
    for record in reversed(records):
        if isinstance(record.event, (e.RunCompleted, e.RunAborted)):
            return record.event.recovered
    return None


def _attribution(state: RunState, marks: Mapping[Milestone, Mark | None], unseen: bool) -> Finding:
    """Who ended the last impact since the injection."""
    injected = marks[Milestone.INJECTED]
    impacts = felt(state)
    if injected is None or not impacts:
        return Finding(Attribution.NONE, NONE_SEEN if unseen else NONE_FELT)
    if unseen and impacts[-1].end is None:
        return Finding(Attribution.NONE, NOBODY_LOOKED)
    return attribute(state, impacts[-1])


def _false_all_clears(
    records: Sequence[Record], state: RunState, late: Sequence[JudgeClaim]
) -> tuple[FalseAllClear, ...]:
    by_id = {record.id: record for record in records}
    refuted = [
        (r.event.claim, r.event.milestone, r.event.reason)
        for r in records
        if isinstance(r.event, e.ClaimRefuted)
    ] + [(v.claim, v.milestone, v.refuted) for v in late if v.refuted]
    found = []
    for entry, milestone, reason in refuted:
        if entry in state.annulled:
            continue
        claim = by_id[entry]
        assert isinstance(claim.event, e.ResponderFact)
        found.append(
            FalseAllClear(
                event=claim.id,
                by=claim.event.by,
                at=claim.at,
                milestone=milestone,
                reason=reason,
            )
        )
    return tuple(found)


def _severity(state: RunState, scenario: Scenario, records: Sequence[Record]) -> DeclaredSeverity:
    said = [
        (record.at.boot, record.seq, record.event.severity, record.id)
        for record in records
        if isinstance(record.event, (e.Declared, e.SeverityChanged))
        and record.id not in state.annulled
    ]
    *_, declared, event = max(said, key=lambda word: word[:2], default=(None, None))
    expected = scenario.severity
    if state.process is not None and scenario.impact != Impact():
        expected = severity_of(scenario.impact, state.process.severity).severity
    return DeclaredSeverity(expected, declared, event)


def _hints(state: RunState, records: Sequence[Record]) -> Iterator[str]:
    for record in records:
        if isinstance(record.event, e.HintGiven) and record.id not in state.annulled:
            yield record.id


def _unneeded(state: RunState, records: Sequence[Record]) -> Iterator[UnneededAction]:
    """Successful deeds outside of every impact, as long as its first and last sample took."""
    for record in records:
        event, boot = record.event, record.at.boot
        if not isinstance(event, e.ActionTaken) or not event.ok or record.id in state.annulled:
            continue
        hurt = any(
            impact.start.boot <= boot and (impact.end is None or boot <= impact.ended_by)
            for impact in state.impacts
        )
        if not hurt:
            yield UnneededAction(record.id, event.by, record.at, event.text or event.detail)


def _samples(records: Sequence[Record]) -> Mapping[str, tuple[Sample, ...]]:
    """Samples of every probe since the baseline began, in order."""
    by_probe: dict[str, list[Sample]] = defaultdict(list)
    for record in records:
        if isinstance(record.event, e.SamplesRecorded):
            for sample in record.event.samples:
                by_probe[sample.probe].append(sample)
    return {name: tuple(samples) for name, samples in by_probe.items()}


def _score(
    state: RunState,
    scenario: Scenario,
    judged: Verdicts,
    times: Sequence[ResponseTime],
    false: Sequence[FalseAllClear],
    impacts: Sequence[ImpactSummary],
    ended: Instant,
) -> Score:
    if scenario.expects is Expects.ABSORBED and judged.system.verdict != "unknown":
        spans = times_in(state, ended)
        held = sum(end - start for start, end in spans) / 1e9
        lost = _overlap(spans, impacts, ended)
        events = tuple(impact.start.event for impact in impacts)
        return absorbed_score(held, lost, events) if held else Score(None, ())
    if judged.people.verdict == "not_exercised":
        return Score(None, ())
    return people_score(times, [item.event for item in false])


def _overlap(
    spans: Sequence[tuple[int, int]], impacts: Sequence[ImpactSummary], ended: Instant
) -> float:
    """Seconds of impact that lie within the spans."""
    return sum(
        max(0, min(end, (i.end.at if i.end else ended).boot) - max(start, i.start.at.boot)) / 1e9
        for start, end in spans
        for i in impacts
    )


__all__ = ["Scorecard", "Verdict", "scorecard"]
