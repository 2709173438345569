"""Follow-ups: business days obey their laws in every zone, and duties fall due when they should."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.adapters.incident_process.tables import PACKAGED, load_table
from gameday.core.errors import InvalidFile
from gameday.core.instant import Instant
from gameday.core.log.events import Record
from gameday.core.log.facts import Detected, FollowUpRecorded, NoteAdded
from gameday.core.process_tables.business_days import WorkCalendar
from gameday.core.process_tables.followups import (
    RESPONSE,
    FollowUpState,
    FollowUpTable,
    due_after,
    recorded,
    state_of,
)
from gameday.core.words import Severity
from tests.core.incident_process.test_duties import Log

TABLE = load_table("followups", FollowUpTable)
ZONES = st.sampled_from(
    (
        *("UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Africa/Cairo"),
        *("Australia/Lord_Howe", "Pacific/Kiritimati", "America/Santiago", "Asia/Tehran"),
    )
).map(ZoneInfo)
DAYS = st.dates(date(2020, 1, 1), date(2035, 12, 31))
CALENDARS = st.builds(
    WorkCalendar,
    holidays=st.frozensets(DAYS, max_size=30)
    | DAYS.map(lambda day: frozenset(day + timedelta(n) for n in range(40))),
    day_ends=st.times(time(0), time(23, 59)),
)
COUNTS = st.integers(0, 40)
MOMENTS = st.builds(
    lambda naive, zone: naive.replace(tzinfo=UTC).astimezone(zone),
    st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1)),
    ZONES,
)


@given(CALENDARS, DAYS, COUNTS)
def test_a_day_found_is_never_a_weekend_or_a_holiday(
    calendar: WorkCalendar, day: date, count: int
) -> None:
    found = calendar.add(day, count)
    assert found.weekday() < 5
    assert found not in calendar.holidays


@given(CALENDARS, DAYS, COUNTS)
def test_so_many_business_days_lie_between(calendar: WorkCalendar, day: date, count: int) -> None:
    found = calendar.add(day, count)
    after = [day + timedelta(n) for n in range(1, (found - day).days + 1)]
    worked = sum(calendar.works(each) for each in after)
    assert worked == (count or int(found != day))


@given(CALENDARS, DAYS, DAYS, COUNTS, COUNTS)
def test_later_and_more_is_never_earlier(
    calendar: WorkCalendar, one: date, other: date, a: int, b: int
) -> None:
    assert calendar.add(min(one, other), min(a, b)) <= calendar.add(max(one, other), max(a, b))


@given(CALENDARS, DAYS, COUNTS, COUNTS)
def test_adding_twice_is_adding_the_sum_and_adding_nothing_changes_no_business_day(
    calendar: WorkCalendar, day: date, a: int, b: int
) -> None:
    if calendar.works(day):
        assert calendar.add(day, 0) == day
    if calendar.works(day) or a:  # else 0 moves to the next business day, from which others count
        assert calendar.add(calendar.add(day, a), b) == calendar.add(day, a + b)


def test_the_past_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot go back 1"):
        WorkCalendar().add(date(2026, 12, 4), -1)


@given(CALENDARS, MOMENTS, MOMENTS, st.integers(1, 20))
def test_deadlines_are_in_order_and_on_the_day_whatever_the_clocks_do(
    calendar: WorkCalendar, one: datetime, other: datetime, count: int
) -> None:
    other = other.astimezone(one.tzinfo)
    due = calendar.due(one, count)
    assert due.tzinfo is one.tzinfo
    assert due.astimezone(UTC) > one.astimezone(UTC)
    assert due.date() == calendar.add(one.date(), count)
    assert due == due.astimezone(UTC).astimezone(due.tzinfo), "a time that there is"
    first, second = sorted((one, other), key=lambda moment: moment.astimezone(UTC))
    assert calendar.due(first, count).astimezone(UTC) <= calendar.due(second, count).astimezone(UTC)


@pytest.mark.parametrize(
    ("zone", "resolved", "due"),
    [
        ("Europe/Berlin", "2026-03-27T20:00", "2026-03-30T17:00+02:00"),  # summer time begins
        ("Europe/Berlin", "2026-10-23T20:00", "2026-10-26T17:00+01:00"),  # and ends
        ("America/New_York", "2026-03-06T20:00", "2026-03-09T17:00-04:00"),
        ("Europe/Berlin", "2026-12-23T09:00", "2026-12-24T17:00+01:00"),
        ("Europe/Berlin", "2026-12-24T09:00", "2026-12-28T17:00+01:00"),  # over a holiday
        ("Europe/Berlin", "2026-12-05T03:00", "2026-12-07T17:00+01:00"),  # from a Saturday
    ],
)
def test_the_next_business_day(zone: str, resolved: str, due: str) -> None:
    calendar = WorkCalendar(frozenset({date(2026, 12, 25)}))
    moment = datetime.fromisoformat(resolved).replace(tzinfo=ZoneInfo(zone))
    assert calendar.due(moment, 1).isoformat(timespec="minutes") == due


@given(MOMENTS, st.sampled_from(Severity))
def test_hours_are_hours_and_everything_is_due_after_it(
    resolved: datetime, severity: Severity
) -> None:
    hours = {duty.id: duty.within for duty in TABLE.duties if duty.clock == "hours"}
    owed = due_after(resolved, severity, TABLE)
    assert owed
    for one in owed:
        passed = one.due.astimezone(UTC) - resolved.astimezone(UTC)
        assert passed > timedelta(0)
        if one.id in hours:
            assert passed == timedelta(hours=hours[one.id])
    dues = [one.due.astimezone(UTC) for one in owed]
    assert dues == sorted(dues)


@given(MOMENTS)
def test_worse_owes_no_less(resolved: datetime) -> None:
    owed = [{one.id for one in due_after(resolved, severity, TABLE)} for severity in Severity]
    assert owed == sorted(owed, key=len, reverse=True)
    assert all(less <= more for more, less in pairwise(owed))
    assert owed[0] == {duty.id for duty in TABLE.duties} - {RESPONSE}  # a SEV1 has minutes for that


@pytest.mark.parametrize(
    ("severity", "within"),
    [(Severity.SEV1, 300), (Severity.SEV2, 900), (Severity.SEV3, 3600), (Severity.SEV4, None)],
)
def test_each_severitys_response_time_is_applied_in_one_place(
    severity: Severity, within: float | None
) -> None:
    """In the drill by the policy, or by the calendar, for which no drill is long enough."""
    log = Log(severity=severity)
    log.say(Detected(by="alice"), 100)
    noticed = datetime(2026, 12, 4, 20, tzinfo=ZoneInfo("Europe/Berlin"))  # a Friday evening
    later = {one.id: one.due for one in due_after(None, severity, TABLE, noticed)}
    assert [duty.within for duty in log.owed("response_time")] == ([within] if within else [])
    assert set(later) == (set() if within else {RESPONSE})
    if within is None:
        assert later[RESPONSE].isoformat(timespec="minutes") == "2026-12-07T17:00+01:00"


def test_what_counts_from_an_unknown_moment_is_not_made_up() -> None:
    moment = datetime(2026, 12, 4, 17, tzinfo=UTC)
    assert RESPONSE not in {one.id for one in due_after(moment, Severity.SEV4, TABLE)}
    assert {one.id for one in due_after(None, Severity.SEV4, TABLE, moment)} == {RESPONSE}


def test_deadlines_as_the_runbooks_teach_them() -> None:
    resolved = datetime(2026, 12, 4, 17, tzinfo=ZoneInfo("Europe/Berlin"))
    owed = {o.id: (o.due, o.owed_by) for o in due_after(resolved, Severity.SEV1, TABLE)}
    assert {name: due.isoformat(timespec="minutes")[:16] for name, (due, _) in owed.items()} == {
        "status_page_resolved": "2026-12-04T18:00",
        "customer_email": "2026-12-05T17:00",
        "ticket": "2026-12-05T17:00",
        "review_invitation": "2026-12-06T17:00",
        "postmortem_draft": "2026-12-06T17:00",
        "review": "2026-12-11T17:00",
        "channel_archived": "2026-12-11T17:00",
        "actions_verified": "2027-01-03T17:00",
    }
    assert [item.minutes for item in TABLE.meeting.agenda] == [5, 15, 10, 10, 15, 5]
    assert TABLE.meeting.minutes == 60
    sev2 = {one.id for one in due_after(resolved, Severity.SEV2, TABLE)}
    assert sev2 == set(owed) - {"customer_email"}
    assert "review" not in {one.id for one in due_after(resolved, Severity.SEV3, TABLE)}


@given(MOMENTS)
def test_the_meeting_is_after_the_draft_and_before_the_review_is_late(resolved: datetime) -> None:
    owed = {one.id: one.due.astimezone(UTC) for one in due_after(resolved, Severity.SEV1, TABLE)}
    begins = TABLE.meeting.begins(resolved, TABLE.calendar).astimezone(UTC)
    assert owed["postmortem_draft"] < begins + timedelta(hours=1) < owed["review"]


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="without a time zone"):
        due_after(datetime(2026, 12, 4, 17), Severity.SEV1, TABLE)


def _record(number: int, event: Any) -> Record:
    at = Instant(0.0, number, "boot")
    return Record("run", number, event, at, at, None, "", "")


def test_the_last_word_counts_and_what_is_struck_out_does_not() -> None:
    resolved = datetime(2026, 12, 4, 17, tzinfo=UTC)
    records = [
        _record(1, FollowUpRecorded(by="a", item="ticket")),
        _record(2, FollowUpRecorded(by="a", item="review", done=False)),
        _record(3, FollowUpRecorded(by="a", item="review", done=True)),
        _record(4, FollowUpRecorded(by="a", item="ticket", done=False)),
        _record(5, NoteAdded(by="a", text="postmortem_draft")),
    ]
    known = recorded(records, [records[2].id])
    assert known == {"ticket": False, "review": False}
    known = recorded(records, [records[3].id])
    assert known == {"ticket": True, "review": True}
    states = {
        one.id: state_of(one, {"ticket": True, "review": False}, resolved + timedelta(hours=2))
        for one in due_after(resolved, Severity.SEV2, TABLE)
    }
    assert states["ticket"] is FollowUpState.DONE
    assert states["review"] is FollowUpState.LEFT_OUT
    assert states["status_page_resolved"] is FollowUpState.OVERDUE
    assert states["postmortem_draft"] is FollowUpState.OPEN


# --- the table -----------------------------------------------------------------------------


def _table(**changes: Any) -> dict[str, Any]:
    duty = {
        "id": "review",
        "title": "T",
        "owed_by": "scribe",
        "within": 5,
        "clock": "business_days",
    }
    agenda = [{"minutes": 60, "topic": "all"}]
    meeting = {"duty": "review", "title": "T", "business_days": 3, "starts": "10:00"}
    said = {"zone": "UTC", "day_ends": "17:00", "holidays": ["2026-12-25"], "duties": [duty]}
    return {**said, "meeting": {**meeting, "agenda": agenda}, **changes}


def test_holidays_are_read_and_old_names_of_severities_too() -> None:
    values = _table()
    values["duties"][0]["severities"] = ["P1", "P2"]
    table = FollowUpTable.model_validate(values)
    assert not table.calendar.works(date(2026, 12, 25))
    assert table.review.severities == [Severity.SEV1, Severity.SEV2]


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("duties", [], "at least 1"),
        ("duties", _table()["duties"] * 2, "more than one duty 'review'"),
        ("duties", [{**_table()["duties"][0], "id": "other"}], "there is no duty 'review'"),
        ("duties", [{**_table()["duties"][0], "within": 2}], "business day 3 is after the 2"),
        ("duties", [{**_table()["duties"][0], "within": 0}], "greater than 0"),
        ("duties", [{**_table()["duties"][0], "clock": "weeks"}], "business_days"),
        ("duties", [{**_table()["duties"][0], "since": "noticed"}], "leave `since` out"),
        ("holidays", ["25.12."], "'25.12.' is no date"),
        ("holidays", [20261225], "20261225 is no date"),
        ("day_ends", "5 pm", "'5 pm' is no time of day"),
        ("day_ends", 17, "17 is no time of day"),
        ("meeting", {**_table()["meeting"], "agenda": []}, "at least 1"),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(key: str, value: Any, said: str) -> None:
    FollowUpTable.model_validate(_table())
    with pytest.raises(ValidationError, match=said):
        FollowUpTable.model_validate(_table(**{key: value}))


def test_a_mistake_in_a_teams_table_is_placed(tmp_path: Path) -> None:
    text = (PACKAGED / "followups.yaml").read_text(encoding="utf-8")
    (tmp_path / "followups.yaml").write_text(text.replace("holidays: []", "holidays: [25.12.]"))
    with pytest.raises(InvalidFile) as caught:
        load_table("followups", FollowUpTable, tmp_path)
    place = r"followups\.yaml:10:12: holidays\.0: '25\.12\.' is no date; write it as 2026-12-25"
    assert re.search(place, str(caught.value))
