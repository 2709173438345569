"""What a run cost of the error budget that the service's objective allows.

The **budget** is the time in which users may be hurt in one window: (1 - objective) x window.
**Spent** is every second in which steady state was lost, from the start of the exercise to the end
of the run, whatever caused it: users do not ask for the cause. Losses that overlap count once, and
pauses count, because users feel those too. The **burn rate** is how fast that was: the share of the
run in which users were hurt, over the share that the objective allows. At 1 the budget lasts for
exactly its window (Site Reliability Workbook, chapter 5, "Alerting on SLOs").
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gameday.core.duration import format_duration
from gameday.core.percent import percent
from gameday.core.scenario.service_level import ServiceLevel

Spans = Iterable[tuple[float, float]]
"""Begin and end in seconds after the start."""


@dataclass(frozen=True, slots=True)
class ErrorBudget:
    """objective: per cent. window_s, budget_s, spent_s: seconds. share: of the budget that was
    spent, over 1 where it was more. burn_rate: None for a run that lasted no time."""

    objective: float
    window_s: float
    budget_s: float
    spent_s: float
    share: float
    burn_rate: float | None

    @property
    def spent(self) -> str:
        """The share of the budget; over the whole of it, how many times."""
        return percent(self.share) if self.share <= 1 else f"{self.share:,.1f} times"

    @property
    def window(self) -> str:
        """The window as people write it: whole days as ``30d``."""
        days, rest = divmod(self.window_s, 86400)
        return format_duration(self.window_s) if rest or not days else f"{days:g}d"


def error_budget(level: ServiceLevel, losses: Spans, lasted: float) -> ErrorBudget:
    """What the losses of a run that lasted so many seconds have spent."""
    spent = covered(losses, lasted)
    return ErrorBudget(
        objective=level.objective,
        window_s=level.window,
        budget_s=level.budget_s,
        spent_s=spent,
        share=spent / level.budget_s,
        burn_rate=spent / lasted / level.allowed if lasted > 0 else None,
    )


def covered(spans: Spans, lasted: float) -> float:
    """Seconds of [0, lasted] that lie in any of the spans."""
    total, until = 0.0, 0.0
    for start, end in sorted(spans):
        total += max(min(end, lasted) - max(start, until), 0.0)
        until = max(until, end)
    return total
