"""What falls due in a run, and when: the pure half of the scheduler.

Each rule looks at the state and gives commands with the boot time at which they are due; 0
means now. The conductor carries out what is due and sleeps until the next. Exercise rules
stand still during a pause; safety rules never do.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gameday.core.incident_process.duties import duties
from gameday.core.instant import NANOSECONDS, Instant
from gameday.core.run.claims import awaited, judge, verify_mitigation
from gameday.core.run.commands import (
    BeginUndo,
    CallDuty,
    Command,
    EndRun,
    MissDuty,
    RefuseRun,
    RollBack,
    SendInject,
    StartRun,
)
from gameday.core.run.exercise_clock import exercise_deadline
from gameday.core.run.presence import felt
from gameday.core.run.state import FaultState, FaultStatus, RunState
from gameday.core.run.steady_state import Track, all_healthy, possible_start, watermark
from gameday.core.run.unsteady import unsteady
from gameday.core.scenario.scenario import AbortCondition, Scenario
from gameday.core.words import Cause, Expects, Milestone, RunPhase

NOW = 0
BASELINE_PATIENCE = 5.0
"""Seconds beyond the probes' own time-outs to wait for their first readings."""

STUCK_AGAIN = 30.0
"""Seconds after which the undo of a stuck fault is tried again."""


@dataclass(frozen=True, slots=True)
class Due:
    """A command and the boot time, in nanoseconds, at which it falls due."""

    at: int
    command: Command


def agenda(state: RunState) -> tuple[Due, ...]:
    """Everything that is due now or later, soonest first, as far as the state can tell."""
    scenario = state.scenario
    if scenario is None or state.phase is None:
        return ()
    items: list[Due] = []
    for rule in _RULES.get(state.phase, ()):
        items += rule(state, scenario)
    return tuple(sorted(items, key=lambda due: due.at))


# --- before the start -----------------------------------------------------------------


def _baseline(state: RunState, scenario: Scenario) -> Iterator[Due]:
    """Start when steady state held for the whole baseline; refuse when it did not."""
    assert state.scheduled_at is not None
    held_until = state.scheduled_at.boot + _ns(scenario.verification.before)
    healthy = all_healthy(state.tracks, state.steady_probes)
    if healthy is False:
        yield Due(NOW, RefuseRun(f"steady state does not hold before the start: {unsteady(state)}"))
    elif (
        healthy
        and watermark(state.tracks, state.steady_probes) >= held_until
        and possible_start(state.tracks, state.steady_probes) is None
    ):
        yield Due(NOW, StartRun())
    else:
        patience = BASELINE_PATIENCE + max(probe.timeout for probe in scenario.probes.values())
        decided = max(p.interval * p.recover_after for p in scenario.probes.values())
        reason = "steady state could not be established: a probe gave too few readings"
        yield Due(held_until + _ns(patience + decided), RefuseRun(reason))


# --- the exercise's clock: stands still in a pause ------------------------------------


def _timeline(state: RunState, scenario: Scenario) -> Iterator[Due]:
    for inject in scenario.timeline:
        at = exercise_deadline(state, inject.at)
        if inject.id not in state.sent and at is not None:
            yield Due(at, SendInject(inject.id, _instant(state, at)))


def _end_of_exercise(state: RunState, scenario: Scenario) -> Iterator[Due]:
    at = exercise_deadline(state, scenario.duration)
    if at is not None:
        yield Due(at, RollBack(Cause.FINISHED, "the game day's time is up"))
    if _all_done(state, scenario):
        yield Due(NOW, RollBack(Cause.FINISHED, "everything in the game day is done"))


def _all_done(state: RunState, scenario: Scenario) -> bool:
    if any(inject.id not in state.sent for inject in scenario.timeline):
        return False
    expected = [inject.id for inject in scenario.timeline if inject.breaks]
    if any(fault not in state.faults for fault in expected) or state.outstanding:
        return False
    if not expected or any(awaited(state, claim) for claim in state.claims):
        return False
    if scenario.expects is Expects.ABSORBED:
        return state.open_impact is None
    last = felt(state)[-1].start.boot if felt(state) else 0
    return any(
        c.milestone is Milestone.RESOLVED and c.verdict and c.at.boot >= last
        for c in state.claims
        if c.entry not in state.annulled
    )


def _duties(state: RunState, scenario: Scenario) -> Iterator[Due]:
    """Who owes something is called when it is due, and once more when it stays undone."""
    if state.process is None:
        return
    grace = _ns(state.process.paced(state.process.policy.patterns.grace))
    for duty in duties(state):
        due = duty.due(state)
        if duty.id not in state.duties_due:
            if duty.owed_at(due):
                yield Due(due, CallDuty(duty.id, duty.rule, duty.title, duty.to))
        elif duty.id not in state.duties_missed and duty.owed_at(due + grace):
            yield Due(due + grace, MissDuty(duty.id, duty.rule, duty.title, duty.to))


# --- safety clocks: never stand still -------------------------------------------------


def _holds(state: RunState, scenario: Scenario) -> Iterator[Due]:
    for inject in scenario.timeline:
        fault = state.faults.get(inject.id)
        if fault is None or fault.status not in (FaultStatus.INTENDED, FaultStatus.INJECTED):
            continue
        hold, since = scenario.hold_of(inject), fault.injected_at or fault.intended_at
        assert since is not None
        yield Due(since.boot + _ns(hold.at_most), BeginUndo(fault.id, Cause.HOLD_EXPIRED))
        if hold.until == "mitigated" and _mitigated_after(state, since):
            yield Due(NOW, BeginUndo(fault.id, Cause.MITIGATED))


def _mitigated_after(state: RunState, since: Instant) -> bool:
    return state.mitigated_at is not None and state.mitigated_at.boot > since.boot


def _abort_conditions(state: RunState, scenario: Scenario) -> Iterator[Due]:
    for condition in scenario.abort_when:
        at = _abort_at(state, condition)
        if at is not None:
            yield Due(at, RollBack(Cause.ABORT, f"abort condition: {_say(condition)}", "gameday"))


def _abort_at(state: RunState, condition: AbortCondition) -> int | None:
    if condition.steady_state_lost_for is not None:
        impact = state.open_impact
        return impact.start.boot + _ns(condition.steady_state_lost_for) if impact else None
    track = state.tracks.get(condition.probe or "", Track())
    if track.lost_at is None or condition.fails_for is None:
        return None
    return track.lost_at + _ns(condition.fails_for)


def _say(condition: AbortCondition) -> str:
    if condition.steady_state_lost_for is not None:
        return f"steady state lost for {condition.steady_state_lost_for:g} s"
    return f"probe {condition.probe} failed for {condition.fails_for:g} s"


def _longest_pause(state: RunState, scenario: Scenario) -> Iterator[Due]:
    if state.open_pause is not None:
        at = state.open_pause.start.boot + _ns(scenario.max_pause)
        reason = f"paused for longer than {scenario.max_pause:g} s"
        yield Due(at, RollBack(Cause.ABORT, reason, "gameday"))


def _failed_faults(state: RunState, scenario: Scenario) -> Iterator[Due]:
    for fault in state.faults.values():
        stuck = fault.status is FaultStatus.STUCK
        if stuck or fault.status is FaultStatus.REFUSED or fault.cause is Cause.FAILED:
            what = "undone" if stuck else "injected"
            reason = f"fault {fault.id} could not be {what}: {'; '.join(fault.reasons)}"
            yield Due(NOW, RollBack(Cause.FAILED, reason, "gameday"))


# --- judging --------------------------------------------------------------------------


def _judgements(state: RunState, scenario: Scenario) -> Iterator[Due]:
    for claim in state.claims:
        if awaited(state, claim):
            verdict = judge(state, scenario, claim)
            if verdict is not None:
                yield Due(NOW, verdict)
    verified = verify_mitigation(state, scenario)
    if verified is not None:
        yield Due(NOW, verified)


# --- the end --------------------------------------------------------------------------


def _recovery(state: RunState, scenario: Scenario) -> Iterator[Due]:
    """End once every fault is closed and steady state was clean since, or time is up."""
    assert state.rollback_at is not None
    if any(_open(fault) for fault in state.faults.values()):
        return
    if any(fault.status is FaultStatus.STUCK for fault in state.faults.values()):
        yield Due(_patience_ends(state, scenario), EndRun(recovered=False))
        return
    closed = [fault.closed_at.boot for fault in state.faults.values() if fault.closed_at]
    since = max([state.rollback_at.boot, *closed])
    if state.started_at is None:
        yield Due(NOW, EndRun(recovered=True))
        return
    impact_end = max((i.end.boot for i in state.impacts if i.end is not None), default=0)
    clean_until = max(since, impact_end) + _ns(scenario.verification.after)
    doubt = possible_start(state.tracks, state.steady_probes)
    clean = state.open_impact is None and (doubt is None or doubt > clean_until)
    if clean and watermark(state.tracks, state.steady_probes) >= clean_until:
        yield Due(NOW, EndRun(recovered=True))
    else:
        yield Due(since + _ns(scenario.verification.recover_within), EndRun(recovered=False))


def _stuck(state: RunState, scenario: Scenario) -> Iterator[Due]:
    """While the run lasts, what could not be taken out is tried again and again."""
    for fault in state.faults.values():
        if fault.status is FaultStatus.STUCK and fault.closed_at and fault.cause:
            at = fault.closed_at.boot + _ns(STUCK_AGAIN)
            if state.rollback_at is None or at < _patience_ends(state, scenario):
                yield Due(at, BeginUndo(fault.id, fault.cause))


def _patience_ends(state: RunState, scenario: Scenario) -> int:
    assert state.rollback_at is not None
    return state.rollback_at.boot + _ns(scenario.verification.recover_within)


def _open(fault: FaultState) -> bool:
    return fault.status.outstanding and fault.status is not FaultStatus.STUCK


def _ns(seconds: float) -> int:
    return round(seconds * NANOSECONDS)


def _instant(state: RunState, boot: int) -> Instant:
    assert state.started_at is not None
    start = state.started_at
    return Instant(start.wall + (boot - start.boot) / NANOSECONDS, boot, start.boot_id)


_SAFETY = (_holds, _stuck, _abort_conditions, _failed_faults)
_RULES = {
    RunPhase.SCHEDULED: (_baseline,),
    RunPhase.APPROVED: (_baseline,),
    RunPhase.RUNNING: (_timeline, _end_of_exercise, _duties, *_SAFETY, _judgements),
    RunPhase.PAUSED: (*_SAFETY, _longest_pause, _judgements),
    RunPhase.ROLLING_BACK: (_judgements, _stuck, _recovery),
}
