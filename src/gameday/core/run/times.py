"""Response times: from one milestone to another, against a target.

A time whose end was not reached is censored where the chance to reach it ended: for the
mitigation when the fault was taken out by somebody else or users were well again by nobody's
proven doing, otherwise at the end of the run.
When more time than the target had passed by then, the target is missed all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gameday.core.duration import format_duration
from gameday.core.instant import Instant
from gameday.core.run.attribution import attribute
from gameday.core.run.exercise_clock import exercise_seconds
from gameday.core.run.milestones import Mark
from gameday.core.run.presence import felt, presences
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
        seconds = _seconds(state, start.at, stop.at)
        met = seconds <= target.within
        why = f"{seconds:.1f} s, target {limit}"
        return outcome(seconds, seconds, TimeVerdict.MET if met else TimeVerdict.MISSED, why)
    last, because = last_chance(state, target.to, end)
    observed = _seconds(state, start.at, last)
    verdict = TimeVerdict.MISSED if observed > target.within else TimeVerdict.CENSORED
    return outcome(None, observed, verdict, f"not {target.to} within {observed:.1f} s, {because}")


def _seconds(state: RunState, start: Instant, end: Instant) -> float:
    """To a tenth, as it is shown: what is judged is what a reader sees."""
    return round(max(exercise_seconds(state, start, end), 0.0), 1)


def not_exercised(time: ResponseTime) -> ResponseTime:
    """A time of a run in which people were not exercised: it says nothing of them."""
    if time.observed_s is None:
        return time
    why = "people were not exercised"
    return replace(time, seconds=None, observed_s=None, verdict=TimeVerdict.CENSORED, why=why)


def last_chance(state: RunState, to: Milestone, end: Instant) -> tuple[Instant, str]:
    """Until when a milestone that was not reached could have been, and why not later."""
    if to is Milestone.MITIGATED and (healed := _healed(state)):
        return healed
    if to in (Milestone.MITIGATED, Milestone.CLAIMED) and (taken := _taken_out(state)):
        return taken, "when the fault was taken out"
    ended = state.phase is not None and state.phase.ended
    return end, "when the run ended" if ended else "so far"


def _healed(state: RunState) -> tuple[Instant, str] | None:
    """When users were well again without an undo: from then on there was nothing to mitigate."""
    last = felt(state)[-1] if felt(state) else None
    if last is None or last.end is None:
        return None
    by = attribute(state, last).attribution
    if by is Attribution.RESPONDER:
        return last.end, "when steady state came back; it was not seen to stay"
    if by in (Attribution.SELF_HEALED, Attribution.AMBIGUOUS):
        return last.end, "when steady state came back, by nobody's proven doing"
    return None


def _taken_out(state: RunState) -> Instant | None:
    """When the last fault's undo began; None while one is in, or where people had mitigated all."""
    if any(presence.certain and presence.leaving is None for presence in presences(state)):
        return None
    taken = [
        fault.undoing_at
        for fault in state.faults.values()
        if fault.undoing_at is not None and fault.cause is not Cause.MITIGATED
    ]
    return max(taken, key=lambda at: at.boot, default=None)
