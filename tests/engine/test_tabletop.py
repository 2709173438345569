"""A tabletop: the same engine over a story. Whole tabletops in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.event_log.memory import MemoryEventLog
from gameday.bootstrap.process_tables import process_values
from gameday.bootstrap.runs import GameDay
from gameday.bootstrap.tabletop import story_cast
from gameday.core.log import events as e
from gameday.core.log.events import Draft, RunScheduled
from gameday.core.scenario.responder_script import Act, ResponderScript
from gameday.core.scenario.scenario import Scenario
from gameday.core.scorecard.scorecard import Scorecard, scorecard
from gameday.core.words import Attribution, Milestone, RuleVerdict
from gameday.engine.conductor import Conductor
from gameday.engine.stream import RunStream
from gameday.testing import InlineExecutor, VirtualClock, run_virtual
from tests.engine.drill import act

RUN = "tabletop-1"
SCENARIO = {
    "title": "A story",
    "mode": "tabletop",
    "narrative": "Once upon a time.",
    "owner": "sre",
    "severity": "SEV2",
    "environment": "story",
    "objectives": ["talk"],
    "timeline": [
        {
            "id": "fire",
            "at": "+60s",
            "title": "Smoke",
            "message": "It smells.",
            "imagine": "A rack burns",
            "hold": {"at_most": "20m"},
        }
    ],
    "duration": "40m",
    "verification": {"before": "3s", "settle": "30s", "mitigated": "60s", "resolved": "30s"},
}


def tell(acts: Sequence[Act], **changes: Any) -> Scorecard:
    return run_virtual(_tell(acts, Scenario.model_validate({**SCENARIO, **changes}).with_cards()))


async def _tell(acts: Sequence[Act], scenario: Scenario) -> Scorecard:
    clock = VirtualClock()
    log = MemoryEventLog(clock)
    scheduled = RunScheduled(
        title=scenario.title,
        scenario=scenario.model_dump(mode="json", by_alias=True),
        source="s",
        digest="0",
        process=process_values(None, scenario),
    )
    log.transact(RUN, 0, lambda _: [Draft(scheduled, clock.now())])
    stream = RunStream(log, clock, RUN, InlineExecutor())
    script = ResponderScript(title="t", acts=list(acts))
    game_day = GameDay(Path("story.yaml"), scenario, script)
    await asyncio.create_task(Conductor(stream, story_cast(game_day, stream, ())).run())
    return scorecard(RUN, log.read(RUN))


def talk(*more: Act) -> list[Act]:
    return [
        act("+20s", "detect", "impacted", source="alert"),
        act("+30s", "ack", "impacted"),
        act("+60s", "declare", "impacted", severity="SEV2"),
        act("+200s", "mitigate", "impacted", text="we cut the power of the rack"),
        *more,
    ]


WELL = act("+210s", "story", "impacted", well=True, text="the smoke is gone")


def test_people_end_what_the_facilitator_lets_them_end() -> None:
    card = tell(talk(WELL, act("+120s", "resolve", "mitigated")))
    assert card.verdicts.run.verdict == "valid"
    assert card.verdicts.people.verdict != "not_exercised"
    assert card.attribution.attribution is Attribution.RESPONDER
    assert card.impacts[0].seconds == pytest.approx(210, abs=2)
    assert card.faults[0].verified
    assert card.faults[0].targets == ("story/fire",)
    assert card.milestones[Milestone.RESOLVED] is not None


def test_a_claim_that_the_facilitator_does_not_grant_is_a_false_all_clear() -> None:
    card = tell(talk())
    assert len(card.false_all_clears) == 1
    assert card.attribution.attribution is not Attribution.RESPONDER


def test_it_can_get_worse_again() -> None:
    hurt = act("+230s", "story", "impacted", well=False, text="it burns again")
    card = tell(talk(WELL, hurt))
    assert [i.end is not None for i in card.impacts] == [True, True]
    assert len(card.false_all_clears) == 1


def test_what_the_facilitator_took_back_does_not_count() -> None:
    def find(card: Scorecard) -> str:
        return next(r.id for r in card.records if isinstance(r.event, e.StoryTold))

    entry = find(tell(talk(WELL)))
    annul = act("+212s", "annul", "impacted", entry=entry, text="too early")
    card = tell(talk(WELL, annul))
    assert find(card) == entry
    assert card.attribution.attribution is not Attribution.RESPONDER


COMMANDED = [
    act("+62s", "role", "impacted", role="incident_commander"),
    act("+100s", "propose", "impacted", option="failover"),
]


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ([], RuleVerdict.BROKEN),
        (COMMANDED, RuleVerdict.BROKEN),
        ([*COMMANDED, act("+120s", "approve", "impacted")], RuleVerdict.KEPT),
        ([*COMMANDED, act("+205s", "approve", "impacted")], RuleVerdict.BROKEN),
    ],
)
def test_a_mitigation_that_is_only_told_needs_the_commander_too(
    more: list[Act], verdict: RuleVerdict
) -> None:
    rules = {each.rule.id: each for each in tell(talk(WELL, *more)).rules}
    assert rules["unapproved_mitigation"].verdict is verdict


CARDS = {
    "draw": 3,
    "first": "+5m",
    "every": "5m",
    "deck": [{"id": f"c{n}", "title": f"Card {n}", "message": "m"} for n in range(9)],
}


def drawn(seed: int) -> list[tuple[float, str]]:
    scenario = Scenario.model_validate({**SCENARIO, "cards": CARDS}).with_cards(seed)
    return [(i.at, i.title) for i in scenario.timeline if i.id.startswith("card-")]


def test_cards_come_by_their_seed_and_the_same_every_time() -> None:
    assert drawn(1) == [(300.0, "Card 0"), (600.0, "Card 5"), (900.0, "Card 7")]
    assert drawn(1) == drawn(1)
    assert len({tuple(drawn(seed)) for seed in range(20)}) > 15
    assert all(len({title for _, title in drawn(seed)}) == 3 for seed in range(20))


def test_every_card_is_drawn_about_as_often() -> None:
    often: dict[str, int] = {}
    for seed in range(3000):
        for _, title in drawn(seed):
            often[title] = often.get(title, 0) + 1
    assert all(900 < count < 1100 for count in often.values())


def test_cards_are_sent_like_any_inject() -> None:
    card = tell(talk(WELL), cards=CARDS)
    sent = [r.event.inject for r in card.records if isinstance(r.event, e.InjectSent)]
    assert sum(inject.startswith("card-") for inject in sent) == 3
