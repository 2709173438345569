"""Response times: from one milestone to another, against a target.

A time whose end was not reached is censored where the chance to reach it ended: for the
mitigation when the fault was taken out by somebody else, otherwise at the end of the run.
When more time than the target had passed by then, the target is missed all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gameday.core.duration import format_duration
from gameday.core.instant import Instant
from gameday.core.run.attribution import attribute
from gameday.core.run.exercise_clock import exercise_seconds
from gameday.core.run.milestones import Mark
from gameday.core.run.presence import felt
from gameday.core.run.state import RunState
from gameday.core.scenario.scenario import Target
from gameday.core.words import Attribution, Cause, Milestone, TimeVerdict


@dataclass(frozen=True, slots=True)
class ResponseTime:
    """seconds: None when the end was not reached. observed_s: how long we watched for it."""

    name: str
    target: Target
    seconds: float | None
    observed_s: float | None
    verdict: TimeVerdict
    why: str
    from_event: str | None
    to_event: str | None


def response_times(
    state: RunState,
    targets: Mapping[str, Target],
    marks: Mapping[Milestone, Mark | None],
    end: Instant,
) -> tuple[ResponseTime, ...]:
    """One time for each target, in the order given."""
    return tuple(_time(state, name, target, marks, end) for name, target in targets.items())


def _time(
    state: RunState,
    name: str,
    target: Target,
    marks: Mapping[Milestone, Mark | None],
    end: Instant,
) -> ResponseTime:
    start, stop = marks[target.from_], marks[target.to]
    from_event, to_event = start.event if start else None, stop.event if stop else None

    def outcome(
        seconds: float | None, observed: float | None, v: TimeVerdict, why: str
    ) -> ResponseTime:
        return ResponseTime(name, target, seconds, observed, v, why, from_event, to_event)

    if start is None:
        return outcome(None, None, TimeVerdict.CENSORED, f"the run was never {target.from_}")
    limit = format_duration(target.within)
    if stop is not None:
        seconds = max(exercise_seconds(state, start.at, stop.at), 0.0)
        met = seconds <= target.within
        why = f"{seconds:.1f} s, target {limit}"
        return outcome(seconds, seconds, TimeVerdict.MET if met else TimeVerdict.MISSED, why)
    last, because = last_chance(state, target.to, end)
    observed = max(exercise_seconds(state, start.at, last), 0.0)
    verdict = TimeVerdict.MISSED if observed > target.within else TimeVerdict.CENSORED
    return outcome(None, observed, verdict, f"not {target.to} within {observed:.1f} s, {because}")


def last_chance(state: RunState, to: Milestone, end: Instant) -> tuple[Instant, str]:
    """Until when a milestone that was not reached could have been, and why not later."""
    if to in (Milestone.MITIGATED, Milestone.CLAIMED):
        last = felt(state)[-1] if felt(state) else None
        by_people = last is not None and attribute(state, last).attribution is Attribution.RESPONDER
        if to is Milestone.MITIGATED and by_people and last is not None and last.end is not None:
            return last.end, "when steady state came back; it was not seen to stay"
        taken = [
            fault.undoing_at
            for fault in state.faults.values()
            if fault.undoing_at is not None and fault.cause is not Cause.MITIGATED
        ]
        if taken:
            return max(taken, key=lambda at: at.boot), "when the fault was taken out"
    ended = state.phase is not None and state.phase.ended
    return end, "when the run ended" if ended else "so far"
