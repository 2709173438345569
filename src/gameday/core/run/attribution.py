"""Who ended an impact, from the order of what the log holds.

A responder's action, then steady state back while the fault was still ours to hold:
``responder``. An undo or abort first: ``rollback`` or ``abort``. Neither: ``self_healed``.
Where the log allows two readings it says ``ambiguous``. Words alone prove nothing: a claim, or an
action that somebody only tells of, counts only when the probes bore it out and the fault was seen
to be still in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gameday.core.instant import NANOSECONDS, Instant, seconds_between
from gameday.core.run.presence import Presence, presences
from gameday.core.run.state import Action, Claim, FaultStatus, Impact, RunState
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
    actions = _actions(state, impact)
    undo = _first_undo(state, impact)
    if undo is not None:
        return _by_undo(state, undo, _last(actions))
    action = _last(action for action in actions if not action.told)
    claim = _borne_out(state, impact, impact.end)
    if action is not None and (claim is None or _recent(state, action, impact.end)):
        return _by_action(state, action, impact.end)
    if claim is not None:
        return _by_word(state, "so", claim.entry, impact.end)
    told = _last(actions)
    if told is not None and not _recent(state, told, impact.end):
        return _by_action(state, told, impact.end)
    if told is not None:
        return _by_word(state, "what they had done", told.entry, impact.end)
    why = "steady state came back with the fault not taken out and nobody acting"
    return Finding(Attribution.SELF_HEALED, why)


def _by_undo(state: RunState, undo: Presence, action: Action | None) -> Finding:
    assert undo.leaving is not None
    if action is not None and _settles(state, action.at.boot, undo.leaving):
        why = "a responder acted just before the fault was taken out"
        return Finding(Attribution.AMBIGUOUS, why, (action.entry,))
    cause = str(undo.cause).replace("_", " ")
    kind = Attribution.ABORT if undo.cause in _ABORTING else Attribution.ROLLBACK
    return Finding(kind, f"the fault was taken out first ({cause})")


def _by_action(state: RunState, action: Action, end: Instant) -> Finding:
    delay = max(seconds_between(action.at, end), 0.0)  # it may have begun while a sample waited
    if _recent(state, action, end):
        why = f"steady state came back {delay:.1f} s after a responder acted"
        return Finding(Attribution.RESPONDER, why, (action.entry,))
    why = f"the last action was {delay:.1f} s before steady state came back"
    return Finding(Attribution.AMBIGUOUS, why, (action.entry,))


def _by_word(state: RunState, what: str, entry: str, end: Instant) -> Finding:
    if _fault_present(state, end):
        why = f"steady state came back with the fault still in, and a responder said {what}"
        return Finding(Attribution.RESPONDER, why, (entry,))
    why = f"a responder said {what}, and the fault was not seen to be in any more"
    return Finding(Attribution.AMBIGUOUS, why, (entry,))


def _actions(state: RunState, impact: Impact) -> tuple[Action, ...]:
    """Those that can have ended the impact."""
    start = min((impact.start.boot, *(p.since for p in presences(state) if p.certain)))
    return tuple(
        action
        for action in state.actions
        if action.entry not in state.annulled and start <= action.at.boot <= impact.ended_by
    )


def _last(actions: Iterable[Action]) -> Action | None:
    return max(actions, key=lambda action: action.at.boot, default=None)


def _first_undo(state: RunState, impact: Impact) -> Presence | None:
    """The first undo that can have ended the impact."""
    known = presences(state)
    begun = [
        (gone.leaving, gone)
        for gone in known
        if gone.leaving is not None
        and gone.leaving <= impact.ended_by
        and gone.touches(impact.start.boot, impact.ended_by)
        and not _outlasted(state, gone, known, impact.ended_by)
    ]
    return min(begun, key=lambda pair: pair[0])[1] if begun else None


def _outlasted(state: RunState, gone: Presence, known: tuple[Presence, ...], end: int) -> bool:
    """The impact went on after this fault was out, and another one was still in."""
    if gone.until is None or gone.until > end or _settles(state, gone.until, end):
        return False
    return any(other is not gone and other.stays_past(end) for other in known)


def _settles(state: RunState, earlier: int, later: int) -> bool:
    settle = state.scenario.verification.settle if state.scenario else 0.0
    return 0 <= later - earlier <= settle * NANOSECONDS


def _recent(state: RunState, action: Action, end: Instant) -> bool:
    return seconds_between(action.at, end) <= _effect_window(state)


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
