"""Lanes of the exercise: injects, what each person said and did, milestones and targets.

People stand in the order in which they first spoke. Nothing here counts or compares them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from gameday.core.log import events as e
from gameday.core.log.events import Event, Record
from gameday.core.run.milestones import Mark
from gameday.core.run.state import Pause
from gameday.core.run.times import ResponseTime
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.words import Milestone
from gameday.reports.axis import Axis
from gameday.reports.drawing import Bar, Deadline, Lane
from gameday.reports.labels import LEVEL, Moment, clip, place
from gameday.reports.lines import line
from gameday.reports.wording import limit, offset, sign, took

_ROW = 22.0
_MOST_PEOPLE = 8
_LONGEST = 34
_CHARACTER = 6.6
_CLEAR = 6.0

_SHORT: Mapping[type[Event], Callable[[Any], str]] = {
    e.Detected: lambda _: "detected",
    e.Acknowledged: lambda _: "acknowledged",
    e.Declared: lambda x: f"declared {x.severity}",
    e.SeverityChanged: lambda x: str(x.severity),
    e.Triaged: lambda _: "triaged",
    e.RoleAssigned: lambda x: str(x.role).replace("_", " "),
    e.NoteAdded: lambda _: "note",
    e.ActionTaken: lambda x: "acted" if x.ok else "acted, in vain",
    e.MitigationClaimed: lambda _: "says mitigated",
    e.ResolutionClaimed: lambda _: "says resolved",
    e.EntryAnnulled: lambda x: f"annulled {x.entry}",
    e.RoleHandedOver: lambda x: f"hands over to {x.holder}",
    e.HypothesisStated: lambda _: "hypothesis",
    e.HypothesisJudged: lambda x: str(x.verdict),
    e.MitigationProposed: lambda x: f"proposes {x.option}".replace("_", " "),
    e.MitigationApproved: lambda _: "approves",
    e.Communicated: lambda x: f"told {str(x.audience).replace('_', ' ')}",
    e.Escalated: lambda x: f"called {x.to}".replace("_", " "),
    e.ItemChecked: lambda x: f"✓ {x.item.rpartition('.')[2]}".replace("_", " "),
    e.PatternObserved: lambda x: f"saw {x.rule}".replace("_", " "),
    e.HintGiven: lambda _: "hint",
    e.StoryTold: lambda x: "users are well" if x.well else "users are hurt",
    e.ActionItemAdded: lambda _: "action item",
    e.FollowUpRecorded: lambda x: x.item.replace("_", " "),
    e.DebriefAnswered: lambda _: "debrief",
}


def inject_lane(card: Scorecard, on: Axis, edge: float) -> Iterator[Lane]:
    """What the exercise gave to people."""
    moments = [
        _moment(card, record, "triangle", "inject", record.event.title)
        for record in card.records
        if isinstance(record.event, e.InjectSent)
    ]
    if moments:
        yield _lane("injects", moments, on, edge, "Exercise")
    overdue = [
        _moment(card, record, "triangle", "refuted", record.event.title)
        for record in card.records
        if isinstance(record.event, e.DutyMissed)
    ]
    if overdue:
        yield _lane("overdue", overdue, on, edge, "" if moments else "Exercise")


def people_lanes(card: Scorecard, on: Axis, edge: float) -> Iterator[Lane]:
    """One lane a person; beyond eight persons the rest share one, with names."""
    spoken: dict[str, list[Record]] = {}
    for record in card.records:
        if isinstance(record.event, e.ResponderFact):
            spoken.setdefault(record.event.by, []).append(record)
    refuted = {item.event for item in card.false_all_clears}
    alone, shared = list(spoken)[:_MOST_PEOPLE], list(spoken)[_MOST_PEOPLE:]
    for index, name in enumerate(alone):
        moments = [_said(card, record, refuted) for record in spoken[name]]
        yield _lane(name, moments, on, edge, "People" if index == 0 else "")
    rest = [_said(card, record, refuted, name) for name in shared for record in spoken[name]]
    if rest:
        yield _lane(f"{len(shared)} others", rest, on, edge, "")


def milestone_lane(card: Scorecard, on: Axis, edge: float) -> Lane:
    """The milestones that were reached."""
    moments = [
        Moment(
            card.offset(mark.at),
            "diamond",
            "milestone",
            str(name),
            partial(_milestone_title, card, name, mark),
            mark.event,
        )
        for name, mark in card.milestones.items()
        if mark is not None
    ]
    notes = () if moments else ("none reached",)
    lane = _lane("milestones", moments, on, edge, "Response times")
    return Lane(lane.name, lane.height, lane.heading, notes, marks=lane.marks)


def _milestone_title(card: Scorecard, name: Milestone, mark: Mark) -> str:
    return f"{name} at {offset(card.offset(mark.at))} ({mark.event})"


def target_lanes(card: Scorecard, on: Axis) -> Iterator[Lane]:
    """A bar for each response time and a tick where its target ended."""
    for time in card.times:
        start = card.milestones[time.target.from_]
        verdict = f"{sign(time.verdict)} {time.verdict}"
        if start is None:
            yield Lane(time.name, _ROW, notes=(verdict,))
            continue
        begun = card.offset(start.at)
        bar = _time_bar(card, time, begun, on)
        yield Lane(
            time.name,
            _ROW,
            notes=(f"{took(time.seconds)} {verdict}" if time.seconds is not None else verdict,),
            tone=str(time.verdict),
            bars=(bar,),
            deadline=_deadline(card, time, begun, bar, on),
        )


def deadline(start: float, within: float, pauses: Sequence[tuple[float, float]]) -> float:
    """When a time limit ends on a clock that stands still in the pauses; they come in order."""
    end = start + within
    for begun, over in pauses:
        if over > start and begun < end:
            end += over - max(begun, start)
    return end


def pause_offsets(card: Scorecard) -> list[tuple[float, float]]:
    """The pauses as seconds after the start; one that is going on lasts until now."""
    return [_pause(card, pause) for pause in card.state.pauses]


def _pause(card: Scorecard, pause: Pause) -> tuple[float, float]:
    return card.offset(pause.start), card.offset(pause.end or card.ended)


def _time_bar(card: Scorecard, time: ResponseTime, begun: float, on: Axis) -> Bar:
    stop = card.milestones[time.target.to]
    reached = stop is not None
    if stop is not None:
        end = max(card.offset(stop.at), begun)
    else:
        end = deadline(begun, time.observed_s or 0.0, pause_offsets(card))
    x, until = on.x(begun), on.x(end)
    event = (time.to_event if reached else time.from_event) or ""
    kind = f"time {time.verdict}" if reached else f"time open {time.verdict}"
    return Bar(x, max(round(until - x, 1), 2.0), 7.0, _ROW - 14, kind, time.why, event)


def _deadline(card: Scorecard, time: ResponseTime, begun: float, bar: Bar, on: Axis) -> Deadline:
    """The label stands beside both the tick and the bar, on the side that has room."""
    at = deadline(begun, time.target.within, pause_offsets(card))
    target = f"target {limit(time.target.within)}"
    beyond = not on.shows(at)
    x, width = on.x(at), (len(target) + 4) * _CHARACTER
    after = max(bar.x + bar.width, on.x(begun) if beyond else x) + _CLEAR
    if beyond and on.right - width > after:
        return Deadline(x, 2.0, _ROW - 4, f"{target} →", on.right - 2, "end", beyond)
    if after + width < on.right:
        return Deadline(x, 2.0, _ROW - 4, target, after, "start", beyond)
    target += ", later" if beyond else ""
    return Deadline(x, 2.0, _ROW - 4, target, bar.x - _CLEAR, "end", beyond)


def _lane(name: str, moments: Sequence[Moment], on: Axis, edge: float, heading: str) -> Lane:
    marks, levels = place(moments, on, edge)
    return Lane(name, levels * LEVEL + 4, heading=heading, marks=marks)


def _said(card: Scorecard, record: Record, refuted: set[str], prefix: str = "") -> Moment:
    event = record.event
    assert isinstance(event, e.ResponderFact)
    text = _SHORT.get(type(event), lambda _: "spoke")(event)
    struck = record.id in card.state.annulled
    kind, shape = ("late", "ring") if event.late else ("said", "circle")
    if record.id in refuted:
        kind, shape, text = "refuted", "cross", f"{text} (false)"
    if isinstance(event, e.ActionTaken) and event.ok:
        kind = "acted"
    text = f"{prefix}: {text}" if prefix else text
    text += " (late)" if event.late else ""
    text += " (annulled)" if struck else ""
    minor = isinstance(event, e.NoteAdded)
    kind = "struck" if struck else kind
    return _moment(card, record, shape, kind, text, struck=struck, minor=minor)


def _moment(
    card: Scorecard,
    record: Record,
    shape: str,
    kind: str,
    text: str,
    *,
    struck: bool = False,
    minor: bool = False,
) -> Moment:
    at = card.offset(record.at)

    def title() -> str:
        told = line(record)
        return f"{offset(at)} {clip(told.text if told else text, 160)} ({record.id})"

    return Moment(at, shape, kind, clip(text, _LONGEST), title, record.id, struck, minor)
