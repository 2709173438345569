"""How long each phase of the incident took in a run, against its window.

No phase gives or takes points: what a target times is scored there, once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from gameday.core.duration import format_duration
from gameday.core.incident_process.account import Account, Word
from gameday.core.incident_process.rules import RuleOutcome
from gameday.core.instant import Instant, seconds_between
from gameday.core.log import events as e
from gameday.core.log.events import Record
from gameday.core.process_tables.phases import Moment, Phase
from gameday.core.process_tables.process import Process
from gameday.core.run.exercise_clock import exercise_seconds
from gameday.core.run.milestones import Mark, milestones
from gameday.core.run.state import RunState
from gameday.core.run.times import last_chance
from gameday.core.words import HypothesisVerdict, Milestone, RuleVerdict


class PhaseVerdict(StrEnum):
    """open: it goes on, or the run ended before its window did. not_reached: it never began."""

    WITHIN = "within"
    OVER = "over"
    OPEN = "open"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True)
class PhaseTime:
    """A phase, held against a run.

    seconds: on the exercise's clock, to its end or to where nobody could end it any more; None:
    it never began. window: seconds, paced; None where rules or a calendar are its window.
    """

    phase: Phase
    begun: Mark | None
    ended: Mark | None
    seconds: float | None
    window: float | None
    verdict: PhaseVerdict
    why: str


def phases_of(
    state: RunState, records: Sequence[Record], until: Instant, rules: Iterable[RuleOutcome] = ()
) -> tuple[PhaseTime, ...]:
    """Every phase of the run's process, in its order; none where its log has none. until: the end
    of the run, or now. rules: those of the run, for phases that are held by them."""
    if state.process is None or state.process.phases is None:
        return ()
    held = {outcome.rule.id: outcome for outcome in rules}
    clock = _Clock(state, state.process, moments(state, records), until, held)
    return tuple(clock.time(phase) for phase in state.process.phases.phases)


def present(times: Iterable[PhaseTime]) -> PhaseTime | None:
    """The phase that people are in: the first that has begun and not ended, and is not beside."""
    going_on = (t for t in times if t.begun is not None and t.ended is None and not t.phase.beside)
    return next(going_on, None)


def moments(state: RunState, records: Sequence[Record]) -> Mapping[Moment, Mark | None]:
    """When each moment was, None where it was not reached."""
    marks = milestones(state, records)
    account = Account(state)
    confirmed = [
        word
        for word in account.all(e.HypothesisJudged)
        if word.fact.verdict is HypothesisVerdict.CONFIRMED
    ]
    reviews = [
        word
        for word in account.all(e.FollowUpRecorded)
        if word.fact.item == "review" and word.fact.done
    ]
    facts: Mapping[Moment, Sequence[Word[e.ResponderFact]]] = {
        Moment.CAUSE_CONFIRMED: confirmed,
        Moment.MITIGATION_PROPOSED: account.all(e.MitigationProposed),
        Moment.REVIEWED: reviews,
    }
    return {
        moment: _first(facts[moment]) if moment in facts else marks[Milestone(moment)]
        for moment in Moment
    }


def _first(words: Sequence[Word[e.ResponderFact]]) -> Mark | None:
    return Mark(words[0].at, words[0].entry) if words else None


@dataclass(frozen=True)
class _Clock:
    """A run, asked how long its phases took."""

    state: RunState
    process: Process
    moments: Mapping[Moment, Mark | None]
    until: Instant
    rules: Mapping[str, RuleOutcome]

    def time(self, phase: Phase) -> PhaseTime:
        """One phase."""
        window = self.process.window(phase)
        begun, ended = self.moments[phase.begins], self._ended(phase)
        if begun is None:
            why = f"it was never {_plain(phase.begins)}"
            return PhaseTime(phase, None, ended, None, window, PhaseVerdict.NOT_REACHED, why)
        last = ended.at if ended else self._last(phase)
        seconds = round(max(exercise_seconds(self.state, begun.at, last), 0.0), 1)
        verdict, why = self._judged(phase, begun, ended, seconds)
        return PhaseTime(phase, begun, ended, seconds, window, verdict, why)

    def _ended(self, phase: Phase) -> Mark | None:
        marks = [mark for end in phase.ends if (mark := self.moments[end]) is not None]
        return min(marks, key=lambda mark: seconds_between(self.until, mark.at), default=None)

    def _last(self, phase: Phase) -> Instant:
        """Where nobody could end it any more."""
        if phase.follow_up is None and Moment.MITIGATED in phase.ends:
            return last_chance(self.state, Milestone.MITIGATED, self.until)[0]
        return self.until

    def _judged(
        self, phase: Phase, begun: Mark, ended: Mark | None, seconds: float
    ) -> tuple[PhaseVerdict, str]:
        if phase.rules:
            return self._by_rules(phase, ended)
        if phase.follow_up is not None:
            return self._by_calendar(phase.follow_up, begun, ended)
        window = self.process.window(phase)
        assert window is not None, "a process refuses a phase without its window"
        shown = format_duration(round(window, 1))
        if ended is None:
            end = " or ".join(_plain(moment) for moment in phase.ends)
            verdict = PhaseVerdict.OVER if seconds > window else PhaseVerdict.OPEN
            return verdict, f"not {end} in {seconds:.1f} s, window {shown}"
        verdict = PhaseVerdict.WITHIN if seconds <= window else PhaseVerdict.OVER
        return verdict, f"{seconds:.1f} s, window {shown}"

    def _by_rules(self, phase: Phase, ended: Mark | None) -> tuple[PhaseVerdict, str]:
        """Over, as soon as one of its rules is broken."""
        asked = [self.rules[rule] for rule in phase.rules if rule in self.rules]
        broken = [outcome for outcome in asked if outcome.verdict is RuleVerdict.BROKEN]
        if broken:
            return PhaseVerdict.OVER, "; ".join(outcome.why for outcome in broken)
        if ended is None:
            return PhaseVerdict.OPEN, "nothing was late so far"
        return PhaseVerdict.WITHIN, "nothing was late"

    def _by_calendar(
        self, follow_up: str, begun: Mark, ended: Mark | None
    ) -> tuple[PhaseVerdict, str]:
        """By the table of follow-ups: real days, which no pace shortens."""
        table = self.process.followups
        assert table is not None, "a process refuses a phase without its duty"
        duty = table.duty(follow_up)
        assert duty is not None, "a process refuses a phase without its duty"
        zone = _zone(table.zone)
        due = duty.due(datetime.fromtimestamp(begun.at.wall, zone), table.calendar)
        late = (ended.at if ended else self.until).wall > due.timestamp()
        shown = f"due within {duty.shown}, by {due:%Y-%m-%d %H:%M} {table.zone}"
        if late:
            return PhaseVerdict.OVER, shown
        return (PhaseVerdict.WITHIN if ended else PhaseVerdict.OPEN), shown


def _zone(name: str) -> tzinfo:
    """UTC where the machine does not know the zone: no report fails for that."""
    try:
        return UTC if name == "UTC" else ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _plain(moment: Moment) -> str:
    return moment.replace("_", " ")
