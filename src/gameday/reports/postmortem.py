"""The postmortem of a run as values: what the log can say of it, and gaps for what people must.

Blameless: findings speak of times, readings and entries, and name people only where they hold
something (a role, an action item). The same records always give the same postmortem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from gameday.core.drafts.felt_impact import ProbeImpact
from gameday.core.drafts.run import Asked
from gameday.core.drafts.words import said, several_said, to_fill
from gameday.core.incident_process.account import Word
from gameday.core.incident_process.debrief import lessons
from gameday.core.log import events as e
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.scorecard.verdicts import NONE_FELT, NONE_SEEN
from gameday.core.words import Role
from gameday.reports.action_items import action_items
from gameday.reports.entries import Entry as Row
from gameday.reports.entries import entries
from gameday.reports.postmortem_findings import Finding, badly, factors, luck, well
from gameday.reports.wording import capital, clock, listed, long_day, percent, sentence, took

SECTIONS: Mapping[str, str] = {
    "summary": "Summary",
    "impact": "Impact",
    "timeline": "Timeline",
    "whys": "Five whys",
    "factors": "Contributing factors",
    "well": "What went well",
    "badly": "What went badly",
    "luck": "Where luck helped",
    "actions": "Action items",
    "lessons": "Lessons",
    "evidence": "Evidence",
}
"""Headings by what they hold, in order; `--check` looks for each of them."""

ACTION_COLUMNS = ("Action", "Owner", "Priority", "Due", "Status", "From")
PRIORITIES = ("P0", "P1", "P2")
"""P0: before anything else. P1: in the next weeks. P2: when there is time."""

PURPOSE = "Of a drill. It asks what let things happen, and what let them last; never who."

_WHYS = 5


@dataclass(frozen=True, slots=True)
class Why:
    """One of the five: its question, and the answer or a gap."""

    question: str
    answer: str
    events: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Action:
    """A row of the action items. Gaps where nobody said it yet; status is open or done."""

    title: str
    owner: str
    priority: str
    due: str
    status: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Postmortem:
    """Everything both renderers show. facts: the head's pairs. impact: pairs of what was measured.
    timeline: entries worth a line, struck out ones marked. evidence: commands."""

    run_id: str
    title: str
    facts: tuple[tuple[str, str], ...]
    summary: tuple[str, ...]
    impact: tuple[tuple[str, str], ...]
    probes: tuple[ProbeImpact, ...]
    timeline: tuple[Row, ...]
    whys: tuple[Why, ...]
    factors: tuple[Finding, ...]
    well: tuple[Finding, ...]
    badly: tuple[Finding, ...]
    luck: tuple[Finding, ...]
    actions: tuple[Action, ...]
    lessons: tuple[str, ...]
    evidence: tuple[str, ...]


def postmortem(card: Scorecard) -> Postmortem:
    """The postmortem, as far as the run's records go."""
    run = Asked(card)
    return Postmortem(
        run_id=card.run_id,
        title=card.scenario.title,
        facts=tuple(_facts(run)),
        summary=tuple(_summary(run)),
        impact=tuple(_impact(run)),
        probes=run.probes,
        timeline=tuple(_timeline(card)),
        whys=tuple(_whys(run)),
        factors=factors(run),
        well=well(run),
        badly=badly(run),
        luck=luck(run),
        actions=tuple(_actions(run)),
        lessons=several_said(
            lessons(card.state),
            "what we know now that we did not know before",
        ),
        evidence=(
            f"gameday report {card.run_id} --format html --out reports",
            f"gameday get events --run {card.run_id} -o json",
            "gameday store verify",
        ),
    )


def _facts(run: Asked) -> Iterator[tuple[str, str]]:
    card = run.card
    people = dict.fromkeys(entry.fact.by for entry in run.account.said)
    yield "Date", long_day(card.started)
    yield "Severity", str(run.severity)
    yield "Users hurt for", run.duration
    yield "Environment", f"{card.scenario.environment}, in an exercise"
    yield "Services", said(", ".join(card.scenario.services), "services that were hit")
    yield "Commander", run.holder(Role.INCIDENT_COMMANDER)
    yield "Took part", said(", ".join(people), "who took part")
    yield "Run", card.run_id


def _summary(run: Asked) -> Iterator[str]:
    card = run.card
    services = listed(card.scenario.services) or to_fill("services that were hit")
    if run.hurt is None:
        yield sentence(f"{NONE_SEEN if card.unwatched else NONE_FELT} at {services}")
    else:
        what = said(run.symptom, "what users could not do")
        yield sentence(f"{what}: {services} did not hold steady state for {run.duration}")
    yield sentence(f"cause: {said(run.cause, 'the cause, in a sentence')}")
    if card.impacts:
        yield sentence(f"what ended it: {run.ended_by}")
    yield sentence(f"people: {_verdict(card.verdicts.people.verdict)}")


def _verdict(word: str) -> str:
    return {
        "met": "every target was met",
        "missed": "not every target was met",
        "censored": "the run was too short to tell of every target",
        "not_exercised": "the response was not exercised",
    }.get(word, word.replace("_", " "))


def _impact(run: Asked) -> Iterator[tuple[str, str]]:
    card = run.card
    hurt = sum(impact.seconds for impact in card.impacts)
    yield "Users were hurt for", f"{took(hurt)} in all ({hurt / 60:.1f} minutes)"
    share = card.steady_state.availability
    good = to_fill("availability") if share is None else percent(share)
    yield "Good readings since the start", good
    yield "Users hit", to_fill("how many, and by what measure")
    yield "Cost", to_fill("revenue, contracts, data, trust; or none")


def _timeline(card: Scorecard) -> Iterator[Row]:
    at = {record.id: (card.offset(record.at), record.seq) for record in card.records}
    told = [row for row in entries(card) if row.mark]
    yield from sorted(told, key=lambda row: at[row.id])


def _whys(run: Asked) -> Iterator[Why]:
    card = run.card
    events = tuple(impact.start.event for impact in card.impacts[:3])
    if not events:
        yield Why("Why was there no impact?", to_fill("what absorbed it, or kept it away"))
    else:
        answer = f"{capital(run.impact)}, from {clock(card.impacts[0].start.at)} UTC on."
        yield Why("Why were users hurt?", answer, events)
    stands = run.now.hypothesis
    known = [Why("Why did that happen?", sentence(run.cause), (stands.entry,))] if stands else []
    yield from known if run.cause else ()
    for number in range(3 if run.cause else 2, _WHYS + 1):
        yield Why("Why did that happen?", to_fill(f"answer {number}"))


def _actions(run: Asked) -> Iterator[Action]:
    """What people asked for, then what the report asks for and nobody took."""
    done = {_plain(f.fact.item): f.fact.done for f in run.account.all(e.FollowUpRecorded)}
    asked = run.account.all(e.ActionItemAdded)
    for entry in asked:
        yield _asked(entry, done.get(_plain(entry.fact.text)))
    titles = {_plain(entry.fact.text) for entry in asked}
    for item in action_items(run.card):
        if _plain(item.title) not in titles:
            yield Action(
                title=item.title,
                owner=to_fill("owner"),
                priority=PRIORITIES[0] if item.urgent else to_fill("P0, P1 or P2"),
                due=to_fill("date"),
                status="open",
                events=tuple(event for event, _ in item.evidence),
            )


def _asked(entry: Word[e.ActionItemAdded], done: bool | None) -> Action:
    fact = entry.fact
    return Action(
        title=said(fact.text, "what is to be done"),
        owner=said(fact.owner, "owner"),
        priority=said(fact.priority, "P0, P1 or P2"),
        due=said(fact.due, "date"),
        status={None: "open", True: "done", False: "left out"}[done],
        events=(entry.entry,),
    )


def _plain(text: str) -> str:
    return " ".join(text.lower().replace("-", " ").replace("_", " ").split()).rstrip(".")
