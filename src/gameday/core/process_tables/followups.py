"""What is owed after an incident: by whom, and by when."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from gameday.core.ids import ItemName, Level, refuse_doubles
from gameday.core.log.events import Record
from gameday.core.log.facts import FollowUpRecorded
from gameday.core.model import Model, Text
from gameday.core.process_tables.business_days import WorkCalendar, in_zone
from gameday.core.words import Role, Severity

Clock = Literal["hours", "days", "business_days"]
"""hours run through nights and weekends; days and business days end when the day's work does."""

Since = Literal["resolved", "noticed"]
"""From when a duty's time counts."""

RESPONSE = "response"
"""The duty that is done as soon as somebody takes the incident in hand."""


def _day(value: Any) -> Any:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        raise ValueError(f"{value!r} is no date; write it as 2026-12-25") from None


def _time_of_day(value: Any) -> Any:
    try:
        return datetime.strptime(value, "%H:%M").time()
    except (TypeError, ValueError):
        raise ValueError(f'{value!r} is no time of day; write it as "17:00"') from None


Day = Annotated[date, BeforeValidator(_day)]
TimeOfDay = Annotated[
    time,
    BeforeValidator(_time_of_day),
    PlainSerializer(lambda moment: f"{moment:%H:%M}", return_type=str),
]


class Duty(Model):
    """within: so many of what ``clock`` counts, from when the incident was resolved or, ``since``
    says so, noticed. severities: those after which it is owed; all, where none are named."""

    id: ItemName
    title: Text
    owed_by: Role
    within: Annotated[int, Field(gt=0, le=10_000)]
    clock: Clock
    since: Since = "resolved"
    severities: list[Level] = Field(default_factory=list)

    @property
    def shown(self) -> str:
        """Its time in words, ``5 business days``."""
        return f"{self.within} {self.clock.replace('_', ' ')}"

    def due(self, start: datetime, calendar: WorkCalendar) -> datetime:
        """When it is late, in the zone of ``start``, from which it counts."""
        if self.clock == "business_days":
            return calendar.due(start, self.within)
        if self.clock == "days":
            return calendar.end_of(start.date() + timedelta(days=self.within), start)
        return in_zone(start.astimezone(UTC) + timedelta(hours=self.within), start)


class AgendaItem(Model):
    """A part of the meeting."""

    minutes: Annotated[int, Field(gt=0)]
    topic: Text


class Meeting(Model):
    """The review as a meeting: at ``starts`` (local time) on the so-manieth business day. duty:
    which duty it fulfils."""

    duty: ItemName
    title: Text
    business_days: Annotated[int, Field(gt=0)]
    starts: TimeOfDay
    agenda: Annotated[list[AgendaItem], Field(min_length=1)]

    @property
    def minutes(self) -> int:
        """How long it takes."""
        return sum(item.minutes for item in self.agenda)

    def begins(self, resolved: datetime, calendar: WorkCalendar) -> datetime:
        """When, in the zone of ``resolved``."""
        day = calendar.add(resolved.date(), self.business_days)
        return in_zone(datetime.combine(day, self.starts, resolved.tzinfo), resolved)


class FollowUpTable(Model):
    """All duties, the meeting, and the days on which nobody works."""

    zone: Text
    day_ends: TimeOfDay
    holidays: list[Day]
    duties: Annotated[list[Duty], Field(min_length=1)]
    meeting: Meeting

    @model_validator(mode="after")
    def _fits(self) -> Self:
        refuse_doubles("duty", [duty.id for duty in self.duties])
        if self.meeting.duty not in {duty.id for duty in self.duties}:
            raise ValueError(
                f"meeting: there is no duty {self.meeting.duty!r} that it could fulfil"
            )
        review = self.review
        if review.since != "resolved":
            raise ValueError(f"{review.id} is reviewed after the incident: leave `since` out")
        late = review.clock == "business_days" and self.meeting.business_days > review.within
        if late:
            raise ValueError(
                f"meeting: business day {self.meeting.business_days} is after the {review.within} "
                f"within which {review.id} is due"
            )
        return self

    @property
    def review(self) -> Duty:
        """The duty that the meeting fulfils."""
        return next(duty for duty in self.duties if duty.id == self.meeting.duty)

    def owed(self, severity: Severity) -> list[Duty]:
        """The duties that an incident of this severity brings."""
        return [d for d in self.duties if not d.severities or severity in d.severities]

    def duty(self, id: str) -> Duty | None:
        """The duty of that name."""
        return next((duty for duty in self.duties if duty.id == id), None)

    @property
    def calendar(self) -> WorkCalendar:
        """Its business days."""
        return WorkCalendar(frozenset(self.holidays), self.day_ends)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A duty after one incident. due: in the zone of the moment from which it counts."""

    id: str
    title: str
    owed_by: Role
    within: str
    due: datetime


class FollowUpState(StrEnum):
    """How it stands with a duty; ``left_out``: on purpose, and said so."""

    OPEN = "open"
    OVERDUE = "overdue"
    DONE = "done"
    LEFT_OUT = "left_out"


def due_after(
    resolved: datetime | None,
    severity: Severity,
    table: FollowUpTable,
    noticed: datetime | None = None,
) -> tuple[FollowUp, ...]:
    """What is owed after an incident of this severity, the soonest first; each in the zone of the
    moment from which it counts, which has to have one. What counts from a moment that is not known
    is not among it."""
    moments = {"resolved": resolved, "noticed": noticed}
    starts = {name: in_zone(at, at) for name, at in moments.items() if at is not None}
    owed = [
        FollowUp(
            id=duty.id,
            title=duty.title,
            owed_by=duty.owed_by,
            within=duty.shown,
            due=duty.due(starts[duty.since], table.calendar),
        )
        for duty in table.owed(severity)
        if duty.since in starts
    ]
    return tuple(sorted(owed, key=lambda one: one.due.astimezone(UTC)))


def recorded(records: Iterable[Record], annulled: Iterable[str]) -> Mapping[str, bool]:
    """What was recorded of duties, the last word of each: True is done, False left out."""
    struck = set(annulled)
    return {
        record.event.item: record.event.done
        for record in records
        if isinstance(record.event, FollowUpRecorded) and record.id not in struck
    }


def state_of(one: FollowUp, known: Mapping[str, bool], now: datetime) -> FollowUpState:
    """How it stands with a duty at a moment."""
    if one.id in known:
        return FollowUpState.DONE if known[one.id] else FollowUpState.LEFT_OUT
    late = now.astimezone(UTC) > one.due.astimezone(UTC)
    return FollowUpState.OVERDUE if late else FollowUpState.OPEN
