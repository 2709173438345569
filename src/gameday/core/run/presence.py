"""When each fault was in its target.

The one answer that attribution, validity, times and the absorbed score all start from: a fault
is in from its first action's beginning until its absence is proved. Where the first action is
not known to have begun, it may have been in since its intent.
"""

from __future__ import annotations

from dataclasses import dataclass

from gameday.core.instant import Instant
from gameday.core.run.state import FaultState, FaultStatus, Impact, RunState
from gameday.core.words import Cause


@dataclass(frozen=True, slots=True)
class Presence:
    """One fault's time in its target, in nanoseconds since boot.

    certain: an action is known to have begun at ``since``; otherwise it is the intent's time.
    leaving: its undo began. until: its absence was proved. None while that is not so.
    """

    fault: str
    since: int
    certain: bool
    leaving: int | None
    until: int | None
    cause: Cause | None

    def touches(self, start: int, end: int) -> bool:
        """It was or may have been in at some time between the two."""
        return self.since <= end and (self.until is None or self.until >= start)

    def stays_past(self, at: int) -> bool:
        """It was known to be in at that time, and nobody had begun to take it out."""
        return self.certain and self.since <= at and (self.leaving is None or self.leaving > at)


def presences(state: RunState) -> tuple[Presence, ...]:
    """Every fault that was or may have been in, in the order of the ledger."""
    found = (_presence(fault) for fault in state.faults.values())
    return tuple(presence for presence in found if presence is not None)


def first_in(state: RunState) -> int | None:
    """When the first fault is known to have gone in; None while none has."""
    return min((p.since for p in presences(state) if p.certain), default=None)


def felt(state: RunState) -> tuple[Impact, ...]:
    """The impacts that a fault can have caused: they began while one was in.

    What was there before, and what shakes when a fault is taken out that responders had
    mitigated, is the system's affair and changes nobody's merit.
    """
    known = presences(state)
    return tuple(i for i in state.impacts if any(_can_cause(p, i) for p in known))


def times_in(state: RunState, ended: Instant) -> tuple[tuple[int, int], ...]:
    """When at least one fault was in for certain, without overlaps, in order."""
    merged: list[tuple[int, int]] = []
    spans = [(p.since, p.until or ended.boot) for p in presences(state) if p.certain]
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return tuple(merged)


def _presence(fault: FaultState) -> Presence | None:
    since = fault.injected_at or fault.intended_at
    if since is None or fault.status is FaultStatus.REFUSED:
        return None
    proved = fault.closed_at if fault.status is FaultStatus.UNDONE else None
    return Presence(
        fault=fault.id,
        since=since.boot,
        certain=fault.injected_at is not None,
        leaving=fault.undoing_at.boot if fault.undoing_at else None,
        until=proved.boot if proved else None,
        cause=fault.cause,
    )


def _can_cause(presence: Presence, impact: Impact) -> bool:
    start = impact.start.boot
    if not presence.touches(start, impact.began_by):
        return False
    shaken = presence.cause is Cause.MITIGATED and presence.leaving is not None
    return not (shaken and start >= (presence.leaving or 0))
