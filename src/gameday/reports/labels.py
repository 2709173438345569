"""Marks with labels that do not cover each other: each takes the first level with room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gameday.reports.axis import Axis
from gameday.reports.drawing import Mark

LEVEL = 17.0
"""Height of one level of labels."""
_MOST_LEVELS = 9
_CROWD = 60
_MERGE = 42.0
_CHARACTER = 6.4
_GAP = 8.0


@dataclass(frozen=True, slots=True)
class Moment:
    """Something to be marked at a time. ``title``: makes what explains it; called only for what is
    drawn, which of a crowd of thousands is little. ``minor``: the first to be merged where it is
    crowded."""

    at: float
    shape: str
    kind: str
    text: str
    title: Callable[[], str]
    event: str
    struck: bool = False
    minor: bool = False
    count: int = 1


def clip(text: str, most: int) -> str:
    """Text of at most so many characters, its end replaced where it is longer."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def place(moments: Sequence[Moment], on: Axis, edge: float) -> tuple[tuple[Mark, ...], int]:
    """Marks for the moments and how many levels they need; no label goes beyond ``edge``.

    A crowd is merged into counted marks, so that thousands of entries stay a drawing.
    """
    moments = sorted(moments, key=lambda moment: moment.at)
    if len(moments) > _CROWD:
        moments = _merged(moments, on, minor_only=True)
    if len(moments) > _CROWD:
        moments = _merged(moments, on, minor_only=False)
    taken: list[float] = []
    marks = []
    crowded = 0
    for moment in moments:
        x = on.x(moment.at)
        width = len(moment.text) * _CHARACTER + _GAP
        left = x + _GAP + width > edge
        begin, end = (x - _GAP - width, x + _GAP) if left else (x - _GAP, x + _GAP + width)
        level = _level(taken, begin, end)
        crowded = 1 if level is None else crowded
        marks.append(_mark(moment, x, level, left))
    return tuple(marks), max(len(taken), 1) + crowded


def _level(taken: list[float], begin: float, end: float) -> int | None:
    for index, until in enumerate(taken):
        if until <= begin:
            taken[index] = end
            return index
    if len(taken) < _MOST_LEVELS:
        taken.append(end)
        return len(taken) - 1
    return None


def _mark(moment: Moment, x: float, level: int | None, left: bool) -> Mark:
    """Without a free level the mark stands below them all and only its title speaks."""
    y = (_MOST_LEVELS if level is None else level) * LEVEL + LEVEL / 2
    return Mark(
        x=x,
        y=y,
        shape=moment.shape,
        kind=moment.kind,
        title=moment.title(),
        event=moment.event,
        text="" if level is None else moment.text,
        text_x=round(x - _GAP if left else x + _GAP, 1),
        anchor="end" if left else "start",
        struck=moment.struck,
    )


def _merged(moments: Sequence[Moment], on: Axis, *, minor_only: bool) -> list[Moment]:
    kept = [moment for moment in moments if minor_only and not moment.minor]
    groups: dict[int, list[Moment]] = {}
    for moment in moments:
        if moment.minor or not minor_only:
            groups.setdefault(int(on.x(moment.at) / _MERGE), []).append(moment)
    merged = [group[0] if len(group) == 1 else _crowd(group) for group in groups.values()]
    return sorted([*kept, *merged], key=lambda moment: moment.at)


def _crowd(group: Sequence[Moment]) -> Moment:
    first, count = group[0], sum(moment.count for moment in group)

    def title() -> str:
        return f"{count} entries from {first.event} on; first: {first.title()}"

    return Moment(first.at, "circle", "crowd", f"×{count}", title, first.event, count=count)
