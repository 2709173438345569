"""What was expected after each inject, and whether it came in time.

| what is expected | when it came                                                    |
|------------------|-----------------------------------------------------------------|
| milestone        | when the run reached it; at once, if that was before the inject |
| response         | the earliest such entry that nobody annulled, by whoever held   |
|                  | the role then                                                   |
| probe            | its first sample within the tolerance                           |

The clock starts with the inject, for a fault when it went in, and stands still in pauses. What
did not come is missed once its time has passed, and censored when the run ended before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from gameday.core.duration import format_duration
from gameday.core.incident_process.account import Account
from gameday.core.instant import NANOSECONDS, Instant
from gameday.core.log import events as e
from gameday.core.log.events import Record
from gameday.core.log.responses import FORMS
from gameday.core.run.exercise_clock import exercise_seconds
from gameday.core.run.milestones import Mark
from gameday.core.run.state import RunState
from gameday.core.scenario.inject import Expectation, Inject
from gameday.core.scenario.scenario import Scenario
from gameday.core.words import Milestone, TimeVerdict


@dataclass(frozen=True, slots=True)
class ExpectationOutcome:
    """seconds: from the inject until it came, None when it did not."""

    inject: str
    expectation: Expectation
    verdict: TimeVerdict
    seconds: float | None
    why: str
    from_event: str | None
    to_event: str | None


def expectation_outcomes(
    state: RunState,
    scenario: Scenario,
    records: Sequence[Record],
    marks: Mapping[Milestone, Mark | None],
    end: Instant,
) -> tuple[ExpectationOutcome, ...]:
    """One outcome for each expectation, in the order of the timeline."""
    run = _Run(state, scenario, records, marks, end)
    return tuple(run.outcome(i, expectation) for i in scenario.timeline for expectation in i.expect)


@dataclass(frozen=True, slots=True)
class _Run:
    """What expectations are held against."""

    state: RunState
    scenario: Scenario
    records: Sequence[Record]
    marks: Mapping[Milestone, Mark | None]
    end: Instant

    def outcome(self, inject: Inject, expectation: Expectation) -> ExpectationOutcome:
        start = self._given(inject)
        came = None if start is None else self._came(expectation, start.at)
        seconds = self._since(start, came.at) if start and came else None
        verdict, why = self._judged(inject, expectation, start, seconds)
        return ExpectationOutcome(
            inject.id,
            expectation,
            verdict,
            seconds,
            why,
            start.event if start else None,
            came.event if came else None,
        )

    def _given(self, inject: Inject) -> Mark | None:
        """When the inject was given; one with a fault, when that went in."""
        for record in self.records:
            event = record.event
            if inject.breaks and isinstance(event, e.FaultInjected) and event.fault == inject.id:
                return Mark(record.at, record.id)
            if not inject.breaks and isinstance(event, e.InjectSent) and event.inject == inject.id:
                return Mark(record.at, record.id)
        return None

    def _since(self, start: Mark, at: Instant) -> float:
        return round(max(exercise_seconds(self.state, start.at, at), 0.0), 1)

    def _judged(
        self, inject: Inject, expectation: Expectation, start: Mark | None, seconds: float | None
    ) -> tuple[TimeVerdict, str]:
        if start is None:
            why = "its fault never went in" if inject.breaks else "the inject was not given"
            return TimeVerdict.CENSORED, why
        within = format_duration(expectation.within)
        if seconds is not None:
            met = seconds <= expectation.within
            why = f"after {seconds:.1f} s, expected within {within}"
            return TimeVerdict.MET if met else TimeVerdict.MISSED, why
        watched = self._since(start, self.end)
        if watched > expectation.within:
            return TimeVerdict.MISSED, f"not within {within}, nor until the end of the run"
        return TimeVerdict.CENSORED, f"not within {watched:.1f} s, when the run ended"

    def _came(self, expectation: Expectation, start: Instant) -> Mark | None:
        if expectation.milestone is not None:
            return self.marks[expectation.milestone]
        if expectation.probe is not None:
            return next(self._held(expectation.probe, start), None)
        return min(self._responses(expectation, start), key=lambda m: m.at.boot, default=None)

    def _held(self, probe: str, start: Instant) -> Iterator[Mark]:
        for record in self.records:
            if isinstance(record.event, e.SamplesRecorded):
                for sample in record.event.samples:
                    if sample.probe == probe and sample.ok and sample.at >= start.boot:
                        yield Mark(start.plus((sample.at - start.boot) / NANOSECONDS), record.id)

    def _responses(self, expectation: Expectation, start: Instant) -> Iterator[Mark]:
        assert expectation.response is not None
        kind, by, says = FORMS[expectation.response].kind, expectation.by, expectation.says or ""
        people = Account(self.state)
        for record in self.records:
            event = record.event
            if not isinstance(event, e.ResponderFact) or record.id in self.state.annulled:
                continue
            if (
                isinstance(event, kind)
                and record.at.boot >= start.boot
                and (by is None or event.by in people.holders(by, record.at))
                and re.search(says, event.text, re.IGNORECASE)
            ):
                yield Mark(record.at, record.id)
