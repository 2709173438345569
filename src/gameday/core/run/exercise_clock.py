"""The exercise's clock: boot time without pauses. Targets, windows and duties run on it."""

from __future__ import annotations

from gameday.core.instant import NANOSECONDS, Instant, seconds_between
from gameday.core.run.state import RunState


def exercise_seconds(state: RunState, start: Instant, end: Instant) -> float:
    """Seconds on the exercise's clock: what lies in a pause does not count."""
    total = seconds_between(start, end)
    for pause in state.pauses:
        first = max(pause.start.boot, start.boot)
        last = min(pause.end.boot if pause.end else end.boot, end.boot)
        total -= max(last - first, 0) / 1e9
    return total


def exercise_deadline(state: RunState, offset: float) -> int | None:
    """Boot time of an offset from the start of the run; None before the start or in a pause."""
    if state.started_at is None or state.open_pause is not None:
        return None
    return exercise_after(state, state.started_at, offset)


def exercise_after(state: RunState, start: Instant, seconds: float) -> int:
    """Boot time at which so many seconds of the exercise have passed since ``start``. A pause that
    is still going on counts as over now: ask again when it is."""
    at = start.boot + round(seconds * NANOSECONDS)
    for pause in state.pauses:
        if pause.end is not None and pause.end.boot > start.boot and pause.start.boot < at:
            at += pause.end.boot - max(pause.start.boot, start.boot)
    return at
