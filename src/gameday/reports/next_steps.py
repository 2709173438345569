"""What to do next, by rule: one short sentence for each thing that went wrong.

The worst comes first. Nothing here judges a person; every sentence names the entries that
it rests on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gameday.core.run.state import FaultStatus
from gameday.core.run.times import ResponseTime
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.scorecard.verdicts import NOBODY_LOOKED
from gameday.core.words import Attribution, Expects, Milestone, RuleVerdict, TimeVerdict
from gameday.reports.story import refusal
from gameday.reports.wording import limit, listed, sentence, several, took

_ADVICE: Mapping[str, str] = {
    "detect": "check that an alert covers what users felt",
    "acknowledge": "check that pages reach whoever is on call",
    "declare": "agree when to declare, and declare early",
    "triage": "rehearse triage: impact, extent, trend, recent changes",
    "mitigate": "write down, or rehearse, the quickest way to shield users",
    "resolve": "agree what has to be seen before an incident is called resolved",
}
_OTHER = "find out what held it up"


@dataclass(frozen=True, slots=True)
class Step:
    """Something to do, and the entries that say why. ``urgent``: before anything else."""

    text: str
    events: tuple[str, ...] = ()
    urgent: bool = False


def next_steps(card: Scorecard) -> tuple[Step, ...]:
    """All of them, the most pressing first; never empty for a run that has ended."""
    steps = [*_stuck(card), *_run(card), *_system(card), *_false(card), *_missed(card)]
    steps += _severity(card)
    steps += _expected(card)
    steps += _rules(card)
    steps += _credit(card)
    steps += _unknown(card)
    if steps:
        return tuple(steps)
    if card.verdicts.run.verdict == "unfinished":
        text = "Wait for its end. If nothing plays this run any more, run gameday recover."
        return (Step(text),)
    return (Step("Nothing is due. Tighten a target or pick a harder fault for the next drill."),)


def _stuck(card: Scorecard) -> Iterator[Step]:
    ended = card.state.phase is not None and card.state.phase.ended
    for fault in card.faults:
        if fault.status is FaultStatus.STUCK or (ended and fault.status.outstanding):
            where = f" on {listed(list(fault.targets))}" if fault.targets else ""
            text = f"Run gameday recover now: {fault.id}{where} is not proved to be out."
            yield Step(text, (fault.injected.event,) if fault.injected else (), urgent=True)


def _run(card: Scorecard) -> Iterator[Step]:
    verdict, reasons = card.verdicts.run.verdict, card.verdicts.run.reasons
    said = "; ".join(reason for reason in reasons if reason) or refusal(card)
    said = said or "the log says why"
    if verdict == "refused":
        yield Step(sentence(f"clear what refused the run, then start it again: {said}"))
    if verdict == "aborted":
        yield Step(sentence(f"run it again once this is settled: {said}"))
    if verdict == "invalid":
        for reason in reasons:
            yield Step(sentence(f"mend the exercise before trusting it: {reason}"))


def _system(card: Scorecard) -> Iterator[Step]:
    if card.verdicts.system.verdict == "not_recovered":
        yield Step("Look at the system now: steady state was not proved again after the undo.")
    if card.unwatched:
        yield Step(sentence(f"look at the system now: {NOBODY_LOOKED}"))
    if card.scenario.expects is Expects.ABSORBED and card.impacts:
        lost = took(sum(impact.seconds for impact in card.impacts))
        events = tuple(impact.start.event for impact in card.impacts[:3])
        yield Step(f"Harden the system: users felt a fault it should absorb, for {lost}.", events)


def _false(card: Scorecard) -> Iterator[Step]:
    if card.false_all_clears:
        count = several(len(card.false_all_clears), "all-clear")
        was = "was" if len(card.false_all_clears) == 1 else "were"
        events = tuple(item.event for item in card.false_all_clears[:3])
        yield Step(f"Look at the probes before calling it over: {count} {was} false.", events)


def _missed(card: Scorecard) -> Iterator[Step]:
    if card.verdicts.people.verdict == "not_exercised":
        return
    for time in card.times:
        if time.verdict is TimeVerdict.MISSED:
            events = tuple(event for event in (time.from_event, time.to_event) if event)
            advice = _ADVICE.get(time.name, _OTHER)
            yield Step(f"{time.name.capitalize()} {_against(time)}: {advice}.", events)


def _against(time: ResponseTime) -> str:
    target = limit(time.target.within)
    if time.seconds is None:
        return f"was not reached in {took(time.observed_s)} (target {target})"
    return f"took {took(time.seconds)} (target {target})"


def _severity(card: Scorecard) -> Iterator[Step]:
    said = card.severity
    if said.wrong and card.verdicts.people.verdict != "not_exercised":
        text = f"rehearse severity: {said.declared} was declared, and this was {said.expected}"
        yield Step(sentence(text), (said.event,) if said.event else ())


def _expected(card: Scorecard) -> Iterator[Step]:
    for outcome in card.expectations:
        if outcome.verdict is TimeVerdict.MISSED:
            events = tuple(event for event in (outcome.from_event, outcome.to_event) if event)
            came = "came late" if outcome.to_event else "did not come"
            text = f"find out why this {came}: {outcome.expectation.title} ({outcome.why})"
            yield Step(sentence(text), events)


_MOST_RULES = 3
"""Rules that are named; the report's own part has them all."""


def _rules(card: Scorecard) -> Iterator[Step]:
    broken = [outcome for outcome in card.rules if outcome.verdict is RuleVerdict.BROKEN]
    if broken:
        named = [f"“{outcome.rule.title}”" for outcome in broken]
        more = len(named) - _MOST_RULES
        shown = [*named[:_MOST_RULES], *([f"{more} more"] if more > 0 else [])]
        events = tuple(dict.fromkeys(event for outcome in broken for event in outcome.events[:1]))
        count = several(len(broken), "rule")
        was = "was" if len(broken) == 1 else "were"
        yield Step(
            f"Go through {count} of the process that {was} broken: {listed(shown)}.", events[:3]
        )


def _credit(card: Scorecard) -> Iterator[Step]:
    finding = card.attribution
    if finding.attribution is Attribution.AMBIGUOUS:
        text = "Have responders act through gameday or note each action: who ended it is not clear."
        yield Step(text, finding.evidence)


def _unknown(card: Scorecard) -> Iterator[Step]:
    """A valid run too short to tell; in any other run the sentences above say what to do."""
    if card.verdicts.run.verdict != "valid" or card.verdicts.people.verdict == "not_exercised":
        return
    short = [time for time in card.times if _could_be_told(card, time)]
    if short:
        names = listed([time.name for time in short])
        events = tuple(time.from_event for time in short if time.from_event)
        text = f"Give the next run more time, or note more steps: {names} could not be told."
        yield Step(text, tuple(dict.fromkeys(events)))


def _could_be_told(card: Scorecard, time: ResponseTime) -> bool:
    """It was cut short; not where nothing was left for people to do, which no time would change."""
    healed = card.attribution.attribution is Attribution.SELF_HEALED
    mitigation = time.target.to is Milestone.MITIGATED
    return time.verdict is TimeVerdict.CENSORED and not (healed and mitigation)
