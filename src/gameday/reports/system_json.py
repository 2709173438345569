"""What a run says of the system, as JSON values: a part of a run's report."""

from __future__ import annotations

from math import isfinite
from typing import Any

from gameday.core.scorecard.error_budget import ErrorBudget
from gameday.core.scorecard.protections import Protection
from gameday.core.scorecard.readings import ProbeReadings, Spread
from gameday.core.scorecard.system_summary import SystemSummary


def system_values(system: SystemSummary) -> dict[str, Any]:
    """Error budget (null where nothing is promised), readings, protections and alerts."""
    return {
        "error_budget": None if system.budget is None else _budget(system.budget),
        "during": str(system.split),
        "readings": [_readings(one) for one in system.readings],
        "protections": [_protection(one) for one in system.protections],
        "alerts": [_protection(one) for one in system.alerts],
    }


def _budget(budget: ErrorBudget) -> dict[str, Any]:
    rate = budget.burn_rate
    return {
        "objective_percent": budget.objective,
        "window_s": budget.window_s,
        "budget_s": round(budget.budget_s, 3),
        "spent_s": round(budget.spent_s, 3),
        "share": round(budget.share, 9),
        "burn_rate": None if rate is None else round(rate, 3),
    }


def _readings(one: ProbeReadings) -> dict[str, Any]:
    return {
        "probe": one.probe,
        "latency": one.latency,
        "unit": "ms" if one.latency else None,
        "range": [end if isfinite(end) else None for end in one.tolerance.range],
        "before": _spread(one.before),
        "during": _spread(one.during),
        "after": _spread(one.after),
    }


def _spread(spread: Spread) -> dict[str, Any]:
    return {
        "samples": spread.samples,
        "unread": spread.unread,
        "lowest": spread.lowest,
        "median": spread.median,
        "highest": spread.highest,
    }


def _protection(one: Protection) -> dict[str, Any]:
    return {
        "inject": one.inject,
        "title": one.title,
        "probe": one.probe,
        "verdict": str(one.verdict),
        "seconds": None if one.seconds is None else round(one.seconds, 3),
        "why": one.why,
        "events": list(one.events),
    }
