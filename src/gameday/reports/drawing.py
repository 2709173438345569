"""Shapes of the timeline as values. Places are in units of the drawing; text is unescaped."""

from __future__ import annotations

from dataclasses import dataclass, field

from gameday.reports.axis import Tick


@dataclass(frozen=True, slots=True)
class Bar:
    """An interval. ``kind`` is its look, ``text`` stands in it, ``title`` explains it."""

    x: float
    width: float
    y: float
    height: float
    kind: str
    title: str = ""
    event: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment. ``anchor``: which end of the label stands at ``text_x``."""

    x: float
    y: float
    shape: str
    kind: str
    title: str
    event: str
    text: str = ""
    text_x: float = 0.0
    anchor: str = "start"
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Deadline:
    """Where a target ends. ``beyond``: it lies after the end of the axis, so only words stand."""

    x: float
    y: float
    height: float
    label: str
    label_x: float
    anchor: str
    beyond: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """A probe's samples: a line as SVG path data, failed samples as bars, a tolerance's end."""

    path: str
    failed: tuple[Bar, ...]
    bounds: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Lane:
    """A row. Everything in it is placed from its own top; ``heading`` opens a group of rows."""

    name: str
    height: float
    heading: str = ""
    notes: tuple[str, ...] = ()
    tone: str = ""
    bars: tuple[Bar, ...] = ()
    marks: tuple[Mark, ...] = ()
    deadline: Deadline | None = None
    plot: Plot | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A lane and where its top is."""

    y: float
    lane: Lane


@dataclass(frozen=True, slots=True)
class Line:
    """A moment that runs through all lanes."""

    x: float
    kind: str
    title: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The whole drawing."""

    width: float
    height: float
    left: float
    right: float
    top: float
    title: str
    summary: str
    ticks: tuple[Tick, ...]
    lanes: tuple[Placed, ...]
    pauses: tuple[Bar, ...] = field(default=())
    lines: tuple[Line, ...] = field(default=())
