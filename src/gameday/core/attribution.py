"""Who ended an impact, from the order of what the log holds.

A responder's action, then steady state back while the fault was still ours to hold:
``responder``. An undo or abort first: ``rollback`` or ``abort``. Neither: ``self_healed``.
Where the log allows two readings it says ``ambiguous``. Words alone prove nothing: a claim
counts only when the probes bore it out and the fault was seen to be still in.
"""

from __future__ import annotations

from dataclasses import dataclass

from gameday.core.instant import Instant, seconds_between
from gameday.core.state import Action, Claim, FaultState, FaultStatus, Impact, RunState
from gameday.core.words import Attribution, Cause, Milestone

_ABORTING = (Cause.ABORT, Cause.RECOVERY, Cause.FAILED)


@dataclass(frozen=True, slots=True)
class Finding:
    """An attribution, why, and the entries of the log that show it."""

    attribution: Attribution
    why: str
    evidence: tuple[str, ...] = ()


def attribute(state: RunState, impact: Impact) -> Finding:
    """Who ended this impact."""
    if impact.end is None:
        return Finding(Attribution.NONE, "steady state did not come back")
    action = _last_action(state, impact, impact.end)
    undo = _first_undo(state, impact, impact.end)
    if undo is not None:
        return _by_undo(state, undo, action)
    if action is not None:
        return _by_action(state, action, impact.end)
    claim = _borne_out(state, impact, impact.end)
    if claim is not None:
        return _by_claim(state, claim, impact.end)
    why = "steady state came back with the fault not taken out and nobody acting"
    return Finding(Attribution.SELF_HEALED, why)


def _by_undo(state: RunState, undo: FaultState, action: Action | None) -> Finding:
    assert undo.undoing_at is not None
    if action is not None and _settles(state, action.at, undo.undoing_at):
        why = "a responder acted just before the fault was taken out"
        return Finding(Attribution.AMBIGUOUS, why, (action.entry,))
    cause = str(undo.cause).replace("_", " ")
    kind = Attribution.ABORT if undo.cause in _ABORTING else Attribution.ROLLBACK
    return Finding(kind, f"the fault was taken out first ({cause})")


def _by_action(state: RunState, action: Action, end: Instant) -> Finding:
    delay = seconds_between(action.at, end)
    if delay <= _effect_window(state):
        why = f"steady state came back {delay:.1f} s after a responder acted"
        return Finding(Attribution.RESPONDER, why, (action.entry,))
    why = f"the last action was {delay:.1f} s before steady state came back"
    return Finding(Attribution.AMBIGUOUS, why, (action.entry,))


def _by_claim(state: RunState, claim: Claim, end: Instant) -> Finding:
    if _fault_present(state, end):
        why = "steady state came back with the fault still in, and a responder said so"
        return Finding(Attribution.RESPONDER, why, (claim.entry,))
    why = "a claim but no recorded action, and the fault was not seen to be in any more"
    return Finding(Attribution.AMBIGUOUS, why, (claim.entry,))


def _last_action(state: RunState, impact: Impact, end: Instant) -> Action | None:
    start = min((impact.start.boot, *_injected(state)))
    valid = [
        action
        for action in state.actions
        if action.entry not in state.annulled and start <= action.at.boot <= end.boot
    ]
    return max(valid, key=lambda action: action.at.boot, default=None)


def _injected(state: RunState) -> list[int]:
    return [f.injected_at.boot for f in state.faults.values() if f.injected_at is not None]


def _first_undo(state: RunState, impact: Impact, end: Instant) -> FaultState | None:
    begun = [
        (fault.undoing_at.boot, fault)
        for fault in state.faults.values()
        if fault.undoing_at and impact.start.boot <= fault.undoing_at.boot <= end.boot
    ]
    return min(begun, key=lambda pair: pair[0])[1] if begun else None


def _settles(state: RunState, earlier: Instant, later: Instant) -> bool:
    settle = state.scenario.verification.settle if state.scenario else 0.0
    return 0 <= seconds_between(earlier, later) <= settle


def _effect_window(state: RunState) -> float:
    """How long an action may take to show: as long as people are asked to watch for it."""
    if state.scenario is None:
        return 0.0
    return state.scenario.verification.settle + state.scenario.verification.mitigated


def _borne_out(state: RunState, impact: Impact, end: Instant) -> Claim | None:
    for claim in state.claims:
        if claim.milestone is not Milestone.MITIGATED or claim.entry in state.annulled:
            continue
        after_start = claim.at.boot >= impact.start.boot
        in_time = seconds_between(end, claim.at) <= _effect_window(state)
        if claim.verdict is True and after_start and in_time:
            return claim
    return None


def _fault_present(state: RunState, end: Instant) -> bool:
    """Was any fault seen to be in, the first time somebody looked after ``end``?"""
    for fault in state.faults.values():
        if fault.status is FaultStatus.REFUSED:
            continue
        later = [present for at, present in fault.observations if at.boot >= end.boot]
        if later and later[0]:
            return True
    return False
