"""Events to state: ``evolve`` is the only way a state changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from gameday.core.instant import Instant
from gameday.core.log import events as e
from gameday.core.log.events import FaultIntended, Record, RollbackStarted
from gameday.core.run.lifecycle import phase_after
from gameday.core.run.state import (
    Action,
    Claim,
    FaultState,
    FaultStatus,
    Heard,
    Impact,
    Pause,
    RunState,
)
from gameday.core.run.steady_state import Rules, observe_all
from gameday.core.words import Milestone

if TYPE_CHECKING:
    from gameday.core.process_tables.process import Process


def fold(run_id: str, records: Iterable[Record]) -> RunState:
    """The state after all these records."""
    return evolve_all(RunState(run_id), records)


def evolve_all(state: RunState, records: Iterable[Record]) -> RunState:
    """The state after some more records."""
    for record in records:
        state = evolve(state, record)
    return state


def evolve(state: RunState, record: Record) -> RunState:
    """The state after one more record of a run's log, in the log's order: each is a fact."""
    event, spoken, heard = record.event, state.spoken, state.heard
    if isinstance(event, e.ResponderFact):
        spoken |= 1 << record.seq
        if not isinstance(event, (e.NoteAdded, e.ActionTaken)):
            heard = (*heard, Heard(record.id, record.at, event))
    phase = phase_after(state.phase, event)
    state = state._replace(seq=record.seq, phase=phase, spoken=spoken, heard=heard)
    handler = _EVOLVE.get(type(event))
    return handler(state, record, event) if handler else state


def _scheduled(state: RunState, record: Record, event: e.RunScheduled) -> RunState:
    if not event.scenario:
        return state._replace(scheduled_at=record.at)
    # Imported here: a single experiment has no scenario, and pydantic costs 40 ms.
    from gameday.core.scenario.scenario import Scenario

    scenario = Scenario.model_validate(event.scenario)
    rules = {n: Rules(p.fail_after, p.recover_after) for n, p in scenario.probes.items()}
    state = state._replace(scheduled_at=record.at, scenario=scenario, rules=rules)
    return state._replace(process=_process(event.process)) if event.process else state


def _process(values: Mapping[str, Any]) -> Process | None:
    """The tables a run is held against. Those of another version may not be readable to this one:
    then there are none, for whoever recovers the run must know its faults all the same."""
    from pydantic import ValidationError

    from gameday.core.process_tables.process import Process

    try:
        return Process.model_validate(values)
    except ValidationError:
        return None


def _lease_taken(state: RunState, record: Record, event: e.LeaseTaken) -> RunState:
    return state._replace(epoch=event.epoch)


def _started(state: RunState, record: Record, event: e.RunStarted) -> RunState:
    return state._replace(started_at=record.at)


def _run_refused(state: RunState, record: Record, event: e.RunRefused) -> RunState:
    return state._replace(refusal=event.reason)


def _paused(state: RunState, record: Record, event: e.RunPaused) -> RunState:
    return state._replace(pauses=(*state.pauses, Pause(record.at)))


def _resumed(state: RunState, record: Record, event: e.RunResumed) -> RunState:
    return _close_pause(state, record.at)


def _rolling_back(state: RunState, record: Record, event: RollbackStarted) -> RunState:
    state = _close_pause(state, record.at)
    return state._replace(rollback=event, rollback_at=record.at)


def _close_pause(state: RunState, at: Instant) -> RunState:
    if state.open_pause is None:
        return state
    return state._replace(pauses=(*state.pauses[:-1], replace(state.pauses[-1], end=at)))


def _sent(state: RunState, record: Record, event: e.InjectSent) -> RunState:
    return state._replace(sent=state.sent | {event.inject})


def _fault(state: RunState, fault: str, **changes: Any) -> RunState:
    known = state.faults.get(fault) or FaultState(fault, FaultStatus.INTENDED)
    return state._replace(faults={**state.faults, fault: replace(known, **changes)})


def _intended(state: RunState, record: Record, event: FaultIntended) -> RunState:
    return _fault(
        state, event.fault, status=FaultStatus.INTENDED, intent=event, intended_at=record.at
    )


def _injected(state: RunState, record: Record, event: e.FaultInjected) -> RunState:
    known = state.faults[event.fault]
    overtaken = known.status is not FaultStatus.INTENDED  # by an undo; it had been in all the same
    status = known.status if overtaken else FaultStatus.INJECTED
    return _fault(state, event.fault, status=status, injected_at=record.at, returned=not overtaken)


def _failed(state: RunState, record: Record, event: e.FaultFailed) -> RunState:
    began = record.at if event.touched else None
    return _fault(state, event.fault, reasons=(event.reason,), injected_at=began)


def _refused(state: RunState, record: Record, event: e.FaultRefused) -> RunState:
    return _fault(
        state,
        event.fault,
        status=FaultStatus.REFUSED,
        reasons=(event.reason,),
        closed_at=record.at,
    )


def _observed(state: RunState, record: Record, event: e.FaultObserved) -> RunState:
    seen = state.faults[event.fault].observations
    return _fault(state, event.fault, observations=(*seen, (record.at, event.present)))


def _undoing(state: RunState, record: Record, event: e.FaultUndoing) -> RunState:
    known = state.faults[event.fault]
    return _fault(
        state,
        event.fault,
        status=FaultStatus.UNDOING,
        undoing_at=known.undoing_at or record.at,
        cause=known.cause or event.cause,
    )


def _undone(state: RunState, record: Record, event: e.FaultUndone) -> RunState:
    return _fault(
        state, event.fault, status=FaultStatus.UNDONE, closed_at=record.at, proof=event.proof
    )


def _stuck(state: RunState, record: Record, event: e.FaultStuck) -> RunState:
    return _fault(
        state,
        event.fault,
        status=FaultStatus.STUCK,
        closed_at=record.at,
        reasons=event.reasons,
    )


def _samples(state: RunState, record: Record, event: e.SamplesRecorded) -> RunState:
    tracks, _ = observe_all(state.tracks, event.samples, state.rules, state.steady_probes)
    return state._replace(tracks=tracks)


def _impact_started(state: RunState, record: Record, event: e.ImpactStarted) -> RunState:
    impact = Impact(record.at, began_by=max(event.answered, record.at.boot))
    return state._replace(impacts=(*state.impacts, impact))


def _impact_ended(state: RunState, record: Record, event: e.ImpactEnded) -> RunState:
    ended_by = max(event.answered, record.at.boot)
    ended = replace(state.impacts[-1], end=record.at, ended_by=ended_by)
    return state._replace(impacts=(*state.impacts[:-1], ended))


def _mitigation_claimed(state: RunState, record: Record, event: e.MitigationClaimed) -> RunState:
    claim = Claim(record.id, Milestone.MITIGATED, record.at)
    return state._replace(claims=(*state.claims, claim))


def _resolution_claimed(state: RunState, record: Record, event: e.ResolutionClaimed) -> RunState:
    claim = Claim(record.id, Milestone.RESOLVED, record.at)
    return state._replace(claims=(*state.claims, claim))


def _confirmed(state: RunState, record: Record, event: e.ClaimConfirmed) -> RunState:
    return _judged(state, event.claim, True)


def _refuted(state: RunState, record: Record, event: e.ClaimRefuted) -> RunState:
    return _judged(state, event.claim, False)


def _judged(state: RunState, entry: str, verdict: bool) -> RunState:
    claims = tuple(replace(c, verdict=verdict) if c.entry == entry else c for c in state.claims)
    return state._replace(claims=claims)


def _action(state: RunState, record: Record, event: e.ActionTaken) -> RunState:
    if not event.ok:
        return state
    return state._replace(actions=(*state.actions, Action(record.id, record.at, event.told)))


def _annulled(state: RunState, record: Record, event: e.EntryAnnulled) -> RunState:
    return state._replace(annulled=state.annulled | {event.entry})


def _mitigated(state: RunState, record: Record, event: e.MitigationVerified) -> RunState:
    return state._replace(mitigated_at=record.at)


def _duty_due(state: RunState, record: Record, event: e.DutyFellDue) -> RunState:
    return state._replace(duties_due=state.duties_due | {event.duty})


def _duty_missed(state: RunState, record: Record, event: e.DutyMissed) -> RunState:
    return state._replace(duties_missed=state.duties_missed | {event.duty})


_EVOLVE: Mapping[type[e.Event], Any] = {
    e.RunScheduled: _scheduled,
    e.LeaseTaken: _lease_taken,
    e.RunStarted: _started,
    e.RunRefused: _run_refused,
    e.RunPaused: _paused,
    e.RunResumed: _resumed,
    e.RollbackStarted: _rolling_back,
    e.InjectSent: _sent,
    e.FaultIntended: _intended,
    e.FaultInjected: _injected,
    e.FaultFailed: _failed,
    e.FaultRefused: _refused,
    e.FaultObserved: _observed,
    e.FaultUndoing: _undoing,
    e.FaultUndone: _undone,
    e.FaultStuck: _stuck,
    e.SamplesRecorded: _samples,
    e.ImpactStarted: _impact_started,
    e.ImpactEnded: _impact_ended,
    e.MitigationClaimed: _mitigation_claimed,
    e.ResolutionClaimed: _resolution_claimed,
    e.ClaimConfirmed: _confirmed,
    e.ClaimRefuted: _refuted,
    e.ActionTaken: _action,
    e.EntryAnnulled: _annulled,
    e.MitigationVerified: _mitigated,
    e.DutyFellDue: _duty_due,
    e.DutyMissed: _duty_missed,
}
