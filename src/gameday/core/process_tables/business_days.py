"""Business days: Monday to Friday without holidays, counted in dates and placed in a time zone.

Counting is on dates alone, so no change of the clocks can move a day; only the end of the day that
was found is placed in the zone. Nothing here reads a clock.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """day_ends: local time at which a day's work is over, and what was due on that day is late."""

    holidays: Collection[date] = field(default_factory=frozenset)
    day_ends: time = time(17, 0)

    def works(self, day: date) -> bool:
        """Whether it is a business day."""
        return day.weekday() < _SATURDAY and day not in self.holidays

    def add(self, day: date, count: int) -> date:
        """The ``count``-th business day after a day; for 0 the day itself, or the first business
        day after it where it is none. Raises ValueError for a negative count."""
        if count < 0:
            raise ValueError(f"cannot go back {-count} business days: counts begin with 0")
        while not count and not self.works(day):
            day += _DAY
        while count:
            day += _DAY
            count -= self.works(day)
        return day

    def due(self, start: datetime, count: int) -> datetime:
        """The end of the ``count``-th business day after a moment, in that moment's zone."""
        return self.end_of(self.add(start.date(), count), start)

    def end_of(self, day: date, like: datetime) -> datetime:
        """The end of a day's work in the zone of a moment. Where the clocks leave that time out it
        is as long after midnight as it would be; where they show it twice, the first is meant."""
        return in_zone(datetime.combine(day, self.day_ends, like.tzinfo), like)


def in_zone(moment: datetime, like: datetime) -> datetime:
    """A moment in the zone of another one, as the clocks there show it. Raises ValueError where
    one has no zone."""
    if moment.tzinfo is None or like.tzinfo is None:
        raise ValueError("a moment without a time zone: nobody can say when that is")
    return moment.astimezone(UTC).astimezone(like.tzinfo)
