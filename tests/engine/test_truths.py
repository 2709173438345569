"""A matrix of scripted truths: what really happened is known, and the scorecard must find it.

Each is a whole drill in virtual time. Response times must be true within a second, or a sampling
interval where a probe decides, and the end of the impact must be put down to whoever ended it.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import permutations
from random import Random
from typing import Any

import pytest

from gameday.adapters.event_log.memory import MemoryEventLog
from gameday.cli.respond import stated
from gameday.core.log import events as e
from gameday.core.log.events import Draft
from gameday.core.run.commands import PauseRun, Respond, ResumeRun, RollBack
from gameday.core.scenario.responder_script import Act
from gameday.core.scorecard.scorecard import Scorecard, scorecard
from gameday.core.words import Attribution, Cause, Milestone, Severity
from gameday.engine.recovery import recover
from gameday.engine.stream import RunStream
from gameday.reports.next_steps import next_steps
from gameday.testing import (
    InlineExecutor,
    SimulatedSystem,
    SimulatedWorkers,
    VirtualClock,
    run_virtual,
)
from tests.engine.drill import RUN, SHIELD, UNSHIELD, Scene, Stage, a_break, act, play

WITHIN_S = 1.1
"""A sampling interval, and the hundredth of a second that a sample takes."""
TARGETS = {
    "detect": "30s",
    "acknowledge": "30s",
    "declare": "2m",
    "triage": "2m",
    "mitigate": "3m",
    "resolve": "5m",
}
USUAL = {"detect": 20, "ack": 30, "declare": 60, "triage": 90, "act": 120, "resolve": 200}
"""Seconds after users were first hurt. Who acts says so ten seconds later."""


@dataclass(frozen=True)
class Truth:
    """what people do and when, what else happens, and who ended the last impact.

    said: seconds after the impact, None: never. times: true response times where they are other
    than those of the script; None: not reached.
    """

    name: str
    ended_by: Attribution
    said: Mapping[str, float | None] = field(default_factory=dict)
    more: Sequence[Act] = ()
    scene: Scene | None = None
    times: Mapping[str, float | None] = field(default_factory=dict)
    false_all_clears: int = 0
    scenario: Mapping[str, Any] = field(default_factory=dict)
    claims: bool = True

    def when(self) -> Mapping[str, float | None]:
        return {**USUAL, **self.said}

    def acts(self) -> list[Act]:
        at = self.when()
        detail: Mapping[str, Any] = {"declare": {"severity": "SEV2"}, "act": {"http": SHIELD}}
        acts = [
            act(f"+{seconds}s", name, "impacted", **detail.get(name, {}))
            for name, seconds in at.items()
            if seconds is not None
        ]
        acted = at["act"]
        if self.claims and acted is not None:
            acts.append(act(f"+{acted + 10}s", "mitigate", "impacted"))
        return [*acts, *self.more]

    def true_times(self) -> Mapping[str, float | None]:
        """By subtraction from the script: no code of the product is asked."""
        at = self.when()
        detected, acknowledged = at["detect"], at["ack"]
        known = None not in (detected, acknowledged)
        return {
            "detect": detected,
            # taken before it was noticed by a person: at once
            "acknowledge": max((acknowledged or 0) - (detected or 0), 0) if known else None,
            "declare": at["declare"],
            "triage": at["triage"],
            "mitigate": at["act"],
            "resolve": at["resolve"] if at["act"] is not None else None,
            **self.times,
        }


async def after_impact(stage: Stage, seconds: float) -> None:
    """Return so long after users were first hurt."""
    if not stage.stream.state.impacts:
        await stage.until(e.ImpactStarted)
    start = stage.stream.state.impacts[0].start
    await stage.clock.sleep_until(start.boot + round(seconds * 1e9))


def at(seconds: float, do: Callable[[Stage], Any]) -> Scene:
    """One thing that happens so long after the impact."""

    async def scene(stage: Stage) -> None:
        await after_impact(stage, seconds)
        found = do(stage)
        if isinstance(found, Awaitable):
            await found

    return scene


def one_by_one(*scenes: Scene) -> Scene:
    async def scene(stage: Stage) -> None:
        for each in scenes:
            await each(stage)

    return scene


def heals(stage: Stage) -> None:
    stage.system.faults.clear()


def shields(stage: Stage) -> None:
    stage.system.shielded = True


def unshields(stage: Stage) -> None:
    stage.system.shielded = False


def aborts(stage: Stage) -> Any:
    return stage.stream.execute(RollBack(Cause.ABORT, "enough", "fay"))


def steps_the_clock(seconds: float) -> Callable[[Stage], Any]:
    return lambda stage: stage.clock.step_wall(seconds)


def paused(start: float, end: float) -> Scene:
    return one_by_one(
        at(start, lambda stage: stage.stream.execute(PauseRun("fay"))),
        at(end, lambda stage: stage.stream.execute(ResumeRun("fay"))),
    )


async def annuls_the_action(stage: Stage) -> None:
    entry = stage.stream.state.actions[-1].entry
    annul = e.EntryAnnulled(by="fay", text="it was another system", entry=entry)
    await stage.stream.execute(Respond(annul, key="a"))


def says(kind: type[e.ResponderFact], ago: float) -> Callable[[Stage], Any]:
    """Entered now, and said to have been so long ago."""
    return lambda stage: stage.say(kind(by="bob", late=True), stage.clock.now().plus(-ago))


NOBODY = dict.fromkeys(USUAL)
RESPONDER, ROLLBACK, ABORT = Attribution.RESPONDER, Attribution.ROLLBACK, Attribution.ABORT
SELF_HEALED, AMBIGUOUS = Attribution.SELF_HEALED, Attribution.AMBIGUOUS
HOLD_2M = {"timeline": [a_break("2m")]}
TWO = {
    "timeline": [a_break(), a_break(id="second", at="+60s")],
    "blast_radius": {"targets": ["sim/*"], "max_targets": 2},
}
LATER = {"timeline": [a_break(), a_break("3m", id="second", at="+6m")]}


def milestone_truths() -> list[Truth]:
    """Each milestone early, late and never, the others as usual."""
    truths = []
    for name, usual in USUAL.items():
        for how, seconds in (("early", usual / 2), ("late", usual * 2.2), ("never", None)):
            mitigated = name != "act" or seconds is not None
            said: dict[str, float | None] = {name: seconds}
            if name == "act":
                said["resolve"] = None if seconds is None else seconds + 80
            if name == "resolve" and how == "early":
                said["resolve"] = 190  # before 120 nothing is mitigated, and before 180 verified
            times = {"acknowledge": None} if said.get("detect", 0) is None else {}
            truths.append(
                Truth(f"{name} {how}", RESPONDER if mitigated else ROLLBACK, said, times=times)
            )
    return truths


TRUTHS = (
    *milestone_truths(),
    Truth(
        "a false claim first",
        RESPONDER,
        more=[act("+50s", "mitigate", "impacted")],
        false_all_clears=1,
    ),
    Truth(
        "two false claims by two people",
        RESPONDER,
        more=[act("+50s", "mitigate", "impacted"), act("+80s", "mitigate", "impacted")],
        false_all_clears=2,
    ),
    Truth("an action that nobody claims", RESPONDER, claims=False),
    Truth("nobody comes", ROLLBACK, NOBODY, scenario=HOLD_2M),
    Truth("well before the undo", RESPONDER, {"act": 60, "resolve": 140}, scenario=HOLD_2M),
    Truth("just before the undo", RESPONDER, {"act": 110, "resolve": None}, scenario=HOLD_2M),
    Truth("after the undo", ROLLBACK, {"act": 130}, times={"mitigate": None}, scenario=HOLD_2M),
    Truth("it heals by itself", SELF_HEALED, {**NOBODY, "detect": 20}, scene=at(60, heals)),
    Truth(
        "it heals by itself and somebody takes the credit",
        AMBIGUOUS,
        {**NOBODY, "detect": 20},
        more=[act("+62s", "mitigate", "impacted")],
        scene=at(60, heals),
    ),
    Truth(
        "it heals by itself long after somebody acted in vain",
        AMBIGUOUS,
        {**NOBODY, "detect": 20},
        more=[act("+30s", "act", "impacted", http=UNSHIELD)],
        scene=at(200, heals),
        scenario={"timeline": [a_break("8m")]},
    ),
    Truth("a person aborts", ABORT, NOBODY, scene=at(60, aborts)),
    Truth("a person aborts what is mitigated", RESPONDER, {"resolve": None}, scene=at(185, aborts)),
    Truth(
        "a person aborts before it is seen to stay",
        RESPONDER,
        {"resolve": None},
        scene=at(150, aborts),
        times={"mitigate": None},
    ),
    Truth(
        "an abort condition stops it",
        ABORT,
        NOBODY,
        scenario={"abort_when": [{"steady_state_lost_for": "45s"}]},
    ),
    Truth(
        "an action that fails",
        ROLLBACK,
        {**NOBODY, "detect": 20},
        more=[act("+60s", "act", "impacted", http={"url": "http://sim/nothing"})],
        scenario=HOLD_2M,
    ),
    Truth(
        "mended by hand and said so while the fault is in",
        RESPONDER,
        {"act": None, "resolve": 200},
        more=[act("+105s", "mitigate", "impacted")],
        scene=at(100, shields),
        times={"mitigate": 100, "resolve": 200},
    ),
    Truth(
        "mended by hand and nobody says so",
        SELF_HEALED,
        {**NOBODY, "detect": 20},
        scene=at(100, shields),
        scenario={"timeline": [a_break("8m")]},
    ),
    Truth(
        "one good answer is no recovery",
        RESPONDER,
        scene=one_by_one(at(59.9, shields), at(60.9, unshields)),
    ),
    Truth(
        "it comes back too soon",
        RESPONDER,
        {"act": 60, "resolve": 230},
        more=[
            act("+150s", "act", "impacted", http=SHIELD),
            act("+155s", "mitigate", "impacted"),
        ],
        scene=at(90, unshields),
        times={"mitigate": 150},
        false_all_clears=1,
    ),
    Truth(
        "a pause before anybody notices",
        RESPONDER,
        {name: seconds + 60 for name, seconds in USUAL.items()},
        scene=paused(5, 65),
        times={"detect": 20, "declare": 60, "triage": 90, "mitigate": 120, "resolve": 200},
    ),
    Truth(
        "a pause between noticing and acting",
        RESPONDER,
        {"act": 180, "resolve": 260},
        scene=paused(95, 155),
        times={"mitigate": 120, "resolve": 200},
    ),
    Truth(
        "a pause after the mitigation",
        RESPONDER,
        {"resolve": 300},
        scene=paused(140, 240),
        times={"resolve": 200},
    ),
    Truth("the wall clock goes an hour forward", RESPONDER, scene=at(50, steps_the_clock(3600))),
    Truth("the wall clock goes an hour back", RESPONDER, scene=at(50, steps_the_clock(-3600))),
    Truth(
        "the wall clock goes back and forth",
        RESPONDER,
        scene=one_by_one(at(10, steps_the_clock(-3600)), at(125, steps_the_clock(3600))),
    ),
    Truth("two faults overlap", RESPONDER, {"resolve": 230}, scenario=TWO),
    Truth(
        "the second fault is nobody's merit",
        ROLLBACK,
        scene=one_by_one(at(310, unshields)),
        scenario=LATER,
        times={"mitigate": None, "resolve": None},  # what was resolved then came again
    ),
    Truth(
        "the second fault is theirs too",
        RESPONDER,
        more=[act("+400s", "act", "impacted", http=SHIELD), act("+470s", "resolve", "impacted")],
        scene=one_by_one(at(310, unshields)),
        scenario=LATER,
        times={"mitigate": 400, "resolve": 470},
    ),
    Truth(
        "noticed, and entered later",
        RESPONDER,
        {"detect": None},
        times={"detect": 15, "acknowledge": 15},
        scene=at(70, says(e.Detected, 55)),
    ),
    Truth(
        "the action was another's and is annulled",
        SELF_HEALED,
        {**NOBODY, "act": 60},
        claims=False,
        scene=at(65, annuls_the_action),
        times={"mitigate": None},
        scenario={"timeline": [a_break("8m")]},
    ),
)


@pytest.mark.parametrize("truth", TRUTHS, ids=[truth.name for truth in TRUTHS])
def test_the_scorecard_finds_the_truth(truth: Truth) -> None:
    scenario: dict[str, Any] = {"targets": TARGETS, "duration": "20m", **truth.scenario}
    card = play(truth.acts(), truth.scene, **scenario).card
    assert card.attribution.attribution is truth.ended_by, card.attribution.why
    assert len(card.false_all_clears) == truth.false_all_clears
    found = {time.name: time.seconds for time in card.times}
    for name, seconds in truth.true_times().items():
        if seconds is None:
            assert found[name] is None, (name, found)
        else:
            assert found[name] == pytest.approx(seconds, abs=WITHIN_S), (name, found)
    mitigated = card.milestones[Milestone.MITIGATED]
    assert (mitigated is not None) is (truth.true_times()["mitigate"] is not None)


def test_there_are_enough_of_them(capsys: pytest.CaptureFixture[str]) -> None:
    counts = {word: sum(t.ended_by is word for t in TRUTHS) for word in Attribution}
    with capsys.disabled():
        told = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
        sys.stdout.write(f"\n{len(TRUTHS)} scripted truths: {told}\n")
    assert len(TRUTHS) >= 40
    assert len({truth.name for truth in TRUTHS}) == len(TRUTHS)


def test_a_conductor_that_dies_ends_the_exercise_and_earns_nobody_credit() -> None:
    """What was seen stands; a recovery samples nothing, so nobody knows what ended it."""
    whole = play([act("+20s", "detect", "impacted")], targets=TARGETS)
    impact = whole.card.impacts[0].start.at
    until = impact.plus(60)
    known = [Draft(r.event, r.at, r.key) for r in whole.records if r.at.boot <= until.boot]

    async def recovered() -> Scorecard:
        clock, system = VirtualClock(), SimulatedSystem({"break"})
        clock.suspend(until.boot / 1e9)
        log = MemoryEventLog(clock)
        log.transact(RUN, 0, lambda _: known)
        stream = RunStream(log, clock, RUN, InlineExecutor())
        await stream.take_lease("host", 1)
        await recover(stream, SimulatedWorkers(system, clock))
        assert not system.faults
        return scorecard(RUN, log.read(RUN))

    card = run_virtual(recovered())
    times = {time.name: time.seconds for time in card.times}
    assert times["detect"] == pytest.approx(20, abs=WITHIN_S)
    assert times["mitigate"] is None
    assert card.verdicts.run.verdict == "aborted"
    assert card.attribution.attribution is Attribution.NONE


@pytest.mark.parametrize("seed", range(8))
def test_claims_at_random_times_change_no_verified_time(seed: int) -> None:
    """A hidden script cries "mitigated" and "resolved" whenever it likes. The control: by claims
    alone the same drills would be scored wrong."""
    dice = Random(seed)
    truth = Truth("as usual", RESPONDER)
    cries = [
        act(f"+{dice.uniform(1, 118):.1f}s", dice.choice(["mitigate", "resolve"]), "impacted")
        for _ in range(4)
    ]
    early = act(f"+{dice.uniform(1, 100):.1f}s", "mitigate", "impacted")
    quiet, loud = (
        play([*truth.acts(), *more], targets=TARGETS, duration="20m").card
        for more in ([], [*cries, early])
    )

    def verified(card: Scorecard) -> list[object]:
        judged = ("mitigate", "resolve")
        return [
            card.attribution.attribution,
            [(impact.start.at, impact.end and impact.end.at) for impact in card.impacts],
            [time.seconds for time in card.times if time.name in judged],
        ]

    assert verified(loud) == verified(quiet)
    assert loud.false_all_clears
    assert loud.score.total is not None
    assert quiet.score.total is not None
    assert loud.score.total < quiet.score.total
    by_claims_alone = loud.milestones[Milestone.CLAIMED]
    mitigated = quiet.milestones[Milestone.MITIGATED]
    assert by_claims_alone is not None
    assert mitigated is not None
    assert by_claims_alone.at.boot < mitigated.at.boot, "claims alone would have been right"


@pytest.mark.parametrize(
    ("switch", "typed"),
    [("2026-03-29T01:00:00", "01:59:40"), ("2026-10-25T01:00:00", "02:59:40")],
    ids=["clocks go forward", "clocks go back"],
)
def test_a_drill_over_the_change_to_or_from_daylight_saving_time(
    switch: str, typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Users are hurt 40 s before; somebody noticed at once, and types the time afterwards as the
    clock on the wall showed it."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        change = datetime.fromisoformat(f"{switch}+00:00").timestamp()

        async def scene(stage: Stage) -> None:
            now = stage.clock.now()  # the fault goes in 30 s after the run began, at 10 s
            stage.clock.step_wall(change - 40 - 40 - (now.wall - now.boot / 1e9))
            await after_impact(stage, 70)
            detected = e.Detected(by="alice", late=True)
            await stage.say(detected, stated(typed, stage.clock.now()))

        truth = Truth("late", RESPONDER, {"detect": None})
        card = play(truth.acts(), scene, targets=TARGETS).card
    finally:
        monkeypatch.undo()
        time.tzset()
    times = {t.name: t.seconds for t in card.times}
    # 40 s before the change users were hurt; 20 s before it somebody noticed
    assert times["detect"] == pytest.approx(20, abs=WITHIN_S)
    assert times["mitigate"] == pytest.approx(120, abs=WITHIN_S)
    assert card.attribution.attribution is RESPONDER


def test_the_order_of_what_happens_at_once_changes_nothing() -> None:
    """Four people speak in the same instant, in every order in which they can be written down."""
    facts = [
        e.Detected(by="alice", source="alert"),
        e.Acknowledged(by="bob"),
        e.Declared(by="carol", severity=Severity.SEV2),
        e.Triaged(by="dora"),
    ]
    told = set()
    for order in permutations(facts):

        async def scene(stage: Stage, order: Sequence[e.ResponderFact] = order) -> None:
            await after_impact(stage, 40)
            now = stage.clock.now()
            for fact in order:
                await stage.say(fact, now)

        played = play([act("+120s", "act", "impacted", http=SHIELD)], scene, targets=TARGETS)
        card = played.card
        times = tuple((time.name, time.seconds, time.verdict) for time in card.times)
        told.add((times, card.score.total, card.verdicts.people.verdict))
    assert len(told) == 1, told


def test_deeds_while_users_are_well_are_told_and_no_others() -> None:
    acts = [
        act("+10s", "act", http=UNSHIELD, text="before anything"),
        act("+120s", "act", "impacted", http=SHIELD, text="the one that helped"),
        act("+150s", "act", "impacted", http=SHIELD, text="once more, to be sure"),
    ]
    card = play(acts, targets=TARGETS).card
    told = [item.text for item in card.unneeded_actions]
    assert told == ["before anything", "once more, to be sure"]


def test_the_severity_declared_last_is_not_the_one_entered_last() -> None:
    acts = [
        act("+60s", "declare", "impacted", severity="SEV3"),
        act("+70s", "severity", "impacted", severity="SEV2"),
    ]

    async def late(stage: Stage) -> None:
        before = stage.stream.state.impacts[0].start.plus(50)
        await stage.say(e.Declared(by="bob", severity=Severity.SEV4, late=True), before)

    card = play(acts, at(90, late)).card
    assert card.severity.declared is Severity.SEV2


def test_the_severity_declared_is_held_against_the_scenarios() -> None:
    def declared(*severities: str) -> Scorecard:
        acts = [
            act(f"+{60 + n}s", "declare" if n == 0 else "severity", "impacted", severity=severity)
            for n, severity in enumerate(severities)
        ]
        return play([*acts, act("+120s", "act", "impacted", http=SHIELD)]).card

    assert declared().severity.declared is None
    assert not declared("SEV2").severity.wrong
    assert not declared("SEV4", "SEV2").severity.wrong
    wrong = declared("SEV4")
    assert wrong.severity.wrong
    assert any("SEV4 was declared, and this was SEV2" in s.text for s in next_steps(wrong))
