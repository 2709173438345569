"""What went well, what went badly, what contributed and where luck helped, as a run shows it.

Each rests on entries of the log. None names a person: what was missed is told, not by whom.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gameday.core.drafts.run import Asked
from gameday.core.drafts.words import one_line, to_fill
from gameday.core.incident_process.blame import blaming
from gameday.core.log import events as e
from gameday.core.run.times import ResponseTime
from gameday.core.scorecard.expectations import ExpectationOutcome
from gameday.core.words import Attribution, Milestone, RuleVerdict, TimeVerdict
from gameday.reports.wording import limit, listed, sentence, several, took, words

_MOST = 3
"""So many entries stand beside a rule; the report has them all."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence, and the entries that it rests on."""

    text: str
    events: tuple[str, ...] = ()


def factors(run: Asked) -> tuple[Finding, ...]:
    """What the log knows to have contributed; the rest is for people to say."""
    return (*_factors(run), Finding(to_fill("what else let it happen, or let it last")))


def well(run: Asked) -> tuple[Finding, ...]:
    """Targets that were kept, and what the probes bore out."""
    return tuple(_well(run)) or (Finding(to_fill("what helped")),)


def badly(run: Asked) -> tuple[Finding, ...]:
    """What was missed, refuted, not needed or struck out."""
    return tuple(_badly(run)) or (Finding(to_fill("what held us up, or: nothing")),)


def luck(run: Asked) -> tuple[Finding, ...]:
    """Where it could as well have gone otherwise."""
    return (*_luck(run), Finding(to_fill("where luck helped, or: nowhere")))


def _factors(run: Asked) -> Iterator[Finding]:
    for fault in run.card.faults:
        if fault.injected is not None:
            on = f" on {listed(fault.targets)}" if fault.targets else ""
            text = f"the exercise put a fault in: {fault.title}{on}"
            yield Finding(sentence(text), (fault.injected.event,))
    stands = run.now.hypothesis
    if stands is not None and run.cause:
        yield Finding(sentence(f"confirmed by its test: {run.cause}"), (stands.entry,))


def _well(run: Asked) -> Iterator[Finding]:
    card = run.card
    for time in card.times:
        if time.verdict is TimeVerdict.MET:
            yield Finding(_told(time), _of_time(time))
    for outcome in card.expectations:
        if outcome.verdict is TimeVerdict.MET:
            text = f"as expected: {outcome.expectation.title} ({took(outcome.seconds)})"
            yield Finding(sentence(text), _of_outcome(outcome))
    confirmed = [r for r in card.records if isinstance(r.event, e.ClaimConfirmed)]
    if confirmed and not card.false_all_clears:
        events = tuple(record.id for record in confirmed)
        yield Finding("Every all-clear was borne out by the probes.", events)
    kept = [outcome.rule.title for outcome in card.rules if outcome.verdict is RuleVerdict.KEPT]
    if kept:
        shown = "; ".join(map(_small, kept))
        yield Finding(f"{several(len(kept), 'rule')} of the process kept: {shown}.")
    if card.attribution.attribution is Attribution.RESPONDER:
        text = "what responders did ended the impact, while the fault was still in"
        yield Finding(sentence(text), card.attribution.evidence)


def _badly(run: Asked) -> Iterator[Finding]:
    card = run.card
    for time in card.times:
        if time.verdict is TimeVerdict.MISSED:
            yield Finding(_told(time), _of_time(time))
    for outcome in card.expectations:
        if outcome.verdict is TimeVerdict.MISSED:
            text = f"expected, and not so: {outcome.expectation.title} ({outcome.why})"
            yield Finding(sentence(text), _of_outcome(outcome))
    yield from _broken(run)
    for clear in card.false_all_clears:
        text = f"an all-clear ({clear.milestone}) was given too early: {clear.reason}"
        yield Finding(sentence(text), (clear.event,))
    if card.severity.wrong:
        text = f"{card.severity.declared} was declared where the scenario has"
        events = (card.severity.event,) if card.severity.event else ()
        yield Finding(sentence(f"{text} {card.severity.expected}"), events)
    for deed in card.unneeded_actions:
        text = f"something was changed while users were well: {one_line(deed.text) or 'no words'}"
        yield Finding(sentence(text), (deed.event,))
    for record in card.records:
        if isinstance(record.event, e.EntryAnnulled):
            why = one_line(record.event.text) or "no reason was given"
            text = f"entry {record.event.entry} was struck out: {why}"
            yield Finding(sentence(text), (record.event.entry, record.id))
    if card.attribution.attribution in (Attribution.ROLLBACK, Attribution.ABORT):
        text = "the impact lasted until the exercise took its fault out"
        yield Finding(sentence(text), tuple(i.end.event for i in card.impacts[-1:] if i.end))


def _broken(run: Asked) -> Iterator[Finding]:
    for outcome in run.card.rules:
        if outcome.verdict is RuleVerdict.BROKEN:
            text = f"not kept: {_small(outcome.rule.title)}{_without_people(run, outcome.why)}"
            yield Finding(sentence(text), outcome.events[:_MOST])


def _luck(run: Asked) -> Iterator[Finding]:
    card = run.card
    for impact in card.impacts:
        if impact.finding.attribution is Attribution.SELF_HEALED:
            text = f"an impact went away by itself, after {took(impact.seconds)}"
            end = (impact.end.event,) if impact.end else ()
            yield Finding(sentence(text), (impact.start.event, *end))
    detected, hurt = card.milestones[Milestone.DETECTED], card.milestones[Milestone.IMPACTED]
    if detected is None:
        return
    if hurt is not None and card.offset(detected.at) < card.offset(hurt.at):
        text = "it was noticed before the probes saw users hurt: would it be, the next time?"
        yield Finding(sentence(text), (detected.event, hurt.event))
    fact = next(record.event for record in card.records if record.id == detected.event)
    if isinstance(fact, e.Detected) and fact.source not in ("alert", "synthetic"):
        text = f"no alert told of it; word came from a {words(fact.source)}"
        yield Finding(sentence(one_line(text)), (detected.event,))


def _without_people(run: Asked, why: str) -> str:
    """Why a rule was not kept, in brackets; nothing where that names or quotes somebody, or where
    the log of an older version cannot tell. The report of the run has it all."""
    process = run.card.state.process
    table = process.blame if process else None
    named = {person.name for person in run.card.scenario.participants}
    named |= {entry.fact.by for entry in run.account.said} | set(run.now.holders.values())
    said = set(re.findall(r"[\w.-]+", why))
    if not why or said & named or table is None or blaming(why, table.wanted(named)):
        return ""
    return f" ({why})"


def _small(title: str) -> str:
    return title[:1].lower() + title[1:]


def _told(time: ResponseTime) -> str:
    name, target = words(time.name), limit(time.target.within)
    if time.seconds is None:
        return sentence(f"{name}: not reached in {took(time.observed_s)} (target {target})")
    return sentence(f"{name}: took {took(time.seconds)} (target {target})")


def _of_time(time: ResponseTime) -> tuple[str, ...]:
    return tuple(event for event in (time.from_event, time.to_event) if event)


def _of_outcome(outcome: ExpectationOutcome) -> tuple[str, ...]:
    return tuple(event for event in (outcome.from_event, outcome.to_event) if event)
