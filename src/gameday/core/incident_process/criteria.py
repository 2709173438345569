"""When an incident has to be declared: by what it is, or by how fast the error budget burns.

The burn rate at a moment is the share of the window before it (as long as the criterion has to
hold) in which users were hurt, over the share that the objective allows (Site Reliability
Workbook, chapter 5). Users are hurt while steady state is lost.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gameday.core.instant import NANOSECONDS, Instant
from gameday.core.process_tables.policy import Criterion
from gameday.core.process_tables.process import Process
from gameday.core.run.presence import felt
from gameday.core.run.state import Impact, RunState
from gameday.core.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Obliged:
    """From when on an incident had to be declared, and by which criterion."""

    at: Instant
    criterion: str
    because: str


def obliged(state: RunState, process: Process) -> Obliged | None:
    """The earliest moment at which any criterion holds. A loss of steady state that goes on is
    taken to go on: the moment may lie ahead, and is gone when the loss ends before it."""
    impacts = felt(state)
    if not impacts or state.scenario is None:
        return None
    found = []
    for criterion in process.policy.declaration.criteria:
        at = _since(criterion, impacts, state, process)
        if at is not None:
            found.append(Obliged(at, criterion.id, criterion.because))
    return min(found, key=lambda each: each.at.boot, default=None)


def _since(
    criterion: Criterion, impacts: Sequence[Impact], state: RunState, process: Process
) -> Instant | None:
    assert state.scenario is not None
    if criterion.burn_rate is None:
        return impacts[0].start if criterion.holds(state.scenario.impact) else None
    window = process.paced(criterion.for_)
    allowed = 1 - _objective(state.scenario, process) / 100
    return burning_since(impacts, criterion.burn_rate * allowed, window)


def _objective(scenario: Scenario, process: Process) -> float:
    """Per cent: what the scenario says of its own service, or else what the process takes."""
    return scenario.slo.objective if scenario.slo else process.policy.declaration.objective


def burning_since(impacts: Sequence[Impact], share: float, window: float) -> Instant | None:
    """When users had been hurt for more than that share of the last ``window`` seconds, for
    ``window`` seconds; None when that never came."""
    budget = share * window
    for number, impact in enumerate(impacts):
        before = _hurt(impacts[:number], impact.start.boot / NANOSECONDS, window)
        crossed = impact.start.plus(max(budget - before, 0.0))
        if impact.end is not None and crossed.boot >= impact.end.boot:
            continue
        held = crossed.plus(window)
        if _hurt(impacts, held.boot / NANOSECONDS, window) > budget:
            return held
    return None


def _hurt(impacts: Sequence[Impact], at: float, window: float) -> float:
    """Seconds of impact in the window that ends at ``at`` (seconds since boot)."""
    total = 0.0
    for impact in impacts:
        start = impact.start.boot / NANOSECONDS
        end = impact.end.boot / NANOSECONDS if impact.end else at
        total += max(min(end, at) - max(start, at - window), 0.0)
    return total
