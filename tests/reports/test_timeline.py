"""The geometry of the timeline: places are true, thinning hides nothing, labels keep apart."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from gameday.core.log.events import Record, SamplesRecorded
from gameday.core.run.exercise_clock import exercise_seconds
from gameday.core.words import Milestone
from gameday.reports.axis import Axis, axis, ticks
from gameday.reports.drawing import Lane, Timeline
from gameday.reports.labels import Moment, place
from gameday.reports.people_lanes import deadline, pause_offsets
from gameday.reports.plots import SLICES, Series, plot, series
from gameday.reports.timeline import timeline
from tests.reports.sample_runs import going_on, huge, only_scheduled, rich, stuck

ON = Axis(0.0, 1000.0, 0.0, 1000.0)


Row = tuple[float, bool, float | None]


def columns(rows: list[Row]) -> Series:
    at, ok, values = zip(*rows, strict=True)
    return Series(at, ok, values)


def lane(drawn: Timeline, name: str) -> Lane:
    return next(placed.lane for placed in drawn.lanes if placed.lane.name == name)


def test_the_axis_is_linear_and_holds_what_lies_outside_at_its_edges() -> None:
    on = axis([-10, 90], 100, 300)
    assert (on.x(-10), on.x(40), on.x(90)) == (100, 200, 300)
    assert (on.x(-99), on.x(999)) == (100, 300)
    assert (on.shows(90), on.shows(91)) == (True, False)


@pytest.mark.parametrize("span", [0, 0.4, 3, 59, 600, 7200, 86_400, 7 * 86_400, 90 * 86_400])
def test_ticks_are_few_ordered_and_on_the_axis(span: float) -> None:
    on = axis([-span / 9, span], 0, 900)
    found = ticks(on)
    assert 2 <= len(found) <= 12
    assert all(a.x < b.x for a, b in pairwise(found))
    assert "start" in [tick.label for tick in found]


def test_marks_stand_where_their_time_is() -> None:
    card = rich()
    drawn = timeline(card)
    on = Axis(min(s.at[0] for s in series(card).values()), 0, drawn.left, drawn.right)
    on = Axis(on.start, card.offset(card.ended), drawn.left, drawn.right)
    marks = {mark.event: mark.x for mark in lane(drawn, "milestones").marks}
    for name, mark in card.milestones.items():
        assert mark is not None
        assert marks[mark.event] == pytest.approx(on.x(card.offset(mark.at)), abs=1), name


def test_a_deadline_moves_by_the_pauses_in_it() -> None:
    assert deadline(10, 60, []) == 70
    assert deadline(10, 60, [(20, 50)]) == 100
    assert deadline(10, 60, [(0, 20)]) == 80
    assert deadline(10, 60, [(70, 90)]) == 70
    assert deadline(10, 60, [(20, 30), (75, 85)]) == 90


def test_a_deadline_is_the_target_on_the_exercises_own_clock() -> None:
    card = rich()
    start = card.milestones[Milestone.IMPACTED]
    assert start is not None
    for within, paused in ((60.0, 0.0), (240.0, 45.0)):
        end = deadline(card.offset(start.at), within, pause_offsets(card))
        at = card.started.plus(end)
        assert exercise_seconds(card.state, start.at, at) == pytest.approx(within)
        assert end - card.offset(start.at) == pytest.approx(within + paused)


def test_thinning_keeps_extremes_and_failures() -> None:
    rows: list[Row] = [(n / 100, True, 50 + n % 7) for n in range(100_000)]
    rows[41_234] = (412.34, False, 900.0)
    rows[70_001] = (700.01, True, 1.0)
    drawn = plot(columns(rows), ON, 46)
    assert len(re.findall("[ML]", drawn.path)) <= 2 * SLICES
    heights = [float(y) for y in re.findall(r"[ML][\d.]+ ([\d.]+)", drawn.path)]
    assert (min(heights), max(heights)) == (3.0, 38.0)
    (failed,) = drawn.failed
    assert failed.x <= 412.34 <= failed.x + failed.width


def test_a_gap_in_the_samples_breaks_the_line() -> None:
    whole: list[Row] = [(float(n), True, float(n % 9)) for n in range(1000)]
    torn = [row for row in whole if not 400 < row[0] < 600]
    assert plot(columns(whole), ON, 46).path.count("M") == 1
    assert plot(columns(torn), ON, 46).path.count("M") == 2


def test_samples_without_a_value_break_the_line_and_are_marked() -> None:
    rows: list[Row] = [
        (float(n), not 400 < n < 600, None if 400 < n < 600 else float(n % 9)) for n in range(1000)
    ]
    drawn = plot(columns(rows), ON, 46)
    assert drawn.path.count("M") == 2
    assert len(drawn.failed) == 1
    assert drawn.failed[0].width == pytest.approx(200, abs=10)


def test_samples_are_drawn_in_the_order_of_their_time_and_across_a_reboot() -> None:
    card = rich()
    drawn = series(card)
    late = replace(card, records=tuple(_last_first(record) for record in card.records))
    assert late.records != card.records
    assert series(late) == drawn

    half = card.started.boot + 60_000_000_000
    two_boots = replace(card, records=tuple(_rebooted(record, half) for record in card.records))
    assert {record.at.boot_id for record in two_boots.records} > {"another"}
    for name, found in series(two_boots).items():
        assert found.at == pytest.approx(drawn[name].at, abs=1e-3)
        assert (found.ok, found.values) == (drawn[name].ok, drawn[name].values)


def _last_first(record: Record) -> Record:
    if isinstance(record.event, SamplesRecorded):
        return replace(record, event=replace(record.event, samples=record.event.samples[::-1]))
    return record


def _rebooted(record: Record, since: int) -> Record:
    """The record with the clock of another boot, where it is later than a time."""
    if record.at.boot < since or not isinstance(record.event, SamplesRecorded):
        return record
    samples = tuple(s._replace(at=s.at - since) for s in record.event.samples)
    at = replace(record.at, boot=record.at.boot - since, boot_id="another")
    return replace(record, at=at, event=replace(record.event, samples=samples))


def test_labels_of_one_level_do_not_meet() -> None:
    moments = [Moment(n * 7.0, "circle", "said", f"entry {n}", str, f"e{n}") for n in range(40)]
    marks, levels = place(moments, ON, 1040)
    assert levels > 1
    by_level: dict[float, list[tuple[float, float]]] = {}
    for mark in marks:
        if mark.text:
            by_level.setdefault(mark.y, []).append((mark.x, mark.text_x + 6.4 * len(mark.text)))
    for spans in by_level.values():
        assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))


def test_a_crowd_is_counted_and_none_is_lost() -> None:
    moments = [Moment(n / 10, "circle", "said", "note", str, f"e{n}") for n in range(10_000)]
    marks, _ = place(moments, ON, 1040)
    assert len(marks) <= 25
    assert all(mark.title.split()[0].isdigit() for mark in marks)
    assert sum(int(mark.title.split()[0]) for mark in marks) == 10_000


def test_a_stuck_fault_lasts_to_the_end_of_the_drawing() -> None:
    drawn = timeline(stuck())
    (bar,) = lane(drawn, "break").bars
    assert bar.kind == "stuck"
    assert bar.x + bar.width == pytest.approx(drawn.right, abs=1)


def test_a_run_that_goes_on_is_still_lost_at_the_edge() -> None:
    drawn = timeline(going_on())
    bar = lane(drawn, "steady state").bars[-1]
    assert bar.kind == "lost"
    assert "still lost" in bar.title
    assert bar.x + bar.width == pytest.approx(drawn.right, abs=2)


def test_a_run_of_one_record_can_be_drawn() -> None:
    drawn = timeline(only_scheduled())
    assert lane(drawn, "steady state").notes == ("no samples",)
    assert lane(drawn, "milestones").notes == ("none reached",)


def test_many_people_share_a_lane() -> None:
    names = [placed.lane.name for placed in timeline(huge(500, 1000)).lanes]
    assert "5 others" in names


def test_in_a_crowd_of_notes_what_counts_keeps_its_own_mark() -> None:
    notes = [
        Moment(n / 10, "circle", "said", "note", str, f"e{n}", minor=True) for n in range(9000)
    ]
    marks, _ = place([*notes, Moment(450.0, "circle", "said", "declared SEV1", str, "d")], ON, 1040)
    assert [mark.text for mark in marks if mark.event == "d"] == ["declared SEV1"]
