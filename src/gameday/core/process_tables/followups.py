"""What is owed after an incident: by whom, and by when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, PlainSerializer, model_validator

from gameday.core.ids import ItemName, Level, refuse_doubles
from gameday.core.log.events import Record
from gameday.core.log.facts import FollowUpRecorded
from gameday.core.model import Model, Text
from gameday.core.process_tables.business_days import WorkCalendar, in_zone
from gameday.core.words import Role, Severity

Clock = Literal["hours", "days", "business_days"]
"""hours run through nights and weekends; days and business days end when the day's work does."""


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
    """within: so many of what ``clock`` counts, from when the incident was resolved. severities:
    those after which it is owed; all, where none are named."""

    id: ItemName
    title: Text
    owed_by: Role
    within: Annotated[int, Field(gt=0, le=10_000)]
    clock: Clock
    severities: list[Level] = Field(default_factory=list)

    @property
    def shown(self) -> str:
        """Its time in words, ``5 business days``."""
        return f"{self.within} {self.clock.replace('_', ' ')}"

    def due(self, resolved: datetime, calendar: WorkCalendar) -> datetime:
        """When it is late, in the zone of ``resolved``."""
        if self.clock == "business_days":
            return calendar.due(resolved, self.within)
        if self.clock == "days":
            return calendar.end_of(resolved.date() + timedelta(days=self.within), resolved)
        return in_zone(resolved.astimezone(UTC) + timedelta(hours=self.within), resolved)


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
    def _fits(self) -> FollowUpTable:
        refuse_doubles("duty", [duty.id for duty in self.duties])
        if self.meeting.duty not in {duty.id for duty in self.duties}:
            raise ValueError(
                f"meeting: there is no duty {self.meeting.duty!r} that it could fulfil"
            )
        review = self.review
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

    def duty(self, id: str) -> Duty | None:
        """The duty of that name."""
        return next((duty for duty in self.duties if duty.id == id), None)

    @property
    def calendar(self) -> WorkCalendar:
        """Its business days."""
        return WorkCalendar(frozenset(self.holidays), self.day_ends)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A duty after one incident. due: in the zone of the moment at which it was resolved."""

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


def due_after(resolved: datetime, severity: Severity, table: FollowUpTable) -> tuple[FollowUp, ...]:
    """What is owed after an incident of this severity, the soonest first; in the zone of
    ``resolved``, which has to have one."""
    local = in_zone(resolved, resolved)
    owed = [
        FollowUp(
            id=duty.id,
            title=duty.title,
            owed_by=duty.owed_by,
            within=duty.shown,
            due=duty.due(local, table.calendar),
        )
        for duty in table.duties
        if not duty.severities or severity in duty.severities
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
