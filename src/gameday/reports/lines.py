"""One event as one line for people. The only place where events become sentences."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gameday.core.duration import format_duration
from gameday.core.log import events as e
from gameday.core.log.events import Event, Record
from gameday.core.words import Audience


@dataclass(frozen=True, slots=True)
class Line:
    """A kind of line, for its colour and mark, and the words."""

    kind: str
    text: str


LONGEST = 1000
"""Characters of a line; `get events -o json` has the whole text."""

MARKS: Mapping[str, str] = {
    "run": "●",
    "inject": "✉",
    "fault": "⚡",
    "undo": "↺",
    "impact": "▼",
    "well": "▲",
    "responder": "☺",
    "duty": "⏰",
    "good": "✔",
    "bad": "✘",
}
STYLES: Mapping[str, str] = {
    "run": "bold",
    "inject": "cyan",
    "fault": "bold red",
    "undo": "magenta",
    "impact": "red",
    "well": "green",
    "responder": "yellow",
    "duty": "cyan",
    "good": "bold green",
    "bad": "bold red",
}


def line(record: Record) -> Line | None:
    """The line of a record; None for what is not worth one (samples)."""
    event = record.event
    if isinstance(event, e.ResponderFact):
        return _clean(Line("responder", _said(event)))
    teller = _TELLERS.get(type(event))
    return _clean(teller(event)) if teller else None


def _clean(told: Line) -> Line:
    """One line that moves no cursor and paints nothing: people paste anything into a note."""
    text = told.text
    if text.isprintable() and len(text) <= LONGEST:
        return told
    text = "".join(c if c.isprintable() else " " for c in text)
    return Line(told.kind, text if len(text) <= LONGEST else text[:LONGEST] + " …")


def _said(event: e.ResponderFact) -> str:
    what = _WORDS.get(type(event), lambda _: "spoke")(event)
    text = f": {event.text}" if event.text else ""
    late = " (entered late)" if event.late else ""
    return f"{event.by} {what}{text}{late}"


_WORDS: Mapping[type[Event], Callable[[Any], str]] = {
    e.Detected: lambda x: f"detected ({x.source})",
    e.Acknowledged: lambda _: "acknowledged",
    e.Declared: lambda x: f"declared {x.severity}",
    e.SeverityChanged: lambda x: f"set the severity to {x.severity}",
    e.Triaged: lambda _: "triaged",
    e.RoleAssigned: lambda x: (
        f"{'is' if x.holder == x.by else f'made {x.holder}'} {_plain(x.role)}"
    ),
    e.RoleHandedOver: lambda x: f"handed {_plain(x.role)} over to {x.holder}",
    e.HypothesisStated: lambda _: "suspects",
    e.HypothesisJudged: lambda x: f"found it {x.verdict}",
    e.MitigationProposed: lambda x: f"proposes {_plain(x.option)}",
    e.MitigationApproved: lambda _: "approved",
    e.Communicated: lambda x: (
        f"told {_AUDIENCES[x.audience]}{f' ({x.status})' if x.status else ''}"
    ),
    e.Escalated: lambda x: f"called in {_plain(x.to)}{f' [{x.ticket}]' if x.ticket else ''}",
    e.ItemChecked: lambda x: f"checked off {x.item}",
    e.PatternObserved: lambda x: f"saw {_plain(x.rule)}",
    e.HintGiven: lambda _: "gave a hint",
    e.StoryTold: lambda x: f"says that users are {'well' if x.well else 'hurt'}",
    e.ActionItemAdded: lambda x: (
        f"wants done{f' ({x.priority})' if x.priority else ''}{f' by {x.owner}' if x.owner else ''}"
    ),
    e.FollowUpRecorded: lambda x: f"{'did' if x.done else 'left out'} {_plain(x.item)}",
    e.DebriefAnswered: lambda x: f"answered {_plain(x.question)}",
    e.NoteAdded: lambda _: "noted",
    e.ActionTaken: lambda x: (
        f"acted{'' if x.ok else ', in vain'}{f' [{x.detail}]' if x.detail else ''}"
    ),
    e.MitigationClaimed: lambda _: "says it is mitigated",
    e.ResolutionClaimed: lambda _: "says it is resolved",
    e.EntryAnnulled: lambda x: f"annulled {x.entry}",
}

_AUDIENCES: Mapping[Audience, str] = {
    Audience.INTERNAL: "the team",
    Audience.STATUS_PAGE: "the status page",
    Audience.EXECUTIVES: "executives",
    Audience.CUSTOMERS: "customers",
    Audience.SALES_SUPPORT: "sales and support",
}

_TELLERS: Mapping[type[Event], Callable[[Any], Line]] = {
    e.RunScheduled: lambda x: Line("run", f"scheduled: {x.title}"),
    e.RunStarted: lambda _: Line("run", "the exercise begins"),
    e.RunRefused: lambda x: Line("bad", f"refused: {x.reason}"),
    e.RunPaused: lambda x: Line("run", f"paused by {x.by}"),
    e.RunResumed: lambda x: Line("run", f"resumed by {x.by}"),
    e.RollbackStarted: lambda x: Line("undo", f"rolling back: {x.reason or x.cause}"),
    e.RunCompleted: lambda x: Line("run", f"completed; {_proved(x.recovered)}"),
    e.RunAborted: lambda x: Line("bad", f"aborted: {x.reason}; {_proved(x.recovered)}"),
    e.InjectSent: lambda x: Line("inject", f"{x.title}{': ' + x.message if x.message else ''}"),
    e.FaultIntended: lambda x: Line("fault", f"{x.title} → {', '.join(x.targets)} (on record)"),
    e.FaultInjected: lambda x: Line("fault", f"{x.fault} is in"),
    e.FaultFailed: lambda x: Line("bad", f"{x.fault} could not be injected: {x.reason}"),
    e.FaultRefused: lambda x: Line("bad", f"{x.fault} refused: {x.reason}"),
    e.FaultObserved: lambda x: Line("fault", f"{x.fault} {_seen(x.present)}"),
    e.FaultUndoing: lambda x: Line(
        "undo", f"taking {x.fault} out ({str(x.cause).replace('_', ' ')})"
    ),
    e.FaultUndone: lambda x: Line("undo", f"{x.fault} is out: {'; '.join(x.proof)}"),
    e.FaultStuck: lambda x: Line("bad", f"{x.fault} IS STUCK: {'; '.join(x.reasons)}"),
    e.ImpactStarted: lambda x: Line("impact", f"steady state lost ({', '.join(x.probes)})"),
    e.ImpactEnded: lambda x: Line(
        "well", f"steady state back after {format_duration(round(x.seconds, 1))}"
    ),
    e.ClaimConfirmed: lambda x: Line("good", f"the probes agree: {x.milestone}"),
    e.ClaimRefuted: lambda x: Line("bad", f"false all-clear ({x.milestone}): {x.reason}"),
    e.MitigationVerified: lambda _: Line("good", "mitigation verified"),
    e.DutyFellDue: lambda x: Line("duty", f"due now ({_plain(x.to)}): {x.title}"),
    e.DutyMissed: lambda x: Line("bad", f"overdue ({_plain(x.to)}): {x.title}"),
}


def _plain(word: str) -> str:
    return str(word).replace("_", " ")


def _proved(recovered: bool | None) -> str:
    if recovered is None:
        return "steady state was not looked at"
    return "steady state proved again" if recovered else "steady state NOT proved again"


def _seen(present: bool | None) -> str:
    if present is None:
        return "cannot be looked at"
    return "is still in, so somebody shielded users from it" if present else "is not there any more"
