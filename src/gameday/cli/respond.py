"""``gameday respond ACTION``: people act, from any terminal, while a run goes on or after it."""

from __future__ import annotations

import getpass
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import click

from gameday.bootstrap import store
from gameday.cli.main import App
from gameday.cli.opened import opened
from gameday.cli.output import note
from gameday.core.instant import Instant, at_wall
from gameday.core.log.events import RunScheduled
from gameday.core.log.responses import (
    EXAMPLES,
    PRIORITIES,
    BadResponse,
    Said,
    fact,
    iso_date,
    known_item,
)
from gameday.core.run.commands import Respond
from gameday.core.words import (
    OLD_SEVERITIES,
    Audience,
    HypothesisVerdict,
    Response,
    Role,
    Severity,
    StatusPhase,
)
from gameday.engine.ports import EventLog
from gameday.engine.stream import submit
from gameday.reports.lines import line

_TIME = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$")


def _choice(words: type[StrEnum]) -> click.Choice[str]:
    return click.Choice([str(word) for word in words])


@click.command(
    epilog='Example: gameday respond mitigate "cache switched on" --at 10:07 --for alice\n\n'
    'Example: gameday respond act "rolled checkout back to 1.4.2"'
)
@click.argument("action", type=_choice(Response))
@click.argument("text", nargs=-1)
@click.option("--run", "run_id", help="The run (default: the newest).")
@click.option("--for", "by", help="Who did it (default: you).")
@click.option("--at", "at", help="When, for a late entry: 10:07, 10:07:30 or ISO 8601.")
@click.option("--key", help="Idempotency key: the same key twice adds one entry.")
@click.option(
    "--severity",
    type=click.Choice([*map(str, Severity), *OLD_SEVERITIES]),
    help="For declare and severity; P1 to P3 are SEV1 to SEV3.",
)
@click.option("--role", type=_choice(Role), help="For role and handover.")
@click.option("--to", help="Who holds the role from now on; for escalate: who is called in.")
@click.option("--source", help="For detect: alert, ticket, synthetic, … (default: teammate).")
@click.option(
    "--entry", help="For annul: the entry to strike out, like e12. For approve and verdict."
)
@click.option("--answer", "answers", multiple=True, help="For triage: question=answer.")
@click.option("--evidence", help="For hypothesis: what speaks for it.")
@click.option("--test", help="For hypothesis: what would show it.")
@click.option("--verdict", type=_choice(HypothesisVerdict), help="For verdict.")
@click.option("--option", help="For propose: an option of the mitigation matrix.")
@click.option("--audience", type=_choice(Audience), help="For comms: whom it went to.")
@click.option("--status", type=_choice(StatusPhase), help="For comms: what the status page shows.")
@click.option("--ticket", help="For escalate: the vendor's reference number.")
@click.option("--item", help="For check: list.item. For followup: what was done.")
@click.option("--skipped", is_flag=True, help="For followup: it was left out on purpose.")
@click.option("--well/--hurt", default=None, help="For story: how users are, in a tabletop.")
@click.option("--rule", help="For observe: the rule that was broken.")
@click.option("--in-vain", is_flag=True, help="For act: it could not be carried out.")
@click.option("--owner", help="For item: who does it.")
@click.option("--priority", help="For item: P0, P1 or P2.")
@click.option("--due", help="For item: by when, like 2026-12-15.")
@click.option("--question", help="For debrief: the question's id.")
@click.pass_obj
def respond(
    app: App,
    /,
    action: str,
    text: tuple[str, ...],
    run_id: str | None,
    by: str | None,
    at: str | None,
    key: str | None,
    **given: Any,
) -> None:
    """Say what you did or saw: it is on record before this returns. A claim (mitigate, resolve)
    is checked against the probes. What you do to the system (act) tells who ended the impact: say
    it when you do it. ``--at`` makes a late entry, marked as such."""
    clock = store.clock()
    moment = stated(at, clock.now()) if at else None
    said = Said(
        Response(action),
        by=readable(by or getpass.getuser()),
        text=readable(" ".join(text)),
        late=moment is not None,
        details=_details(Response(action), given),
    )
    with opened(app.settings) as log:
        run = store.find_run(log, run_id)
        if said.response is Response.CHECK:
            _known(log, run, said.details.get("item", ""))
        records = submit(log, clock, run, Respond(fact(said), moment, key))
    for record in records:
        told = line(record)
        if told:
            note(f"{record.id} {told.text}")
    if not records:
        note(f"already on record under the key {key}")
    elif run_id is None:
        note(f"in run {run}")


_WORDS: Mapping[str, type[StrEnum]] = {
    "severity": Severity,
    "role": Role,
    "verdict": HypothesisVerdict,
    "audience": Audience,
    "status": StatusPhase,
}


def _details(action: Response, given: Mapping[str, Any]) -> dict[str, Any]:
    """The details of a response from its options."""
    given = {
        name: readable(value) if isinstance(value, str) else value for name, value in given.items()
    }
    severity = given["severity"]
    given = {**given, "severity": OLD_SEVERITIES.get(severity, severity)}
    details: dict[str, Any] = {
        name: _WORDS[name](value) if name in _WORDS else value
        for name, value in given.items()
        if value not in (None, "") and name not in ("to", "skipped", "in_vain", "answers")
    }
    if given["to"]:
        details["to" if action is Response.ESCALATE else "holder"] = given["to"]
    if given["skipped"]:
        details["done"] = False
    if given["in_vain"]:
        details["ok"] = False
    if given["priority"]:
        details["priority"] = _priority(given["priority"])
    if given["due"]:
        details["due"] = _date(given["due"])
    if given["answers"]:
        details["answers"] = dict(_answer(pair) for pair in given["answers"])
    if details.get("entry", "").isdigit():
        details["entry"] = f"e{details['entry']}"
    return details


def _priority(text: str) -> str:
    if text.strip().upper() not in PRIORITIES:
        raise BadResponse(
            f"--priority {text!r} is none of {', '.join(PRIORITIES)}",
            hint=f"for example {EXAMPLES['priority']}",
        )
    return text.strip().upper()


def _date(text: str) -> str:
    try:
        return iso_date(text)
    except ValueError as error:
        raise BadResponse(f"--due {error}", hint=f"for example {EXAMPLES['due']}") from None


def _known(log: EventLog, run: str, item: str) -> None:
    """Refuse what no list of the run's own process has. Where its log does not tell which there are
    (an older run), whatever was checked off is taken."""
    first = next(iter(log.read(run)), None)
    if not item or first is None or not isinstance(first.event, RunScheduled):
        return
    try:
        known_item(item, first.event.checklist_items)
    except ValueError as error:
        hint = "`gameday checklist LIST` shows what there is; `gameday respond note` takes any text"
        raise BadResponse(str(error), hint=hint) from None


def _answer(pair: str) -> tuple[str, str]:
    question, equals, answer = pair.partition("=")
    if not (question and equals and answer):
        raise BadResponse(
            f"--answer {pair!r} is not question=answer", hint=f"for example {EXAMPLES['answers']}"
        )
    return readable(question), readable(answer)


def readable(text: str) -> str:
    """Bytes that are no text (a broken locale, a pasted file) become question marks: what
    people say is always accepted."""
    return text.encode("utf-8", "replace").decode("utf-8")


def stated(text: str, now: Instant) -> Instant:
    """The instant a person means: the last time the clock showed that, or an ISO time."""
    wall = _today(text, now.wall) if _TIME.match(text) else _iso(text)
    if wall > now.wall + 1:
        raise BadResponse(f"--at {text} lies in the future", hint="leave --at out for now")
    return at_wall(wall, now)


def _today(text: str, now: float) -> float:
    match = _TIME.match(text)
    assert match is not None
    hour, minute, second = (int(part or 0) for part in match.groups())
    here = datetime.fromtimestamp(now)
    try:
        meant = here.replace(hour=hour, minute=minute, second=second, microsecond=0)
    except ValueError as error:
        raise BadResponse(f"--at {text}: {error}", hint="write 10:07 or 10:07:30") from error
    today = _shown(meant)
    if past := [wall for wall in today if wall <= now + 1]:
        return max(past)
    if today and min(today) > now + 12 * 3600:
        today = _shown(meant - timedelta(days=1))  # spoken before midnight, typed after
    if not today:
        raise BadResponse(
            f"--at {text}: no clock showed that; it was put forward then",
            hint="write the time with its offset, like 2026-03-29T01:30:00+01:00",
        )
    return min(today)  # where it is in the future, the caller says so


def _shown(local: datetime) -> list[float]:
    """When a local clock showed that: once as a rule, twice when it was put back, never in the
    hour that is left out when it is put forward."""
    both = {local.replace(fold=fold).timestamp() for fold in (0, 1)}
    return [wall for wall in both if datetime.fromtimestamp(wall).replace(fold=0) == local]


def _iso(text: str) -> float:
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError) as error:
        raise BadResponse(
            f"--at {text!r} is not a time", hint="write 10:07, 10:07:30 or 2026-11-21T10:07:00Z"
        ) from error
