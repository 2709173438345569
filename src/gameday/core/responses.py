"""Responders' actions by name: one place where a word becomes a fact of the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from gameday.core import events as e
from gameday.core.errors import ExitCode, GamedayError
from gameday.core.words import Response, Role, Severity


class BadResponse(GamedayError):
    """A response lacks something it needs."""

    exit_code = ExitCode.USAGE


@dataclass(frozen=True, slots=True)
class Said:
    """A response as given, before it is a fact. ``by`` is who did it."""

    response: Response
    by: str
    text: str = ""
    channel: str = "cli"
    late: bool = False
    severity: Severity | None = None
    role: Role | None = None
    holder: str = ""
    source: str = ""
    entry: str = ""


FACTS: Mapping[Response, type[e.ResponderFact]] = {
    Response.DETECT: e.Detected,
    Response.ACK: e.Acknowledged,
    Response.DECLARE: e.Declared,
    Response.TRIAGE: e.Triaged,
    Response.SEVERITY: e.SeverityChanged,
    Response.ROLE: e.RoleAssigned,
    Response.NOTE: e.NoteAdded,
    Response.MITIGATE: e.MitigationClaimed,
    Response.RESOLVE: e.ResolutionClaimed,
    Response.ANNUL: e.EntryAnnulled,
}
"""What each becomes in the log."""


_ONLY_WITH: Mapping[str, tuple[Response, ...]] = {
    "severity": (Response.DECLARE, Response.SEVERITY),
    "role": (Response.ROLE,),
    "holder": (Response.ROLE,),
    "source": (Response.DETECT,),
    "entry": (Response.ANNUL,),
}


def fact(said: Said) -> e.ResponderFact:
    """The event a response becomes. Raises BadResponse naming what is missing or out of place."""
    for detail, responses in _ONLY_WITH.items():
        if getattr(said, detail) and said.response not in responses:
            fits = " or ".join(responses)
            raise BadResponse(f"{said.response} takes no {detail}", hint=f"only {fits} does")
    by, text, channel, late = said.by, said.text, said.channel, said.late
    if said.response is Response.NOTE and not text.strip():
        _missing(said, "a text", '"the dashboard looks odd since 10:02"')
    if said.response is Response.DETECT:
        source = said.source or "teammate"
        return e.Detected(by=by, text=text, channel=channel, late=late, source=source)
    if said.response in (Response.DECLARE, Response.SEVERITY):
        kind = e.Declared if said.response is Response.DECLARE else e.SeverityChanged
        severity = said.severity or _missing(said, "a severity", "--severity SEV2")
        return kind(by=by, text=text, channel=channel, late=late, severity=severity)
    if said.response is Response.ROLE:
        role = said.role or _missing(said, "a role", "--role incident_commander")
        holder = said.holder or by
        return e.RoleAssigned(
            by=by, text=text, channel=channel, late=late, role=role, holder=holder
        )
    if said.response is Response.ANNUL:
        entry = said.entry or _missing(said, "an entry", "--entry e12")
        reason = text or _missing(said, "a reason", '"typed by mistake"')
        return e.EntryAnnulled(by=by, text=reason, channel=channel, late=late, entry=entry)
    return FACTS[said.response](by=by, text=text, channel=channel, late=late)


def _missing(said: Said, what: str, example: str) -> NoReturn:
    raise BadResponse(f"{said.response} needs {what}", hint=f"for example {example}")
