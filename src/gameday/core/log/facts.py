"""What people do and say in a run and after it: always accepted, judged later.

Part of :mod:`gameday.core.log.events`, and additive as all of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from gameday.core.log.event import Event
from gameday.core.words import Audience, HypothesisVerdict, Role, Severity, StatusPhase


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ResponderFact(Event):
    """Something a person did or said: always accepted, judged later.

    late: entered afterwards with a stated time. channel: where it was heard.
    """

    by: str
    text: str = ""
    channel: str = "cli"
    late: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Detected(ResponderFact):
    """Somebody, or an alert, noticed."""

    source: str = "teammate"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Acknowledged(ResponderFact):
    """Somebody took the page."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Declared(ResponderFact):
    """An incident was declared."""

    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class SeverityChanged(ResponderFact):
    """The declared severity was raised or lowered."""

    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Triaged(ResponderFact):
    """Impact, extent, trend, recent changes and a way to mitigate are known. ``answers``: to the
    questions of the triage form, by their ids."""

    answers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RoleAssigned(ResponderFact):
    """Somebody holds a role from now on."""

    role: Role
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class NoteAdded(ResponderFact):
    """A line for the timeline."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ActionTaken(ResponderFact):
    """Something was done to the system.

    ok: whether it was carried out. told: only by somebody's word; else it was done by this program
    for them, or seen in the system.
    """

    ok: bool
    detail: str = ""
    told: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class MitigationClaimed(ResponderFact):
    """Somebody says that the impact is over. The probes decide."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ResolutionClaimed(ResponderFact):
    """Somebody says that the incident is resolved. The probes decide."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class EntryAnnulled(ResponderFact):
    """A facilitator struck out an entry; the original stays in the log. ``text`` is why."""

    entry: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class RoleHandedOver(ResponderFact):
    """Somebody else holds the role from now on, and was briefed: ``text`` is the brief."""

    role: Role
    holder: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class HypothesisStated(ResponderFact):
    """What the cause may be, what speaks for it, and what would show it."""

    evidence: str = ""
    test: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class HypothesisJudged(ResponderFact):
    """The test has spoken. ``entry``: the hypothesis; empty: the newest before this."""

    verdict: HypothesisVerdict
    entry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class MitigationProposed(ResponderFact):
    """A way to mitigate was put to the commander. ``option``: its id in the mitigation matrix."""

    option: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class MitigationApproved(ResponderFact):
    """The commander said yes. ``entry``: the proposal; empty: the newest before this."""

    entry: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Communicated(ResponderFact):
    """``text`` went out to an audience. ``status``: what the status page shows from now on."""

    audience: Audience
    status: StatusPhase | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Escalated(ResponderFact):
    """Somebody further was called in. ``ticket``: a vendor's reference number."""

    to: str
    ticket: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ItemChecked(ResponderFact):
    """An item of a checklist is done: ``list.item``."""

    item: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class PatternObserved(ResponderFact):
    """An observer saw a rule of the process broken where no log could show it."""

    rule: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class HintGiven(ResponderFact):
    """The facilitator helped: what came after was not found by responders alone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ActionItemAdded(ResponderFact):
    """Something to be done so that this does not come back. ``due``: ISO date."""

    owner: str = ""
    priority: str = ""
    due: str = ""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class FollowUpRecorded(ResponderFact):
    """A duty after the incident was done, or left out on purpose. ``item``: its id."""

    item: str
    done: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class DebriefAnswered(ResponderFact):
    """An answer in the debrief. ``question``: its id."""

    question: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class StoryTold(ResponderFact):
    """In a tabletop, the facilitator says how users are now: nothing else can tell."""

    well: bool
