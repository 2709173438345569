"""One fault of the ledger as reports show it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gameday.core.instant import seconds_between
from gameday.core.log import events as e
from gameday.core.log.events import Record
from gameday.core.run.milestones import Mark
from gameday.core.run.state import FaultState, FaultStatus


@dataclass(frozen=True, slots=True)
class FaultSummary:
    """Event ids are None where not reached. late_s: seconds from when the inject was due to when
    the fault was in."""

    id: str
    title: str
    targets: tuple[str, ...]
    status: FaultStatus
    cause: str | None
    injected: Mark | None
    undone: Mark | None
    verified: bool
    late_s: float | None
    proof: tuple[str, ...]
    reasons: tuple[str, ...]


def fault_summary(fault: FaultState, records: Sequence[Record]) -> FaultSummary:
    """The fault's own story, from the records of its run."""
    mine = [r for r in records if getattr(r.event, "fault", None) == fault.id]
    proofs = [r.event.proof for r in mine if isinstance(r.event, e.FaultUndone)]
    return FaultSummary(
        id=fault.id,
        title=fault.intent.title if fault.intent else fault.id,
        targets=fault.intent.targets if fault.intent else (),
        status=fault.status,
        cause=fault.cause,
        injected=_mark(mine, e.FaultInjected),
        undone=_mark(mine, e.FaultUndone),
        verified=fault.status is FaultStatus.UNDONE,
        late_s=_late(fault, mine),
        proof=proofs[-1] if proofs else (),
        reasons=fault.reasons,
    )


def _late(fault: FaultState, mine: Sequence[Record]) -> float | None:
    planned = fault.intent.planned if fault.intent else None
    done = [r.event.finished for r in mine if isinstance(r.event, e.FaultInjected)]
    return round(seconds_between(planned, done[0]), 4) if planned and done else None


def _mark(records: Sequence[Record], kind: type[e.Event]) -> Mark | None:
    found = [r for r in records if isinstance(r.event, kind)]
    return Mark(found[-1].at, found[-1].id) if found else None
