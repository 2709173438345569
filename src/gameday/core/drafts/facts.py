"""What a draft of a text can say about a run: one value, computed from the scorecard alone.

Templates see nothing else. No field is ever empty or None: what the log does not know is a
visible gap, ``[to fill in: ...]``, because a text that goes out with a hole in it should look it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gameday.core.drafts.felt_impact import ProbeImpact
from gameday.core.drafts.lists import (
    DrillFacts,
    RunbookFacts,
    drill_facts,
    runbook_facts,
)
from gameday.core.drafts.public_words import customer_words, status_words
from gameday.core.drafts.run import Asked
from gameday.core.drafts.words import (
    channel,
    clock,
    clock_s,
    date,
    one_line,
    percent,
    said,
    several_said,
    to_fill,
)
from gameday.core.incident_process.account import Word
from gameday.core.incident_process.debrief import lessons
from gameday.core.log import events as e
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.words import Audience, Milestone, Role, StatusPhase

ROLES: Mapping[Role, str] = {
    Role.INCIDENT_COMMANDER: "Incident commander",
    Role.TECH_LEAD: "Technical lead",
    Role.COMMS_LEAD: "Communications lead",
    Role.SCRIBE: "Scribe",
}
"""The roles a declaration names, as people write them."""

_INSIDE = (
    *(e.FaultIntended, e.FaultInjected, e.FaultFailed, e.FaultRefused),
    *(e.FaultObserved, e.FaultUndoing, e.FaultUndone),
)
"""What only the exercise knows while it goes on: it would give the cause away."""


@dataclass(frozen=True, slots=True)
class RoleLine:
    """A role of the declaration and who holds it now."""

    role: str
    holder: str


@dataclass(frozen=True, slots=True)
class TimelineLine:
    """at: wall time with seconds, UTC. event: the entry that it comes from."""

    at: str
    text: str
    event: str


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """Everything a template can use. Text unless it says otherwise; times are UTC.

    run, title, severity (as declared, else the scenario's), environment, owner, services,
    narrative, day (``2026-09-21``): what it is about.
    started: the exercise began. impacted: users were first hurt. detected, declared, mitigated
    (verified by the probes), resolved (borne out by them): the milestones.
    duration: from the first hurt to when steady state came back, or so far.
    symptom: what people said was wrong. impact: what the probes measured, in a sentence;
    public_impact: the same without names of probes. customer_words, status_words: what customers
    and the status page were told last, where that can be said outside.
    probes: the same for each probe of the steady state. availability: share of good samples.
    roles; commander, tech_lead, comms_lead, scribe: who holds them now. people: all who spoke.
    hypothesis: the newest that was confirmed, or that stands. standing: what its test said.
    evidence, test: of it. cause: the confirmed hypothesis. ended_by: what ended the impact.
    last_action: the newest deed. next_action: what was approved after it.
    phase: investigating, identified, monitoring or resolved. number: of the next internal
    update, from 1. next_update: 15 minutes (or what the run's policy has) after the last internal
    message, else after the declaration. next_public_update: 30 minutes after the last one on the
    status page. escalate_to: who is to be called in next. waiting: how long users have waited for a
    mitigation. channel, bridge: where people meet. actions: action items. lessons: answers of
    the debrief. links: commands that show more. timeline: everything worth a line; the
    exercise's own doings only once the run has ended. runbook, drill: their lists.
    """

    run: str
    title: str
    severity: str
    environment: str
    owner: str
    services: str
    narrative: str
    day: str
    started: str
    impacted: str
    detected: str
    declared: str
    mitigated: str
    resolved: str
    duration: str
    symptom: str
    impact: str
    public_impact: str
    customer_words: str
    status_words: str
    probes: tuple[str, ...]
    availability: str
    roles: tuple[RoleLine, ...]
    commander: str
    tech_lead: str
    comms_lead: str
    scribe: str
    people: str
    hypothesis: str
    standing: str
    evidence: str
    test: str
    cause: str
    ended_by: str
    last_action: str
    next_action: str
    phase: str
    number: int
    next_update: str
    next_public_update: str
    escalate_to: str
    waiting: str
    channel: str
    bridge: str
    actions: tuple[str, ...]
    lessons: tuple[str, ...]
    links: tuple[str, ...]
    timeline: tuple[TimelineLine, ...]
    runbook: RunbookFacts
    drill: DrillFacts


def draft_facts(
    card: Scorecard,
    lines: Mapping[str, str],
    number: int = 1,
    phase: StatusPhase | None = None,
) -> DraftFacts:
    """The facts of a run. lines: entries in words, by their ids; what is not in it is not in
    the timeline. number: which run of its day it is, for the channel's name. phase: another
    than the run has come to."""
    run = Asked(card, phase)
    account, scenario = run.account, card.scenario
    return DraftFacts(
        run=card.run_id,
        title=one_line(scenario.title),
        severity=str(run.severity),
        environment=scenario.environment,
        owner=one_line(scenario.owner),
        services=said(" and ".join(scenario.services), "services that are hit"),
        narrative=one_line(scenario.narrative),
        day=date(card.started),
        started=clock(card.state.started_at, "when the exercise began"),
        impacted=clock(run.hurt, "when users were first hurt"),
        detected=clock(run.reached(Milestone.DETECTED), "when somebody noticed"),
        declared=clock(run.reached(Milestone.DECLARED), "when it was declared"),
        mitigated=clock(run.reached(Milestone.MITIGATED), "when it was mitigated"),
        resolved=clock(run.reached(Milestone.RESOLVED), "when it was resolved"),
        duration=run.duration,
        symptom=said(run.symptom, "what users cannot do"),
        impact=run.impact,
        public_impact=run.public_impact,
        customer_words=customer_words(run),
        status_words=status_words(run),
        probes=several_said(map(_probe, run.probes), "what the probes of the steady state say"),
        availability=_availability(card),
        roles=tuple(RoleLine(title, run.holder(role)) for role, title in ROLES.items()),
        commander=run.holder(Role.INCIDENT_COMMANDER),
        tech_lead=run.holder(Role.TECH_LEAD),
        comms_lead=run.holder(Role.COMMS_LEAD),
        scribe=run.holder(Role.SCRIBE),
        people=said(", ".join(dict.fromkeys(x.fact.by for x in account.said)), "who took part"),
        hypothesis=said(run.suspected.text, "what the cause may be, and who is testing it"),
        standing=run.standing,
        evidence=said(run.suspected.evidence, "what speaks for it"),
        test=said(run.suspected.test, "what would show it"),
        cause=said(run.cause, "the cause, once it is known"),
        ended_by=run.ended_by,
        last_action=said(run.last_action, "what was done last, and by whom"),
        next_action=said(run.next_action, "what is done next, by whom, and until when"),
        phase=str(run.phase),
        number=len(run.now.told(Audience.INTERNAL)) + 1,
        next_update=run.due(Audience.INTERNAL),
        next_public_update=run.due(Audience.STATUS_PAGE),
        escalate_to=run.escalate_to,
        waiting=run.waiting,
        channel=channel(card.started, number, scenario.title),
        bridge=to_fill("link to the call"),
        actions=several_said(map(_action, account.all(e.ActionItemAdded)), "action items"),
        lessons=several_said(lessons(card.state), "lessons"),
        links=(f"gameday report {card.run_id}", f"gameday get events --run {card.run_id}"),
        timeline=tuple(_timeline(card, lines))
        or (TimelineLine(to_fill("time"), to_fill("what happened"), to_fill("entry")),),
        runbook=runbook_facts(run),
        drill=drill_facts(scenario),
    )


def _probe(probe: ProbeImpact) -> str:
    if probe.share is None:
        return f"{probe.probe}: {to_fill('no reading while users were hurt')}"
    worst = "" if probe.worst_ms is None else f", slowest {probe.worst_ms:.0f} ms"
    return f"{probe.probe}: {percent(probe.share)} of {probe.samples:,} readings failed{worst}"


def _availability(card: Scorecard) -> str:
    share = card.steady_state.availability
    return to_fill("availability") if share is None else f"{percent(share)} of readings were good"


def _action(entry: Word[e.ActionItemAdded]) -> str:
    fact = entry.fact
    details = (
        said(fact.owner, "owner"),
        said(fact.priority, "P0, P1 or P2"),
        f"due {said(fact.due, 'date')}",
    )
    return f"{said(fact.text, 'what is to be done')} ({', '.join(details)})"


def _timeline(card: Scorecard, lines: Mapping[str, str]) -> Iterator[TimelineLine]:
    ended = card.state.phase is not None and card.state.phase.ended
    for record in sorted(card.records, key=lambda r: (card.offset(r.at), r.seq)):
        hidden = not ended and _inside(record.event)
        text = one_line(lines.get(record.id, ""))
        if text and not hidden and record.id not in card.state.annulled:
            yield TimelineLine(clock_s(record.at), text, record.id)


def _inside(event: e.Event) -> bool:
    """Whether only the exercise knows of it while it goes on."""
    if isinstance(event, e.InjectSent):
        return bool(event.fault) and not event.message
    return isinstance(event, _INSIDE)
