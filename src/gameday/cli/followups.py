"""``gameday followups``: what is due after an incident, when, and what of it is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

import click

from gameday.bootstrap import process_tables, store
from gameday.cli.main import App
from gameday.cli.opened import opened
from gameday.cli.output import note, output_option, print_rows
from gameday.core.errors import NothingToDo
from gameday.core.words import OLD_SEVERITIES, Milestone, Severity

if TYPE_CHECKING:
    from gameday.core.process_tables.followups import FollowUp, FollowUpTable
    from gameday.settings import Settings

_FIRST_YEAR, _LAST_YEAR = 1970, 8999
"""Room for what is due later, in any zone."""


@dataclass(frozen=True, slots=True)
class _Incident:
    """What is known of it. resolved, noticed: None where nobody has said so. known: what was
    recorded of its duties: done (True) or left out."""

    name: str
    resolved: datetime | None
    severity: Severity
    noticed: datetime | None = None
    known: Mapping[str, bool] = field(default_factory=dict)


@click.command(
    epilog="Example: gameday followups --severity SEV2 --resolved 2026-12-04T17:00 "
    "--zone Europe/Berlin"
)
@click.option("--run", "run_id", help="The run (default: the newest).")
@click.option(
    "--severity",
    type=click.Choice([*map(str, Severity), *OLD_SEVERITIES]),
    help="Of an incident that is no run; with --resolved, --noticed or both. P1 to P3 are SEV1 to "
    "SEV3.",
)
@click.option("--resolved", metavar="TIME", help="When that was resolved, ISO 8601.")
@click.option("--noticed", metavar="TIME", help="When somebody noticed it, ISO 8601.")
@click.option("--zone", help="Time zone, such as Europe/Berlin (default: the table's own).")
@click.option("--ical", is_flag=True, help="The review as an iCalendar file.")
@output_option
@click.pass_obj
def followups(
    app: App,
    run_id: str | None,
    severity: str | None,
    resolved: str | None,
    noticed: str | None,
    zone: str | None,
    ical: bool,
    output: str,
) -> None:
    """List what is owed after a run or an incident, by whom and by when.

    `gameday respond followup --item ID` says that it is done, `--skipped` that it is left out. The
    duties are packaged; your own in process/followups.yaml stand for them, with your holidays.
    """
    from gameday.core.process_tables.followups import due_after

    if (severity is None) != (resolved is None and noticed is None):
        raise click.UsageError("--severity and --resolved (or --noticed) belong together")
    if severity is not None and run_id is not None:
        raise click.UsageError("say either --run, or --severity and --resolved")
    table = process_tables.followup_table(app.settings.process)
    where = _zone(zone, "--zone") if zone else _zone(table.zone, "zone of followups.yaml")
    if severity is not None:
        incident = _Incident(
            "incident",
            _moment(resolved, where, "--resolved") if resolved else None,
            _level(severity),
            _moment(noticed, where, "--noticed") if noticed else None,
        )
    else:
        incident = _of_run(app.settings, run_id, where, table)
    now = datetime.fromtimestamp(store.clock().now().wall, UTC)
    if ical:
        click.echo(_invitation(incident, table, now), nl=False)
        return
    owed = due_after(incident.resolved, incident.severity, table, incident.noticed)
    _print(owed, incident, now, output)
    _say_what_is_not_known(incident, table)


def _level(severity: str) -> Severity:
    return Severity(OLD_SEVERITIES.get(severity, severity))


def _print(owed: tuple[FollowUp, ...], incident: _Incident, now: datetime, output: str) -> None:
    from gameday.core.process_tables.followups import state_of

    rows = [
        {
            "id": one.id,
            "title": one.title,
            "owed_by": str(one.owed_by),
            "within": one.within,
            "due": one.due.isoformat(timespec="minutes"),
            "state": str(state_of(one, incident.known, now)),
        }
        for one in owed
    ]
    note(f"{incident.name}: {', '.join((incident.severity, *_when(incident)))}")
    unknown = sorted(set(incident.known) - {one.id for one in owed})
    if unknown:
        note(f"recorded, and not owed after a {incident.severity}: {', '.join(unknown)}")
    print_rows(rows, ["id", "title", "owed_by", "due", "state"], output)


def _when(incident: _Incident) -> Iterator[str]:
    if incident.noticed is not None:
        yield f"noticed {incident.noticed.isoformat(timespec='minutes')}"
    resolved = incident.resolved
    yield f"resolved {resolved.isoformat(timespec='minutes')}" if resolved else "not resolved yet"


def _say_what_is_not_known(incident: _Incident, table: FollowUpTable) -> None:
    """Duties that count from a moment that nobody has said."""
    for moment, at in (("noticed", incident.noticed), ("resolved", incident.resolved)):
        waiting = [duty.id for duty in table.owed(incident.severity) if duty.since == moment]
        if at is None and waiting:
            note(f"counted from when it was {moment}, which nobody has said: {', '.join(waiting)}")


def _invitation(incident: _Incident, table: FollowUpTable, now: datetime) -> str:
    from gameday.core.process_tables.icalendar import Event, calendar_file

    owing = table.review.severities
    if owing and incident.severity not in owing:
        raise NothingToDo(
            f"after a {incident.severity} no review is owed",
            hint=f"{table.review.id} is for {', '.join(owing)} (process/followups.yaml)",
        )
    if incident.resolved is None:
        raise NothingToDo(
            f"{incident.name} was not resolved: no review counts from there yet",
            hint="--severity and --resolved say it for an incident that is no run",
        )
    meeting = table.meeting
    starts = meeting.begins(incident.resolved, table.calendar)
    moment = incident.resolved.astimezone(UTC)
    event = Event(
        uid=f"{meeting.duty}-{incident.name}-{moment:%Y%m%dT%H%M%S}@gameday",
        starts=starts,
        minutes=meeting.minutes,
        summary=f"{meeting.title} ({incident.severity}, {incident.name})",
        description="\n".join(f"{item.minutes} min: {item.topic}" for item in meeting.agenda),
    )
    return calendar_file(event, now)


def _of_run(
    settings: Settings, run_id: str | None, zone: tzinfo, table: FollowUpTable
) -> _Incident:
    from gameday.core.process_tables.followups import RESPONSE, recorded
    from gameday.core.scorecard.scorecard import scorecard

    with opened(settings) as log:
        wanted = store.scored_run(log, run_id)
        card = scorecard(wanted, log.read(wanted))
    severity = card.severity.declared or card.severity.expected
    resolved, noticed = (
        datetime.fromtimestamp(mark.at.wall, zone) if mark else None
        for mark in (card.milestones[Milestone.RESOLVED], card.milestones[Milestone.DETECTED])
    )
    early = noticed is not None and any(d.since == "noticed" for d in table.owed(severity))
    if resolved is None and not early:
        raise NothingToDo(
            f"{wanted} was not resolved: nothing counts from there yet",
            hint="--severity and --resolved say it for an incident that is no run",
        )
    known = recorded(card.records, card.state.annulled)
    taken = card.milestones[Milestone.ACKNOWLEDGED] is not None
    if taken and RESPONSE in {duty.id for duty in table.owed(severity)}:
        known = {RESPONSE: True, **known}
    return _Incident(wanted, resolved, severity, noticed if early else None, known)


def _zone(name: str, source: str) -> tzinfo:
    if name == "UTC":  # known even where no time zones are installed
        return UTC
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise click.BadParameter(
            f"no time zone is named {name!r}; for example UTC or Europe/Berlin", param_hint=source
        ) from None


def _moment(text: str, zone: tzinfo, option: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.min
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        raise click.BadParameter(
            f"{text!r} is no time of an incident; for example 2026-12-04T17:00",
            param_hint=option,
        )
    return moment.astimezone(zone) if moment.tzinfo else moment.replace(tzinfo=zone)
