"""Responders' actions by name: one place where a word becomes a fact of the log."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from gameday.core.errors import ExitCode, GamedayError
from gameday.core.log import events as e
from gameday.core.words import Response


class BadResponse(GamedayError):
    """A response lacks something it needs."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Said:
    """A response as given, before it is a fact. ``by`` is who did it; ``details`` are the fields
    of its fact, by name."""

    response: Response
    by: str
    text: str = ""
    channel: str = "cli"
    late: bool = False
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Form:
    """What a response becomes, what it needs for that, and what it takes besides.

    text: what its text is called where it cannot do without one, with an example.
    """

    kind: type[e.ResponderFact]
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    text: tuple[str, str] | None = None


_R = Response
FORMS: Mapping[Response, Form] = {
    _R.DETECT: Form(e.Detected, takes=("source",)),
    _R.ACK: Form(e.Acknowledged),
    _R.DECLARE: Form(e.Declared, ("severity",)),
    _R.TRIAGE: Form(e.Triaged, takes=("answers",)),
    _R.SEVERITY: Form(e.SeverityChanged, ("severity",)),
    _R.ROLE: Form(e.RoleAssigned, ("role",), ("holder",)),
    _R.NOTE: Form(e.NoteAdded, text=("a text", "the dashboard looks odd since 10:02")),
    _R.ACT: Form(
        e.ActionTaken, takes=("ok",), text=("what was done", "rolled checkout back to 1.4.2")
    ),
    _R.MITIGATE: Form(e.MitigationClaimed),
    _R.RESOLVE: Form(e.ResolutionClaimed),
    _R.ANNUL: Form(e.EntryAnnulled, ("entry",), text=("a reason", "typed by mistake")),
    _R.HANDOVER: Form(
        e.RoleHandedOver,
        ("role", "holder"),
        text=("a brief", "cache off since 10:20, errors falling; next: look at the pool"),
    ),
    _R.HYPOTHESIS: Form(
        e.HypothesisStated,
        takes=("evidence", "test"),
        text=("a hypothesis", "the new release leaks connections"),
    ),
    _R.VERDICT: Form(e.HypothesisJudged, ("verdict",), ("entry",)),
    _R.PROPOSE: Form(e.MitigationProposed, ("option",)),
    _R.APPROVE: Form(e.MitigationApproved, takes=("entry",)),
    _R.COMMS: Form(
        e.Communicated,
        ("audience",),
        ("status",),
        ("the text that went out", "We are investigating errors at checkout."),
    ),
    _R.ESCALATE: Form(e.Escalated, ("to",), ("ticket",)),
    _R.CHECK: Form(e.ItemChecked, ("item",)),
    _R.OBSERVE: Form(
        e.PatternObserved, ("rule",), text=("what was seen", "two of them settled it in a chat")
    ),
    _R.HINT: Form(e.HintGiven, text=("the hint", "look at what was deployed today")),
    _R.STORY: Form(e.StoryTold, ("well",)),
    _R.ITEM: Form(
        e.ActionItemAdded, takes=("owner", "priority", "due"), text=("a title", "alert on the pool")
    ),
    _R.FOLLOWUP: Form(e.FollowUpRecorded, ("item",), ("done",)),
    _R.DEBRIEF: Form(e.DebriefAnswered, ("question",), text=("an answer", "the runbook was old")),
}

EXAMPLES: Mapping[str, str] = {
    "severity": "--severity SEV2",
    "role": "--role incident_commander",
    "holder": "--to alice",
    "source": "--source alert",
    "ok": "--in-vain",
    "entry": "--entry e12",
    "answers": '--answer impact="nobody can pay"',
    "evidence": '--evidence "pool at 50 of 50"',
    "test": '--test "count open connections"',
    "verdict": "--verdict confirmed",
    "option": "--option rollback",
    "audience": "--audience internal",
    "status": "--status identified",
    "to": "--to team_lead",
    "ticket": "--ticket V-4711",
    "item": "--item declaration.room",
    "rule": "--rule side_conversations",
    "owner": "--owner alice",
    "priority": "--priority P1",
    "due": "--due 2026-12-15",
    "well": "--well",
    "done": "--skipped",
    "question": "--question surprised",
}
"""How each detail is given."""


def fact(said: Said) -> e.ResponderFact:
    """The event a response becomes. Raises BadResponse naming what is missing or out of place."""
    form = FORMS[said.response]
    details = {name: value for name, value in said.details.items() if not _blank(value)}
    for name in details:
        if name not in (*form.needs, *form.takes):
            fits = [response for response, f in FORMS.items() if name in (*f.needs, *f.takes)]
            hint = f"only {' and '.join(fits)} {'does' if len(fits) == 1 else 'do'}"
            raise BadResponse(f"{said.response} takes no {name}", hint=hint)
    for name in form.needs:
        if name not in details:
            _missing(said, _article(name), EXAMPLES[name])
    if form.text is not None and not said.text.strip():
        what, example = form.text
        _missing(said, what, f'"{example}"')
    if said.response is Response.ROLE:
        details.setdefault("holder", said.by)
    if said.response is Response.ACT:
        details.setdefault("ok", True)
        details["told"] = True
    common: dict[str, Any] = {
        "by": said.by,
        "text": said.text,
        "channel": said.channel,
        "late": said.late,
    }
    return form.kind(**common, **details)


PRIORITIES = ("P0", "P1", "P2")
"""Of action items: before anything else, in the next weeks, when there is time."""


def iso_date(text: str) -> str:
    """The date that is meant, as ``2026-12-15``. Raises ValueError for what is none."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise ValueError(f"{text!r} is no date; write it like 2026-12-15") from None


def known_item(item: str, items: Collection[str]) -> None:
    """Raises ValueError where no list of the process has such an item. items: those that they have;
    none: nobody knows, and what somebody did is not to be lost."""
    if items and item not in items:
        near = [one for one in items if one.partition(".")[0] == item.partition(".")[0]]
        lists = ", ".join(dict.fromkeys(one.partition(".")[0] for one in items))
        known = f"that list has {', '.join(near)}" if near else f"the lists are {lists}"
        raise ValueError(f"no checklist has the item {item!r}; {known}")


def _blank(value: object) -> bool:
    """Nothing was said: spaces are no answer."""
    if isinstance(value, Mapping):
        return all(map(_blank, value.values()))
    return value is None or (isinstance(value, str) and not value.strip())


def _article(name: str) -> str:
    return f"{'an' if name[0] in 'aeio' else 'a'} {name}"


def _missing(said: Said, what: str, example: str) -> None:
    raise BadResponse(f"{said.response} needs {what}", hint=f"for example {example}")
