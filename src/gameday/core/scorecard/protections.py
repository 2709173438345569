"""What the system itself should have done about a fault, and whether it did.

An expectation that names a probe can say what the probe ``shows``: a protection (a breaker opens,
a cache serves, a queue takes orders) or an alert. It

| verdict      | when                                                                       |
|--------------|----------------------------------------------------------------------------|
| worked       | came within its time; a protection, before anybody began to take the fault  |
|              | out                                                                        |
| did not work | had all its time while the fault was in, and did not come within it          |
| unknown      | the fault was in for less than that, or never; its probe could not be read;  |
|              | or it was so before the fault went in, which proves nothing                |

Times are on the exercise's clock, as the expectation's. None of it earns points.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from gameday.core.duration import format_duration
from gameday.core.instant import NANOSECONDS, Instant
from gameday.core.log.events import Record, Sample
from gameday.core.run.exercise_clock import exercise_after, exercise_seconds
from gameday.core.run.presence import presences
from gameday.core.run.state import RunState
from gameday.core.scenario.inject import Shows
from gameday.core.scorecard.expectations import ExpectationOutcome


class Worked(StrEnum):
    """Whether a protection or an alert did what it is there for."""

    WORKED = "worked"
    DID_NOT_WORK = "did_not_work"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Protection:
    """One such outcome. seconds: from the fault until it came, None when it did not."""

    kind: Shows
    inject: str
    title: str
    probe: str
    verdict: Worked
    seconds: float | None
    why: str
    events: tuple[str, ...]


def protections(
    state: RunState,
    outcomes: Sequence[ExpectationOutcome],
    records: Sequence[Record],
    samples: Mapping[str, Sequence[Sample]],
    ended: Instant,
) -> tuple[Protection, ...]:
    """One for each expectation that says what its probe shows, in the order of the timeline."""
    shown = [outcome for outcome in outcomes if outcome.expectation.shows is not None]
    if not shown:
        return ()
    given = {record.id: record.at for record in records}
    return tuple(
        _protection(
            outcome,
            _Fault(state, outcome, given.get(outcome.from_event or ""), ended),
            samples.get(outcome.expectation.probe or "", ()),
        )
        for outcome in shown
    )


@dataclass(frozen=True, slots=True)
class _Fault:
    """The fault that an expectation is about. since: when it went in, None if it never did."""

    state: RunState
    outcome: ExpectationOutcome
    since: Instant | None
    ended: Instant

    @property
    def left(self) -> Instant:
        """When somebody began to take it out; the end of the run, where nobody did."""
        for presence in presences(self.state):
            leaving = presence.leaving or presence.until
            if self.since and presence.fault == self.outcome.inject and leaving is not None:
                return self.since.plus((leaving - self.since.boot) / NANOSECONDS)
        return self.ended

    def after(self, seconds: float) -> int:
        """Boot time at which so many seconds of the exercise have passed since it went in."""
        assert self.since is not None
        return exercise_after(self.state, self.since, seconds)


def _protection(
    outcome: ExpectationOutcome, fault: _Fault, samples: Sequence[Sample]
) -> Protection:
    expected = outcome.expectation
    assert expected.shows is not None
    assert expected.probe is not None
    verdict, why = _judged(outcome, fault, samples)
    return Protection(
        kind=expected.shows,
        inject=outcome.inject,
        title=expected.title,
        probe=expected.probe,
        verdict=verdict,
        seconds=outcome.seconds,
        why=why,
        events=tuple(event for event in (outcome.from_event, outcome.to_event) if event),
    )


def _judged(
    outcome: ExpectationOutcome, fault: _Fault, samples: Sequence[Sample]
) -> tuple[Worked, str]:
    since, within = fault.since, outcome.expectation.within
    if since is None:
        return Worked.UNKNOWN, outcome.why
    if _held(samples, since):
        return Worked.UNKNOWN, "it was so before the fault went in, which proves nothing"
    left = fault.left
    if outcome.seconds is not None and outcome.seconds <= within:
        alert = outcome.expectation.shows is Shows.ALERT
        if alert or fault.after(outcome.seconds) < left.boot:
            return Worked.WORKED, f"after {outcome.seconds:.1f} s"
    stayed = exercise_seconds(fault.state, since, left)
    limit = format_duration(within)
    if stayed < within:
        return Worked.UNKNOWN, f"the fault was in for {stayed:.1f} s, and it has {limit} to come"
    if not _read(samples, since, fault.after(within)):
        return Worked.UNKNOWN, f"{outcome.expectation.probe} could not be read meanwhile"
    late = "" if outcome.seconds is None else f", only after {outcome.seconds:.1f} s"
    return Worked.DID_NOT_WORK, f"not within {limit}{late}"


def _held(samples: Sequence[Sample], since: Instant) -> bool:
    """The last reading before the fault was already within the tolerance."""
    earlier = [sample for sample in samples if sample.at < since.boot]
    return bool(earlier) and earlier[-1].ok


def _read(samples: Sequence[Sample], since: Instant, until: int) -> bool:
    """Any reading between the two had a value."""
    return any(s.value is not None for s in samples if since.boot <= s.at <= until)
