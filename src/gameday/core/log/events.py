"""Everything that can have happened in a run, in the past tense.

Events are additive: a new field has a default, a field never changes its meaning, and a
name is never used again. The log stores them through :mod:`gameday.core.log.codec`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from gameday.core.instant import Instant
from gameday.core.log.event import Event
from gameday.core.log.facts import (
    Acknowledged,
    ActionItemAdded,
    ActionTaken,
    Communicated,
    DebriefAnswered,
    Declared,
    Detected,
    EntryAnnulled,
    Escalated,
    FollowUpRecorded,
    HintGiven,
    HypothesisJudged,
    HypothesisStated,
    ItemChecked,
    MitigationApproved,
    MitigationClaimed,
    MitigationProposed,
    NoteAdded,
    PatternObserved,
    ResolutionClaimed,
    ResponderFact,
    RoleAssigned,
    RoleHandedOver,
    SeverityChanged,
    StoryTold,
    Triaged,
)
from gameday.core.value import Value
from gameday.core.words import Cause, Milestone, Role

__all__ = [  # those of core/log/facts.py, handed on; what is defined here needs no list
    "Acknowledged",
    "ActionItemAdded",
    "ActionTaken",
    "Communicated",
    "DebriefAnswered",
    "Declared",
    "Detected",
    "EntryAnnulled",
    "Escalated",
    "Event",
    "FollowUpRecorded",
    "HintGiven",
    "HypothesisJudged",
    "HypothesisStated",
    "ItemChecked",
    "MitigationApproved",
    "MitigationClaimed",
    "MitigationProposed",
    "NoteAdded",
    "PatternObserved",
    "ResolutionClaimed",
    "ResponderFact",
    "RoleAssigned",
    "RoleHandedOver",
    "SeverityChanged",
    "StoryTold",
    "Triaged",
]


# --- life of the run ------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class LeaseTaken(Event):
    """A process owns the run from here on; effects and the ledger are its alone.

    epoch: counts the owners. An owner of an earlier epoch can write nothing any more.
    """

    epoch: int
    host: str
    pid: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RunScheduled(Event):
    """The run exists: its scenario as resolved (no secrets), who asked for it and where.

    process: the tables of the incident process it is held against; empty: none. checklist_items:
    what can be checked off, by its lists; empty: nobody knows.
    """

    title: str
    scenario: Mapping[str, Any]
    source: str
    digest: str
    operator: str = ""
    host: str = ""
    version: str = ""
    process: Mapping[str, Any] = field(default_factory=dict)
    checklist_items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RunStarted(Event):
    """Steady state held for the baseline; the timeline's clock starts here."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RunRefused(Event):
    """A guard rail said no; no fault touched anything."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RunPaused(Event):
    """The exercise's clocks stand still; the safety clocks go on."""

    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RunResumed(Event):
    """The exercise's clocks go on."""

    by: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RollbackStarted(Event):
    """No more injects; every fault that may be in is taken out."""

    cause: Cause
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RunCompleted(Event):
    """The run went to its end. ``recovered``: steady state was proved again afterwards; None:
    nobody looked."""

    recovered: bool | None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RunAborted(Event):
    """The run was stopped and rolled back."""

    reason: str
    recovered: bool | None


# --- timeline and faults --------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class InjectSent(Event):
    """A stimulus of the timeline was given; ``planned`` is when it was due."""

    inject: str
    title: str
    planned: Instant
    message: str = ""
    to: tuple[Role, ...] = ()
    fault: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class UndoStep(Value):
    """One inverse, complete enough to be played by any process at any later time.

    kind: ``fault`` (a fault plug-in takes it out and proves it) or ``rollback`` (a Chaos
    Toolkit activity, played alone).
    spec: for ``fault``: type, arguments, prior; for ``rollback``: activity, configuration,
    secrets (references only).
    """

    label: str
    kind: str
    target: str
    spec: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FaultIntended(Event):
    """On disk before anything touches a target: what will be broken and how to undo it."""

    fault: str
    experiment: str
    title: str
    targets: tuple[str, ...]
    undo: tuple[UndoStep, ...]
    planned: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FaultInjected(Event):
    """The method ran. The event's own time is when its first action began: from there on the
    fault may have been in. ``finished`` is when the method's last activity returned."""

    fault: str
    finished: Instant
    journal: str = ""
    deviated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FaultFailed(Event):
    """The method did not do what it says. It may have been applied, so it is still undone.

    touched: an action had begun; the event's own time is then when the first one did.
    """

    fault: str
    reason: str
    journal: str = ""
    touched: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FaultRefused(Event):
    """A limit said no before anything touched a target."""

    fault: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FaultObserved(Event):
    """Looked at the target when the impact ended: was the fault still in? None: cannot tell."""

    fault: str
    present: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FaultUndoing(Event):
    """The undo began."""

    fault: str
    cause: Cause


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FaultUndone(Event):
    """Absent in the control plane, absent again, and proved through the data plane."""

    fault: str
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FaultStuck(Event):
    """The undo could not be proved. Loud everywhere; ``gameday recover`` tries again."""

    fault: str
    reasons: tuple[str, ...]


# --- steady state ---------------------------------------------------------------------


class Sample(NamedTuple):
    """One reading of a probe.

    due, at: nanoseconds since boot, planned and begun; took: milliseconds.
    ok: the reading lay within the tolerance. error: why there is no value.
    """

    probe: str
    due: int
    at: int
    ok: bool
    value: float | int | str | bool | None
    took: float
    error: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SamplesRecorded(Event):
    """One chunk of samples; chunks are numbered from 0 so that a lost one is a shown gap."""

    chunk: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ImpactStarted(Event):
    """Steady state was lost. The event's time is the first failing sample's.

    answered: boot time at which that sample had its answer. A fault that went in before then
    may be why it failed.
    """

    probes: tuple[str, ...]
    answered: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ImpactEnded(Event):
    """Steady state is back. The event's time is the first sample that was good again.

    answered: boot time at which that sample had its answer. What was done before then may be
    why it was good.
    """

    seconds: float
    answered: int = 0


# --- claims and duties, judged --------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ClaimConfirmed(Event):
    """The probes bore a claim out. ``since``: from when the system was really well."""

    claim: str
    milestone: Milestone
    since: Instant


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ClaimRefuted(Event):
    """A false all-clear: the probes said otherwise."""

    claim: str
    milestone: Milestone
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class MitigationVerified(Event):
    """Steady state came back by responders' doing and stayed for the verification window.

    The event's own time is when it came back; ``evidence`` are the entries that show it.
    """

    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DutyFellDue(Event):
    """A duty of the incident process is due now and not done: whoever owes it is paged.

    duty: its id, with a number where it comes again. rule: the rule it belongs to. to: a role,
    or a contact outside of the team.
    """

    duty: str
    rule: str
    title: str
    to: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DutyMissed(Event):
    """A duty was not done in its time of grace either."""

    duty: str
    rule: str
    title: str
    to: str


# --- the envelope ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Draft:
    """An event to be appended. ``key`` makes a retry add nothing; ``at`` is when it happened."""

    event: Event
    at: Instant
    key: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """An event as the log holds it. ``seq`` counts from 1 without gaps within a run."""

    run_id: str
    seq: int
    event: Event
    at: Instant
    recorded: Instant
    key: str | None
    previous: str
    digest: str

    @property
    def id(self) -> str:
        """What reports, claims and annulments refer to."""
        return f"e{self.seq}"
