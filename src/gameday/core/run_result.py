"""What is kept of a run to be compared with others: small, and made from its scorecard alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from gameday.core import events as e
from gameday.core.chain import canonical
from gameday.core.incident_process.rules import RuleVerdict
from gameday.core.scorecard import Scorecard
from gameday.core.times import TimeVerdict

VERSION = 3
"""Of what a result says; one that was kept by another version is made anew."""

_OTHERWISE_ALIKE = frozenset(
    {
        *("title", "narrative", "owner", "objectives", "participants", "setup"),
        *("success_criteria", "debrief", "message", "expect", "to"),
        *("configuration", "url", "host", "port", "context", "api_server", "slo"),
    }
)
"""What may change in a scenario without making it another exercise: words; addresses, which are
others on each machine; and the promise that its error budget is counted by."""

_SEVERITY = "another severity was declared"
_ALL_CLEAR = "an all-clear was false"
_NOT_BACK = "steady state did not come back"


@dataclass(frozen=True, slots=True)
class TimeResult:
    """A response time in seconds. span: from which milestone to which. observed: how long it was
    watched for, when it did not come."""

    name: str
    span: str
    seconds: float | None
    observed: float | None
    target: float
    verdict: TimeVerdict


@dataclass(frozen=True, slots=True)
class Likeness:
    """Digests of what makes two runs the same exercise, beside their targets."""

    faults: str
    scenario: str

    def differences(self, other: Likeness) -> tuple[str, ...]:
        """What is another in the two, in words."""
        if self == other:  # nearly always
            return ()
        return tuple(
            word for word in ("faults", "scenario") if getattr(self, word) != getattr(other, word)
        )


@dataclass(frozen=True, slots=True)
class ItemResult:
    """An action item that somebody asked for in a run; empty where they left it open. due: ISO
    date."""

    title: str
    owner: str
    priority: str
    due: str


@dataclass(frozen=True, slots=True)
class FollowUpResult:
    """Something was done after an incident, or left out on purpose. at: wall time in seconds
    since the epoch. item: its id, or an action item's title."""

    item: str
    done: bool
    at: float


@dataclass(frozen=True, slots=True)
class RunResult:
    """A game day that has ended.

    started: wall time in seconds since the epoch. families: types of the faults that went in.
    roles: those that the people who said or did something held. findings: what went wrong, in
    words that are the same each time. annulled: entries struck out afterwards. good: findings
    that could have been made and were not, because it was seen to go well. items, followups:
    what people asked for and did, without what was struck out. hints: how often the facilitator
    helped.
    """

    run_id: str
    started: float
    title: str
    team: str
    environment: str
    severity: str
    services: tuple[str, ...]
    families: tuple[str, ...]
    roles: tuple[str, ...]
    likeness: Likeness
    run: str
    system: str
    people: str
    attribution: str
    score: float | None
    times: tuple[TimeResult, ...]
    findings: tuple[str, ...]
    annulled: int
    good: tuple[str, ...] = ()
    items: tuple[ItemResult, ...] = ()
    followups: tuple[FollowUpResult, ...] = ()
    hints: int = 0

    @property
    def valid(self) -> bool:
        """Whether it says anything about people and system."""
        return self.run == "valid"


def result_of(card: Scorecard) -> RunResult:
    """The result of a scored run."""
    scenario, judged = card.scenario, card.verdicts
    return RunResult(
        run_id=card.run_id,
        started=card.started.wall,
        title=scenario.title,
        team=scenario.owner,
        environment=scenario.environment,
        severity=str(scenario.severity),
        services=tuple(scenario.services),
        families=tuple(dict.fromkeys(_families(card))),
        roles=tuple(sorted(set(_roles(card)))),
        likeness=_likeness(card),
        run=judged.run.verdict,
        system=judged.system.verdict,
        people=judged.people.verdict,
        attribution=str(card.attribution.attribution),
        score=card.score.total,
        times=tuple(
            TimeResult(
                name=time.name,
                span=f"{time.target.from_} → {time.target.to}",
                seconds=time.seconds,
                observed=time.observed_s,
                target=time.target.within,
                verdict=time.verdict,
            )
            for time in card.times
        ),
        findings=tuple(dict.fromkeys(_findings(card))),
        annulled=len(card.state.annulled),
        good=tuple(dict.fromkeys(_good(card))),
        items=tuple(_items(card)),
        followups=tuple(_followups(card)),
        hints=len(card.hints),
    )


def _families(card: Scorecard) -> Iterator[str]:
    for fault in card.state.faults.values():
        if fault.injected_at is not None and fault.intent is not None:
            faults = [step.spec for step in fault.intent.undo if step.kind == "fault"]
            types = [str(spec["type"]) for spec in faults if "type" in spec]
            yield from types or ["chaostoolkit"]


def _roles(card: Scorecard) -> Iterator[str]:
    roles = {person.name: person.role for person in card.scenario.participants}
    for record in card.records:
        event = record.event
        if isinstance(event, e.RoleAssigned):
            roles[event.holder] = event.role
        if isinstance(event, e.ResponderFact) and event.by in roles:
            yield str(roles[event.by])


def _findings(card: Scorecard) -> Iterator[str]:
    yield from _judged(card, TimeVerdict.MISSED)
    yield from _rules(card, RuleVerdict.BROKEN)
    if card.severity.wrong:
        yield _SEVERITY
    if card.false_all_clears:
        yield _ALL_CLEAR
    if card.verdicts.system.verdict == "not_recovered":
        yield _NOT_BACK


def _good(card: Scorecard) -> Iterator[str]:
    yield from _judged(card, TimeVerdict.MET)
    yield from _rules(card, RuleVerdict.KEPT)
    if card.severity.declared and not card.severity.wrong:
        yield _SEVERITY
    if any(claim.verdict for claim in card.state.claims) and not card.false_all_clears:
        yield _ALL_CLEAR
    if card.verdicts.system.verdict == "recovered":
        yield _NOT_BACK


def _judged(card: Scorecard, verdict: TimeVerdict) -> Iterator[str]:
    for time in card.times:
        if time.verdict is verdict:
            yield f"{time.name} was late"
    for outcome in card.expectations:
        if outcome.verdict is verdict:
            yield f"expected and missed: {outcome.expectation.title}"


def _rules(card: Scorecard, verdict: RuleVerdict) -> Iterator[str]:
    for outcome in card.rules:
        if outcome.verdict is verdict:
            yield f"not kept: {outcome.rule.title[:1].lower()}{outcome.rule.title[1:]}"


def _items(card: Scorecard) -> Iterator[ItemResult]:
    for record in _counted(card):
        event = record.event
        if isinstance(event, e.ActionItemAdded):
            yield ItemResult(event.text, event.owner, event.priority, event.due)


def _followups(card: Scorecard) -> Iterator[FollowUpResult]:
    for record in _counted(card):
        event = record.event
        if isinstance(event, e.FollowUpRecorded):
            yield FollowUpResult(event.item, event.done, record.at.wall)


def _counted(card: Scorecard) -> Iterator[e.Record]:
    return (record for record in card.records if record.id not in card.state.annulled)


def _likeness(card: Scorecard) -> Likeness:
    whole = card.scenario.model_dump(mode="json", by_alias=True)
    faults = [inject for inject in whole.pop("timeline") if inject["fault"]]
    whole.pop("targets")  # each time tells its own
    return Likeness(_digest(faults), _digest(whole))


def _digest(value: Any) -> str:
    return sha256(canonical(_bare(value)).encode()).hexdigest()[:16]


def _bare(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _bare(v) for key, v in value.items() if key not in _OTHERWISE_ALIKE}
    return [_bare(item) for item in value] if isinstance(value, list) else value
