"""What anyone may ask of a run, in the imperative. ``decide`` answers with events."""

from __future__ import annotations

from dataclasses import dataclass, field

from gameday.core.instant import Instant
from gameday.core.log.events import ResponderFact, Sample, UndoStep
from gameday.core.value import Value
from gameday.core.words import Cause, Milestone


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Command(Value):
    """Base of all commands."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class TakeLease(Command):
    """This process owns the run from now on; whoever did before is dead."""

    host: str
    pid: int


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class StartRun(Command):
    """Start the timeline: the baseline held."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RefuseRun(Command):
    """A guard rail says no."""

    reason: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class PauseRun(Command):
    """Stop the exercise's clocks."""

    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ResumeRun(Command):
    """Let the exercise's clocks go on."""

    by: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RollBack(Command):
    """No more injects; take every fault out."""

    cause: Cause
    reason: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class EndRun(Command):
    """Everything is out; close the run. ``recovered``: None when nobody looked."""

    recovered: bool | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class SendInject(Command):
    """Give people a stimulus of the timeline."""

    inject: str
    planned: Instant


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class IntendFault(Command):
    """Write down what is about to be broken and how to undo it, if the limits allow it."""

    fault: str
    experiment: str
    title: str
    targets: tuple[str, ...]
    undo: tuple[UndoStep, ...]
    planned: Instant | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RefuseFault(Command):
    """The fault could not be prepared; nothing was touched."""

    fault: str
    reason: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReportInjected(Command):
    """The method ran. ``began``: when its first action started."""

    fault: str
    began: Instant
    finished: Instant
    journal: str = ""
    deviated: bool = False


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReportInjectionFailed(Command):
    """The method failed, perhaps half-way."""

    fault: str
    reason: str
    journal: str = ""
    began: Instant | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ObserveFault(Command):
    """Somebody looked whether the fault is still in."""

    fault: str
    present: bool | None
    detail: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class BeginUndo(Command):
    """Take one fault out."""

    fault: str
    cause: Cause


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReportUndone(Command):
    """The undo is proved."""

    fault: str
    proof: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class ReportStuck(Command):
    """The undo could not be proved."""

    fault: str
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RecordSamples(Command):
    """Add a chunk of samples and see whether steady state was lost or is back.

    The sampling side numbers the chunks, so that one lost on the way leaves a gap that shows.
    """

    chunk: int
    samples: tuple[Sample, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class JudgeClaim(Command):
    """The probes have spoken on a claim."""

    claim: str
    milestone: Milestone
    since: Instant | None = None
    refuted: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class VerifyMitigation(Command):
    """The impact's end, by responders, held for the verification window."""

    since: Instant
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class CallDuty(Command):
    """A duty of the incident process falls due."""

    duty: str
    rule: str
    title: str
    to: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class MissDuty(Command):
    """A duty was not done in its time of grace either."""

    duty: str
    rule: str
    title: str
    to: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Respond(Command):
    """A person's action or word. ``at``: when it happened, None for now."""

    fact: ResponderFact
    at: Instant | None = None
    key: str | None = field(default=None)
