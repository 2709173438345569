"""A run's result, made from its scorecard alone."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from gameday.core.log import events as e
from gameday.core.log.chain import canonical
from gameday.core.scorecard.run_result import (
    FollowUpResult,
    ItemResult,
    Likeness,
    RunResult,
    TimeResult,
)
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.words import RuleVerdict, TimeVerdict

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
    if _true_claims(card) and not card.false_all_clears:
        yield _ALL_CLEAR
    if card.verdicts.system.verdict == "recovered":
        yield _NOT_BACK


def _true_claims(card: Scorecard) -> list[str]:
    annulled = card.state.annulled
    return [c.entry for c in card.state.claims if c.verdict and c.entry not in annulled]


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
