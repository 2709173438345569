"""What a busy lead reads first: what was broken, who noticed, what ended it, the verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gameday.core.log import events as e
from gameday.core.log.events import Record
from gameday.core.run.exercise_clock import exercise_seconds
from gameday.core.scorecard.fault_summary import FaultSummary
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.scorecard.verdicts import NOBODY_LOOKED, NONE_FELT, NONE_SEEN, Verdict
from gameday.core.words import Attribution, Expects, Milestone, RunPhase
from gameday.reports.wording import (
    ENDED_BY,
    capital,
    listed,
    offset,
    sentence,
    several,
    took,
    words,
)

SHOWN = 3
"""So many names or reasons stand in the summary; the rest is counted."""

_SOURCES: Mapping[str, str] = {
    "alert": "An alert told them.",
    "teammate": "A teammate told them.",
    "customer": "A customer told them.",
    "synthetic": "A synthetic check told them.",
    "ticket": "A ticket told them.",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A question of the lead's, answered in few words, then in more, with the entries."""

    question: str
    short: str
    long: str = ""
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """One of the three verdicts for the summary: its first reasons and how many follow."""

    about: str
    verdict: str
    reasons: tuple[str, ...]
    more: int


def answers(card: Scorecard) -> tuple[Answer, ...]:
    """What was broken, who noticed and how, what ended the impact."""
    return (_broken(card), _noticed(card), _ended(card))


def judgements(card: Scorecard) -> tuple[Judgement, ...]:
    """The three verdicts, kept apart."""
    judged = card.verdicts
    run, why = judged.run, refusal(card)
    if run.verdict == "refused" and why and not any(run.reasons):
        run = Verdict(run.verdict, (why,))
    named = (("Run", run), ("System", judged.system), ("People", judged.people))
    return tuple(_judgement(about, verdict) for about, verdict in named)


def refusal(card: Scorecard) -> str:
    """What refused the run, in the guard rail's words; empty if nothing did."""
    said = [r.event.reason for r in card.records if isinstance(r.event, e.RunRefused)]
    return said[-1] if said else ""


def standing(card: Scorecard) -> str:
    """Why the report is not the whole story; empty for a run that went to its end."""
    phase = card.state.phase
    if card.verdicts.run.verdict == "refused":
        return "This run was refused before it began. No fault touched anything."
    if phase is None or not phase.ended:
        word = "is paused" if phase is RunPhase.PAUSED else "has not ended"
        return f"This run {word}. What follows is what the log knows so far, not a result."
    if phase is RunPhase.ABORTED:
        return "This run was stopped before its end. Its times count up to there."
    return ""


def rebooted(records: Sequence[Record]) -> bool:
    """A reboot lies inside the run, so some durations come from the wall clock."""
    return len({record.at.boot_id for record in records}) > 1


def _judgement(about: str, verdict: Verdict) -> Judgement:
    reasons = tuple(sentence(reason) for reason in verdict.reasons if reason)
    shown = reasons if len(reasons) == SHOWN + 1 else reasons[:SHOWN]
    return Judgement(about, verdict.verdict, shown, len(reasons) - len(shown))


def _broken(card: Scorecard) -> Answer:
    question = "What was broken"
    known = [fault for fault in card.faults if fault.injected is not None]
    if not known:
        return Answer(question, "Nothing", _why_nothing(card))
    short = capital(_some([fault.title for fault in known]))
    if len(known) == 1:
        return Answer(question, short, _one_fault(card, known[0]), _fault_events(known))
    targets = sorted({target for fault in known for target in fault.targets})
    long = f"{several(len(known), 'fault')} on {_some(targets)}."
    return Answer(question, short, long, _fault_events(known))


def _one_fault(card: Scorecard, fault: FaultSummary) -> str:
    assert fault.injected is not None
    on = f"On {_some(fault.targets)}" if fault.targets else "No target named"
    since = offset(card.offset(fault.injected.at))
    if fault.undone is None:
        return f"{on}, in since {since} and not proved out ({fault.status})."
    return f"{on}, in from {since} to {offset(card.offset(fault.undone.at))}."


def _fault_events(faults: Sequence[FaultSummary]) -> tuple[str, ...]:
    marks = [mark for fault in faults[:SHOWN] for mark in (fault.injected, fault.undone)]
    return tuple(mark.event for mark in marks if mark is not None)


def _why_nothing(card: Scorecard) -> str:
    if card.state.started_at is None:
        return "The exercise did not begin."
    if card.faults:
        return "No fault is known to have gone in; the fault table says why."
    if not any(inject.breaks for inject in card.scenario.timeline):
        return "This game day injects no fault: it exercises people alone."
    ended = card.state.phase is not None and card.state.phase.ended
    return "No fault was tried." if ended else "No fault is due yet."


def _noticed(card: Scorecard) -> Answer:
    question = "Who noticed, and how"
    mark, hurt = card.milestones[Milestone.DETECTED], card.milestones[Milestone.IMPACTED]
    if mark is None:
        if hurt is None:
            return Answer(question, "Nobody", f"{_unhurt(card)}, so there was none to notice.")
        since = offset(card.offset(hurt.at))
        long = f"Users were hurt from {since} on and nobody is on record as having noticed."
        return Answer(question, "Nobody", long, (hurt.event,))
    event = next(record.event for record in card.records if record.id == mark.event)
    assert isinstance(event, e.Detected)
    how = _SOURCES.get(event.source, f"Source: {event.source}.")
    long = f"{how} “{event.text}”" if event.text else how
    if hurt is None:
        return Answer(
            question, f"{event.by}, though {_unhurt(card, inside=True)}", long, (mark.event,)
        )
    seconds = exercise_seconds(card.state, hurt.at, mark.at)
    if seconds < 0:
        short = f"{event.by}, {took(-seconds)} before the probes saw users hurt"
    else:
        short = f"{event.by}, {took(seconds)} after users were first hurt"
    return Answer(question, short, long, (hurt.event, mark.event))


def _ended(card: Scorecard) -> Answer:
    question, finding = "What ended the impact", card.attribution
    if not card.impacts:
        return _no_impact(card, question)
    last = card.impacts[-1]
    if last.end is None and card.unwatched:
        long = f"Steady state was lost at {offset(card.offset(last.start.at))}; {NOBODY_LOOKED}."
        return Answer(question, "Nobody knows", long, (last.start.event,))
    if last.end is None:
        long = f"Steady state is lost since {offset(card.offset(last.start.at))}."
        return Answer(question, "It has not ended", long, (last.start.event,))
    if finding.attribution is Attribution.NONE:
        return Answer(question, "Nothing to end", sentence(finding.why))
    short = _who(card) if finding.attribution is Attribution.RESPONDER else ""
    lost = took(sum(impact.seconds for impact in card.impacts))
    long = f"{sentence(words(finding.why))} Users were hurt for {lost} in all."
    events = (*finding.evidence, last.end.event)
    return Answer(question, short or ENDED_BY[finding.attribution], long, events)


def _no_impact(card: Scorecard, question: str) -> Answer:
    if card.unwatched:
        return Answer(question, "Nobody knows", sentence(NOBODY_LOOKED))
    absorbed = card.scenario.expects is Expects.ABSORBED and any(
        fault.injected for fault in card.faults
    )
    long = "The system absorbed the fault." if absorbed else sentence(NONE_FELT)
    return Answer(question, "Nothing to end", long)


def _unhurt(card: Scorecard, *, inside: bool = False) -> str:
    """That no probe saw users hurt, and no more than was seen; inside: of a sentence."""
    said = NONE_SEEN if card.unwatched else NONE_FELT
    return said if inside else capital(said)


def _who(card: Scorecard) -> str:
    """The names behind the evidence, if the log has them."""
    evidence = set(card.attribution.evidence)
    names = [
        record.event.by
        for record in card.records
        if record.id in evidence and isinstance(record.event, e.ResponderFact)
    ]
    return f"{listed(list(dict.fromkeys(names)))}, a responder" if names else ""


def _some(names: Sequence[str]) -> str:
    if len(names) <= SHOWN:
        return listed(list(names))
    return f"{', '.join(names[:SHOWN])} and {len(names) - SHOWN} more"
