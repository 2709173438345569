"""``gameday respond ACTION``: people act, from any terminal, while a run goes on or after it."""

from __future__ import annotations

import getpass
import re
from datetime import datetime, timedelta

import click

from gameday.bootstrap import store
from gameday.cli.main import App
from gameday.cli.opened import opened
from gameday.cli.output import note
from gameday.core.commands import Respond
from gameday.core.instant import Instant, at_wall
from gameday.core.responses import BadResponse, Said, fact
from gameday.core.words import Response, Role, Severity
from gameday.engine.stream import submit
from gameday.reports.lines import line

_TIME = re.compile(r"^(\d{1,2}):(\d{2})(?::(\d{2}))?$")


@click.command(
    epilog='Example: gameday respond mitigate "cache switched on" --at 10:07 --for alice'
)
@click.argument("action", type=click.Choice([str(action) for action in Response]))
@click.argument("text", nargs=-1)
@click.option("--run", "run_id", help="The run (default: the newest).")
@click.option("--for", "by", help="Who did it (default: you).")
@click.option("--at", "at", help="When, for a late entry: 10:07, 10:07:30 or ISO 8601.")
@click.option("--severity", type=click.Choice([str(s) for s in Severity]), help="For declare.")
@click.option("--role", type=click.Choice([str(r) for r in Role]), help="For role.")
@click.option("--to", "holder", default="", help="For role: who holds it from now on.")
@click.option(
    "--source", default="", help="For detect: alert, ticket, synthetic, … (default: teammate)."
)
@click.option("--entry", default="", help="For annul: the entry to strike out, like e12.")
@click.option("--key", help="Idempotency key: the same key twice adds one entry.")
@click.pass_obj
def respond(
    app: App,
    action: str,
    text: tuple[str, ...],
    run_id: str | None,
    by: str | None,
    at: str | None,
    severity: str | None,
    role: str | None,
    holder: str,
    source: str,
    entry: str,
    key: str | None,
) -> None:
    """Say what you did or saw: it is on record before this returns. A claim (mitigate, resolve)
    is checked against the probes. ``--at`` makes a late entry, marked as such."""
    clock = store.clock()
    moment = _moment(at, clock.now()) if at else None
    said = Said(
        Response(action),
        by=by or getpass.getuser(),
        text=_readable(" ".join(text)),
        late=moment is not None,
        severity=Severity(severity) if severity else None,
        role=Role(role) if role else None,
        holder=holder,
        source=source,
        entry=f"e{entry}" if entry.isdigit() else entry,
    )
    with opened(app.settings) as log:
        run = store.find_run(log, run_id)
        records = submit(log, clock, run, Respond(fact(said), moment, key))
    for record in records:
        told = line(record)
        if told:
            note(f"{record.id} {told.text}")
    if not records:
        note(f"already on record under the key {key}")
    elif run_id is None:
        note(f"in run {run}")


def _readable(text: str) -> str:
    """Bytes that are no text (a broken locale, a pasted file) become question marks: what
    people say is always accepted."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _moment(text: str, now: Instant) -> Instant:
    """The instant a person means: the last time the clock showed that, or an ISO time."""
    wall = _today(text, now.wall) if _TIME.match(text) else _iso(text)
    if wall > now.wall + 1:
        raise BadResponse(f"--at {text} lies in the future", hint="leave --at out for now")
    return at_wall(wall, now)


def _today(text: str, now: float) -> float:
    match = _TIME.match(text)
    assert match is not None
    hour, minute, second = (int(part or 0) for part in match.groups())
    here = datetime.fromtimestamp(now).astimezone()
    try:
        meant = here.replace(hour=hour, minute=minute, second=second, microsecond=0)
    except ValueError as error:
        raise BadResponse(f"--at {text}: {error}", hint="write 10:07 or 10:07:30") from error
    if meant > here + timedelta(hours=12):
        meant -= timedelta(days=1)  # spoken before midnight, typed after
    return meant.timestamp()


def _iso(text: str) -> float:
    try:
        return datetime.fromisoformat(text).astimezone().timestamp()
    except (ValueError, OverflowError) as error:
        raise BadResponse(
            f"--at {text!r} is not a time", hint="write 10:07, 10:07:30 or 2026-11-21T10:07:00Z"
        ) from error
