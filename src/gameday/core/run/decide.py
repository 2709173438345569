"""Commands to events. Pure: the same state, command and instant give the same drafts.

Every draft is checked against the lifecycle's table before it leaves, so an illegal command
raises and changes nothing. A command that has nothing left to do gives no drafts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from gameday.core.errors import NothingToDo, UnknownId
from gameday.core.instant import NANOSECONDS, Instant, seconds_between
from gameday.core.log import events as e
from gameday.core.log.events import Draft
from gameday.core.log.known_ids import NAMED, KnownIds, mistaken
from gameday.core.run import commands as c
from gameday.core.run.lifecycle import phase_after
from gameday.core.run.state import FaultStatus, RunState
from gameday.core.run.steady_state import failing, observe_all
from gameday.core.run.unsteady import unsteady
from gameday.core.scenario.blast_radius import outside
from gameday.core.words import Cause, RunPhase

if TYPE_CHECKING:
    from gameday.core.process_tables.process import Process


def decide(state: RunState, command: c.Command, now: Instant) -> tuple[Draft, ...]:
    """What a command leads to. Raises IllegalCommand or NothingToDo; then nothing changes."""
    drafts = tuple(_DECIDE[type(command)](state, command, now))
    phase = state.phase
    for draft in drafts:
        phase = phase_after(phase, draft.event)
    return drafts


def _take_lease(state: RunState, command: c.TakeLease, now: Instant) -> Iterator[Draft]:
    yield Draft(e.LeaseTaken(epoch=state.epoch + 1, host=command.host, pid=command.pid), now)


def _start(state: RunState, command: c.StartRun, now: Instant) -> Iterator[Draft]:
    yield Draft(e.RunStarted(), now)


def _refuse(state: RunState, command: c.RefuseRun, now: Instant) -> Iterator[Draft]:
    yield Draft(e.RunRefused(reason=command.reason), now)


def _pause(state: RunState, command: c.PauseRun, now: Instant) -> Iterator[Draft]:
    yield Draft(e.RunPaused(by=command.by, reason=command.reason), now)


def _resume(state: RunState, command: c.ResumeRun, now: Instant) -> Iterator[Draft]:
    yield Draft(e.RunResumed(by=command.by), now)


def _roll_back(state: RunState, command: c.RollBack, now: Instant) -> Iterator[Draft]:
    event = e.RollbackStarted(cause=command.cause, reason=command.reason, by=command.by)
    yield Draft(event, now)
    for fault in state.outstanding:
        if fault.status is not FaultStatus.UNDOING:  # also a stuck one: it may come out now
            yield Draft(e.FaultUndoing(fault=fault.id, cause=command.cause), now)


def _end(state: RunState, command: c.EndRun, now: Instant) -> Iterator[Draft]:
    if state.rollback is None or state.rollback.cause is Cause.FINISHED:
        yield Draft(e.RunCompleted(recovered=command.recovered), now)
    else:
        reason = state.rollback.reason
        yield Draft(e.RunAborted(reason=reason, recovered=command.recovered), now)


def _send(state: RunState, command: c.SendInject, now: Instant) -> Iterator[Draft]:
    if state.scenario is None or command.inject in state.sent:
        return
    inject = next(i for i in state.scenario.timeline if i.id == command.inject)
    event = e.InjectSent(
        inject=inject.id,
        title=inject.title,
        planned=command.planned,
        message=inject.message or "",
        to=tuple(inject.to),
        fault=inject.fault or inject.imagine or "",
    )
    yield Draft(event, now)


def _intend(state: RunState, command: c.IntendFault, now: Instant) -> Iterator[Draft]:
    if state.scenario is not None:
        held = [t for f in state.outstanding if f.intent for t in f.intent.targets]
        reason = outside(state.scenario.blast_radius, held, command.targets)
        if failing(state.tracks, state.steady_probes) and not state.outstanding:
            lost = f"steady state does not hold before the fault: {unsteady(state)}"
            reason = reason or lost
        if reason:
            yield Draft(e.FaultRefused(fault=command.fault, reason=reason), now)
            return
    event = e.FaultIntended(
        fault=command.fault,
        experiment=command.experiment,
        title=command.title,
        targets=command.targets,
        undo=command.undo,
        planned=command.planned,
    )
    yield Draft(event, now)


def _refuse_fault(state: RunState, command: c.RefuseFault, now: Instant) -> Iterator[Draft]:
    yield Draft(e.FaultRefused(fault=command.fault, reason=command.reason), now)


def _injected(state: RunState, command: c.ReportInjected, now: Instant) -> Iterator[Draft]:
    known = state.faults.get(command.fault)
    if known is None or known.injected_at is not None:
        return
    event = e.FaultInjected(
        fault=command.fault,
        finished=command.finished,
        journal=command.journal,
        deviated=command.deviated,
    )
    yield Draft(event, command.began)


def _failed(state: RunState, command: c.ReportInjectionFailed, now: Instant) -> Iterator[Draft]:
    known = state.faults.get(command.fault)
    if known is None:
        return
    if known.status is not FaultStatus.INTENDED:
        if command.began is not None and known.injected_at is None:
            # An undo cut it off in mid-method; it had been in all the same.
            cut = e.FaultInjected(fault=command.fault, finished=now, journal=command.journal)
            yield Draft(cut, command.began)
        return
    event = e.FaultFailed(
        fault=command.fault,
        reason=command.reason,
        journal=command.journal,
        touched=command.began is not None,
    )
    yield Draft(event, command.began or now)
    yield Draft(e.FaultUndoing(fault=command.fault, cause=Cause.FAILED), now)


def _observe(state: RunState, command: c.ObserveFault, now: Instant) -> Iterator[Draft]:
    if command.fault in state.faults:
        yield Draft(
            e.FaultObserved(fault=command.fault, present=command.present, detail=command.detail),
            now,
        )


def _begin_undo(state: RunState, command: c.BeginUndo, now: Instant) -> Iterator[Draft]:
    if _status(state, command.fault) in (
        FaultStatus.INTENDED,
        FaultStatus.INJECTED,
        FaultStatus.STUCK,
    ):
        yield Draft(e.FaultUndoing(fault=command.fault, cause=command.cause), now)


def _undone(state: RunState, command: c.ReportUndone, now: Instant) -> Iterator[Draft]:
    if _status(state, command.fault) is FaultStatus.UNDOING:
        yield Draft(e.FaultUndone(fault=command.fault, proof=command.proof), now)


def _stuck(state: RunState, command: c.ReportStuck, now: Instant) -> Iterator[Draft]:
    if _status(state, command.fault) is FaultStatus.UNDOING:
        yield Draft(e.FaultStuck(fault=command.fault, reasons=command.reasons), now)


def _status(state: RunState, fault: str) -> FaultStatus | None:
    known = state.faults.get(fault)
    return known.status if known else None


def _samples(state: RunState, command: c.RecordSamples, now: Instant) -> Iterator[Draft]:
    if state.phase is None or state.phase.ended or not command.samples:
        return
    last = max(sample.at for sample in command.samples)
    event = e.SamplesRecorded(chunk=command.chunk, samples=command.samples)
    yield Draft(event, _sampled(now, last))
    if state.phase is RunPhase.SCHEDULED:
        return
    _, changes = observe_all(state.tracks, command.samples, state.rules, state.steady_probes)
    start = state.open_impact.start if state.open_impact else None
    for change in changes:
        at = _sampled(now, change.at)
        if change.lost:
            start = at
            yield Draft(e.ImpactStarted(probes=change.probes, answered=change.answered), at)
        elif start is not None:
            lasted = seconds_between(start, at)
            yield Draft(e.ImpactEnded(seconds=lasted, answered=change.answered), at)


def _sampled(now: Instant, boot: int) -> Instant:
    return Instant(now.wall + (boot - now.boot) / NANOSECONDS, boot, now.boot_id)


def _judge(state: RunState, command: c.JudgeClaim, now: Instant) -> Iterator[Draft]:
    if command.since is not None:
        yield Draft(
            e.ClaimConfirmed(claim=command.claim, milestone=command.milestone, since=command.since),
            now,
        )
    else:
        yield Draft(
            e.ClaimRefuted(
                claim=command.claim, milestone=command.milestone, reason=command.refuted
            ),
            now,
        )


def _verify(state: RunState, command: c.VerifyMitigation, now: Instant) -> Iterator[Draft]:
    yield Draft(e.MitigationVerified(evidence=command.evidence), command.since)


def _call(state: RunState, command: c.CallDuty, now: Instant) -> Iterator[Draft]:
    if command.duty not in state.duties_due:
        duty, rule, title, to = command.duty, command.rule, command.title, command.to
        yield Draft(e.DutyFellDue(duty=duty, rule=rule, title=title, to=to), now)


def _miss(state: RunState, command: c.MissDuty, now: Instant) -> Iterator[Draft]:
    if command.duty not in state.duties_missed:
        duty, rule, title, to = command.duty, command.rule, command.title, command.to
        yield Draft(e.DutyMissed(duty=duty, rule=rule, title=title, to=to), now)


def _respond(state: RunState, command: c.Respond, now: Instant) -> Iterator[Draft]:
    if isinstance(command.fact, e.EntryAnnulled) and not state.has_spoken(command.fact.entry):
        raise NothingToDo(
            f"nobody said {command.fact.entry!r} in run {state.run_id}: only what people said "
            "can be annulled, not what probes and the ledger saw",
            hint=f"`gameday get events --run {state.run_id}` lists the entries",
        )
    _check_named(state, command.fact)
    yield Draft(command.fact, command.at or now, command.key)


_NAMED: Mapping[type[e.ResponderFact], tuple[type[e.ResponderFact], str]] = {
    e.MitigationApproved: (e.MitigationProposed, "proposal"),
    e.HypothesisJudged: (e.HypothesisStated, "hypothesis"),
}
"""Facts that may name an entry, and what that has to be."""


def _check_named(state: RunState, fact: e.ResponderFact) -> None:
    """What is said of something that is not there would count for nothing, unnoticed."""
    entry = getattr(fact, "entry", "")
    if type(fact) in _NAMED and entry:
        kind, name = _NAMED[type(fact)]
        there = [h.entry for h in state.heard if isinstance(h.fact, kind)]
        if entry not in there:
            known = f"there are {', '.join(there)}" if there else "there is none yet"
            raise NothingToDo(f"{entry!r} is no {name} in run {state.run_id}", hint=known)
    if type(fact) in NAMED and state.process is not None:
        field = NAMED[type(fact)]
        titles = [h.fact.text for h in state.heard if isinstance(h.fact, e.ActionItemAdded)]
        wrong = mistaken(field, getattr(fact, field), _known_ids(state.process, state), titles)
        if wrong is not None:
            raise UnknownId(f"{wrong.what} in run {state.run_id}", hint=wrong.hint)


def _known_ids(process: Process, state: RunState) -> KnownIds:
    """Those of the process as it stands in the run's log; of older runs not all are in it."""
    asked = [item.id for item in process.debrief]
    own = state.scenario.own_questions if asked and state.scenario else ()
    return KnownIds(
        options=tuple(option.id for option in process.mitigation.options),
        questions=(*asked, *own),
        items=tuple(duty.id for duty in process.followups.duties) if process.followups else (),
        rules=tuple(rule.id for rule in process.rules.rules),
    )


_DECIDE: Mapping[type[c.Command], Any] = {
    c.TakeLease: _take_lease,
    c.StartRun: _start,
    c.RefuseRun: _refuse,
    c.PauseRun: _pause,
    c.ResumeRun: _resume,
    c.RollBack: _roll_back,
    c.EndRun: _end,
    c.SendInject: _send,
    c.IntendFault: _intend,
    c.RefuseFault: _refuse_fault,
    c.ReportInjected: _injected,
    c.ReportInjectionFailed: _failed,
    c.ObserveFault: _observe,
    c.BeginUndo: _begin_undo,
    c.ReportUndone: _undone,
    c.ReportStuck: _stuck,
    c.RecordSamples: _samples,
    c.JudgeClaim: _judge,
    c.VerifyMitigation: _verify,
    c.CallDuty: _call,
    c.MissDuty: _miss,
    c.Respond: _respond,
}
