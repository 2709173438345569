"""What reports say of the system's numbers, in words: readings, error budget, protections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gameday.core.scenario.inject import Shows
from gameday.core.scenario.tolerance import describe
from gameday.core.scorecard.error_budget import ErrorBudget
from gameday.core.scorecard.protections import Protection
from gameday.core.scorecard.readings import ProbeReadings, Split, Spread
from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.wording import limit, took

READINGS = (
    "Median reading (lowest to highest) of each probe that is judged by a range. Before begins "
    "with the baseline. What could not be read has no number and is counted apart."
)
_DURING = {Split.IMPACT: "While steady state was lost", Split.FAULT: "While a fault was in"}
_KINDS = {Shows.PROTECTION: "protection", Shows.ALERT: "alert"}


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One probe's readings; a cell for each phase that the run had."""

    probe: str
    allowed: str
    cells: tuple[str, ...]


def phases(card: Scorecard) -> tuple[str, ...]:
    """The heads of the columns of readings."""
    during = _DURING.get(card.system.split)
    return ("All through",) if during is None else ("Before", during, "After")


def reading_rows(card: Scorecard) -> tuple[ReadingRow, ...]:
    """A row for each probe with readings, in the scenario's order."""
    count = len(phases(card))
    return tuple(
        ReadingRow(
            probe=f"{one.probe} (latency)" if one.latency else one.probe,
            allowed=describe(one.tolerance) + _unit(one),
            cells=tuple(_spread(spread, _unit(one)) for spread in _spreads(one))[:count],
        )
        for one in card.system.readings
    )


def kind(shown: Protection) -> str:
    """What it is that was expected of the system."""
    return _KINDS[shown.kind]


def expected_of_system(card: Scorecard) -> tuple[Protection, ...]:
    """Protections first, then alerts."""
    return (*card.system.protections, *card.system.alerts)


def burn_rate(budget: ErrorBudget) -> str:
    """The rate over the run, as a plain number."""
    return "–" if budget.burn_rate is None else _number(budget.burn_rate)


def promised(budget: ErrorBudget) -> str:
    """What the numbers of an error budget mean, with its own."""
    return (
        f"The scenario promises steady state for {budget.objective:g} % of {budget.window}"
        f", an error budget of {limit(budget.budget_s)}; this run spent {took(budget.spent_s)}, "
        "whatever caused the loss. At a burn rate of 1 the budget lasts for exactly its window "
        "(Site Reliability Workbook, chapter 5)."
    )


def hints(card: Scorecard) -> str:
    """``2 hints were given``; empty where none was."""
    count = len(card.hints)
    if not count:
        return ""
    return "1 hint was given" if count == 1 else f"{count} hints were given"


def _spreads(one: ProbeReadings) -> Iterator[Spread]:
    yield from (one.before, one.during, one.after)


def _unit(one: ProbeReadings) -> str:
    return " ms" if one.latency else ""


def _spread(spread: Spread, unit: str) -> str:
    if not spread.samples:
        return "–"
    if spread.median is None or spread.lowest is None or spread.highest is None:
        return f"none of {spread.samples:,} could be read"
    text = f"{_number(spread.median)}{unit}"
    if spread.lowest != spread.highest:
        text += f" ({_number(spread.lowest)} to {_number(spread.highest)})"
    return f"{text}, {spread.unread:,} not read" if spread.unread else text


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
