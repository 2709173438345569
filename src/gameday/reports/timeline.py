"""The drawn timeline: what happened, in lanes under one time axis.

Values only, computed from the scorecard; the template turns them into SVG.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from gameday.core.log import events as e
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.words import Milestone
from gameday.reports.axis import Axis, axis, ticks
from gameday.reports.drawing import Bar, Lane, Line, Placed, Timeline
from gameday.reports.people_lanes import (
    inject_lane,
    milestone_lane,
    pause_offsets,
    people_lanes,
    target_lanes,
)
from gameday.reports.plots import Series, series
from gameday.reports.system_lanes import fault_lanes, probe_lanes, steady_lane
from gameday.reports.wording import offset, several, took

WIDTH = 1040.0
LEFT = 128.0
RIGHT = 914.0
_TOP = 30.0
_HEADING = 27.0
_GAP = 5.0
_RUNNING_THROUGH = (Milestone.INJECTED, Milestone.IMPACTED, Milestone.MITIGATED)


def timeline(card: Scorecard) -> Timeline:
    """The drawing of a run."""
    samples = series(card)
    on = axis(_times(card, samples), LEFT, RIGHT)
    lanes = tuple(_stack(_lanes(card, samples, on)))
    height = lanes[-1].y + lanes[-1].lane.height + _GAP
    return Timeline(
        width=WIDTH,
        height=height,
        left=LEFT,
        right=RIGHT,
        top=_TOP,
        title=f"Timeline of {card.scenario.title}",
        summary=_summary(card, on),
        ticks=ticks(on),
        lanes=lanes,
        pauses=tuple(_pauses(card, on, height)),
        lines=tuple(_lines(card, on)),
    )


def _times(card: Scorecard, samples: Mapping[str, Series]) -> list[float]:
    """What the axis must show. A run may be scheduled days before; that it need not show.

    Entries with a stated time before the baseline stand at the edge.
    """
    times = [card.offset(card.ended)]
    times += [end for found in samples.values() if found.at for end in (found.at[0], found.at[-1])]
    closing = [r.at for r in card.records if not isinstance(r.event, e.RunScheduled)]
    times += [max(card.offset(at), 0.0) for at in closing]
    return times


def _lanes(card: Scorecard, samples: Mapping[str, Series], on: Axis) -> Iterator[Lane]:
    yield steady_lane(card, samples, on)
    yield from probe_lanes(card, samples, on)
    yield from fault_lanes(card, on)
    yield from inject_lane(card, on, WIDTH)
    yield from people_lanes(card, on, WIDTH)
    yield milestone_lane(card, on, WIDTH)
    yield from target_lanes(card, on)


def _stack(lanes: Iterator[Lane]) -> Iterator[Placed]:
    y = _TOP
    for lane in lanes:
        y += _HEADING if lane.heading else 0.0
        yield Placed(y, lane)
        y += lane.height + _GAP


def _pauses(card: Scorecard, on: Axis, height: float) -> Iterator[Bar]:
    for start, end in pause_offsets(card):
        x = on.x(start)
        width = max(round(on.x(end) - x, 1), 2.0)
        title = f"paused for {took(end - start)}, from {offset(start)}"
        yield Bar(x, width, _TOP, height - _TOP, "pause", title, text="paused")


def _lines(card: Scorecard, on: Axis) -> Iterator[Line]:
    for name in _RUNNING_THROUGH:
        mark = card.milestones[name]
        if mark is not None:
            yield Line(on.x(card.offset(mark.at)), str(name), f"{name}")


def _summary(card: Scorecard, on: Axis) -> str:
    """What somebody who does not see the drawing should know of it."""
    lost = took(card.steady_state.lost_seconds) if card.impacts else "at no time"
    reached = [
        f"{name} {offset(card.offset(mark.at))}" for name, mark in card.milestones.items() if mark
    ]
    return (
        f"From {offset(on.start)} to {offset(on.end)}: "
        f"{several(len(card.faults), 'fault')}, steady state lost {lost}. "
        f"Milestones: {', '.join(reached) or 'none'}. The tables below hold every value."
    )
