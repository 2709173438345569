"""A run as its events made it: values only. :mod:`gameday.core.run.evolve` makes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from gameday.core.instant import Instant
from gameday.core.log.events import FaultIntended, ResponderFact, RollbackStarted
from gameday.core.run.steady_state import Rules, Track
from gameday.core.words import Cause, Milestone, RunPhase

if TYPE_CHECKING:
    from gameday.core.process_tables.process import Process
    from gameday.core.scenario.scenario import Scenario


class FaultStatus(StrEnum):
    """Where a fault is in the ledger. ``intended`` counts as in: it may have been applied."""

    INTENDED = "intended"
    INJECTED = "injected"
    UNDOING = "undoing"
    UNDONE = "undone"
    STUCK = "stuck"
    REFUSED = "refused"

    @property
    def outstanding(self) -> bool:
        """It may be in the target."""
        return self not in (FaultStatus.UNDONE, FaultStatus.REFUSED)


@dataclass(frozen=True, slots=True)
class FaultState:
    """One fault of the ledger. ``injected_at``: its first action began, None if unknown.
    ``returned``: the method is known to have come to its end, so none of its calls is under way.
    """

    id: str
    status: FaultStatus
    intent: FaultIntended | None = None
    intended_at: Instant | None = None
    injected_at: Instant | None = None
    returned: bool = False
    undoing_at: Instant | None = None
    cause: Cause | None = None
    closed_at: Instant | None = None
    observations: tuple[tuple[Instant, bool | None], ...] = ()
    reasons: tuple[str, ...] = ()
    proof: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Impact:
    """An interval during which steady state was lost; ``end`` is None while it lasts.

    A sample takes time: it is placed where it was asked, and tells of the system until it was
    answered. began_by, ended_by: boot time at which the first failing and the first good
    sample had their answers; what happened before then can be the cause.
    """

    start: Instant
    end: Instant | None = None
    began_by: int = 0
    ended_by: int = 0


@dataclass(frozen=True, slots=True)
class Pause:
    """An interval that the exercise's clocks do not count."""

    start: Instant
    end: Instant | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """Somebody's word that a milestone is reached. ``verdict``: None until the probes decide."""

    entry: str
    milestone: Milestone
    at: Instant
    verdict: bool | None = None


@dataclass(frozen=True, slots=True)
class Action:
    """Something a responder did, successfully. told: by their word alone."""

    entry: str
    at: Instant
    told: bool = False


@dataclass(frozen=True, slots=True)
class Heard:
    """Something a person said, other than a note: duties of the process are met by such."""

    entry: str
    at: Instant
    fact: ResponderFact


class RunState(NamedTuple):
    """Everything decisions need to know of a run: a tuple, because each record makes one or two."""

    run_id: str
    seq: int = 0
    epoch: int = 0
    phase: RunPhase | None = None
    scenario: Scenario | None = None
    scheduled_at: Instant | None = None
    started_at: Instant | None = None
    refusal: str = ""
    rollback: RollbackStarted | None = None
    rollback_at: Instant | None = None
    pauses: tuple[Pause, ...] = ()
    sent: frozenset[str] = frozenset()
    faults: Mapping[str, FaultState] = MappingProxyType({})
    tracks: Mapping[str, Track] = MappingProxyType({})
    rules: Mapping[str, Rules] = MappingProxyType({})
    impacts: tuple[Impact, ...] = ()
    claims: tuple[Claim, ...] = ()
    actions: tuple[Action, ...] = ()
    spoken: int = 0  # a bit for each entry that is somebody's; a set would be copied each time
    heard: tuple[Heard, ...] = ()
    annulled: frozenset[str] = frozenset()
    mitigated_at: Instant | None = None
    process: Process | None = None
    duties_due: frozenset[str] = frozenset()
    duties_missed: frozenset[str] = frozenset()

    def has_spoken(self, entry: str) -> bool:
        """The entry is something that a person said or did."""
        number = entry.removeprefix("e")
        if entry == number or not number.isdecimal() or len(number) > len(str(self.seq)):
            return False
        return bool(self.spoken >> int(number) & 1)

    @property
    def steady_probes(self) -> tuple[str, ...]:
        """Names of the probes that make the steady state."""
        return tuple(self.scenario.steady_state.probes) if self.scenario else ()

    @property
    def open_impact(self) -> Impact | None:
        """The impact that is going on, if one is."""
        return self.impacts[-1] if self.impacts and self.impacts[-1].end is None else None

    @property
    def open_pause(self) -> Pause | None:
        """The pause that is going on, if one is."""
        return self.pauses[-1] if self.pauses and self.pauses[-1].end is None else None

    @property
    def outstanding(self) -> tuple[FaultState, ...]:
        """Faults that may be in their targets, newest first."""
        return tuple(f for f in reversed(tuple(self.faults.values())) if f.status.outstanding)
