"""Lanes of the system: steady state, each probe's samples, the faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gameday.core.log import events as e
from gameday.core.run.state import FaultState, FaultStatus
from gameday.core.scenario.probes import HttpProbe, Range
from gameday.core.scorecard.fault_summary import FaultSummary
from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.axis import Axis
from gameday.reports.drawing import Bar, Lane, Mark
from gameday.reports.labels import clip
from gameday.reports.plots import Series, plot
from gameday.reports.wording import offset, percent, several, took

_BAND = 22.0
_PLOT = 46.0
_ROW = 24.0
_MOST_FAULTS = 12
_ROOM_FOR_TEXT = 110.0
_LONGEST_NOTE = 19


def steady_lane(card: Scorecard, series: Mapping[str, Series], on: Axis) -> Lane:
    """Good from the first to the last sample, lost in between."""
    sampled = [series[name].at for name in card.state.steady_probes if name in series]
    ends = [time for at in sampled if at for time in (at[0], at[-1])]
    bars = [_lost(card, index, on) for index in range(len(card.impacts))]
    notes = ("no samples",)
    if ends:
        proved = card.state.started_at is not None
        kind, title = ("steady", "steady") if proved else ("doubt", "steady state not proved")
        bars.insert(0, _bar(on, min(ends), max(ends), kind, title))
        notes = (f"{percent(card.steady_state.availability)} good",)
    return Lane("steady state", _BAND, heading="System", notes=notes, bars=tuple(bars))


def _lost(card: Scorecard, index: int, on: Axis) -> Bar:
    impact = card.impacts[index]
    start = card.offset(impact.start.at)
    end = card.offset(impact.end.at if impact.end else card.ended)
    text = f"lost {took(impact.seconds)}" + ("" if impact.end else ", still lost")
    title = f"steady state {text}, from {offset(start)}"
    bar = _bar(on, start, end, "lost", title, impact.start.event)
    return replace(bar, text=text if bar.width >= _ROOM_FOR_TEXT else "")


def probe_lanes(card: Scorecard, series: Mapping[str, Series], on: Axis) -> Iterator[Lane]:
    """Each probe's samples as a small plot, failed ones marked at its foot."""
    for name, found in series.items():
        if not found.at:
            yield Lane(name, _BAND, notes=("no samples",))
            continue
        notes = (_range(card, name, found), _failed(found.ok.count(False), len(found.at)))
        drawn = plot(found, on, _PLOT, _bounds(card, name))
        yield Lane(name, _PLOT, notes=notes, plot=drawn)


def _failed(failed: int, count: int) -> str:
    long = f"{failed:,} of {count:,} failed"
    return long if len(long) <= _LONGEST_NOTE else f"{failed:,} failed"


def _bounds(card: Scorecard, name: str) -> tuple[float, ...]:
    probe = card.scenario.probes.get(name)
    if probe is not None and isinstance(probe.tolerance, Range):
        return probe.tolerance.range
    return ()


def _range(card: Scorecard, name: str, found: Series) -> str:
    if not found.measured:
        return "good or failed"
    values = [value for value in found.values if value is not None]
    probe = card.scenario.probes.get(name)
    unit = " ms" if isinstance(probe, HttpProbe) and probe.measure == "latency" else ""
    return f"{_number(min(values))} – {_number(max(values))}{unit}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def fault_lanes(card: Scorecard, on: Axis) -> Iterator[Lane]:
    """A bar from injected to proved out for each fault, and a mark where it was intended."""
    intents = {
        record.event.fault: record.id
        for record in reversed(card.records)
        if isinstance(record.event, e.FaultIntended)
    }
    for index, fault in enumerate(card.faults[:_MOST_FAULTS]):
        known = card.state.faults[fault.id]
        yield Lane(
            fault.id,
            _ROW,
            heading="Faults" if index == 0 else "",
            notes=(_fault_note(fault),),
            tone="bad" if fault.status is FaultStatus.STUCK else "",
            bars=tuple(_fault_bars(card, fault, known, on)),
            marks=_intended(card, fault, known, intents.get(fault.id, ""), on),
        )
    more = len(card.faults) - _MOST_FAULTS
    if more > 0:
        yield Lane(f"{several(more, 'more fault')}", _ROW, notes=("see the table",))


def _fault_note(fault: FaultSummary) -> str:
    if fault.status is FaultStatus.STUCK:
        return "✘ STUCK"
    return "✔ proved out" if fault.verified else str(fault.status)


def _fault_bars(card: Scorecard, fault: FaultSummary, known: FaultState, on: Axis) -> Iterator[Bar]:
    began = known.injected_at or known.intended_at
    if began is None:
        return
    start = card.offset(began)
    end = card.offset(fault.undone.at if fault.undone else card.ended)
    event = fault.injected.event if fault.injected else ""
    doubt = "" if fault.injected else "may have been "
    open_ended = "" if fault.undone else ", not proved out"
    title = f"{fault.id} {doubt}in from {offset(start)} to {offset(end)}{open_ended}"
    kind = "stuck" if fault.status is FaultStatus.STUCK else "fault" if not doubt else "maybe"
    bar = _bar(on, start, end, kind, title, event)
    text = clip(fault.title, int(bar.width / 7))
    yield replace(bar, y=4.0, height=_ROW - 8, text=text if bar.width >= _ROOM_FOR_TEXT else "")


def _intended(
    card: Scorecard, fault: FaultSummary, known: FaultState, event: str, on: Axis
) -> tuple[Mark, ...]:
    if known.intended_at is None:
        return ()
    at = card.offset(known.intended_at)
    title = f"{fault.id}: intent and its undo on record at {offset(at)}"
    return (Mark(on.x(at), _ROW / 2, "square", "intended", title, event),)


def _bar(on: Axis, start: float, end: float, kind: str, title: str, event: str = "") -> Bar:
    x = on.x(start)
    return Bar(x, max(round(on.x(end) - x, 1), 1.5), 3.0, _BAND - 6, kind, title, event)
