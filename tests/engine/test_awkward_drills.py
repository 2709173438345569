"""Drills in which something gets in the way: scores and safety have to be right all the same."""

from __future__ import annotations

import asyncio

import pytest

from gameday.core.log import events as e
from gameday.core.run.times import ResponseTime
from gameday.core.scenario.responder_script import CommandDeed, HttpDeed
from gameday.core.scorecard.comparable import result_of
from gameday.core.scorecard.scorecard import scorecard
from gameday.core.trends.trends import trends
from gameday.core.words import Attribution, Milestone, RunPhase, TimeVerdict
from gameday.engine.players import Done
from gameday.reports.next_steps import next_steps
from gameday.testing import SimulatedHands, SimulatedSystem
from tests.engine.drill import (
    SHIELD,
    UNSHIELD,
    Played,
    Stage,
    a_break,
    act,
    good_responders,
    play,
)

TWO = {"targets": ["sim/*"], "max_targets": 2}


def _mitigate(played: Played) -> ResponseTime:
    return next(time for time in played.card.times if time.name == "mitigate")


def _why(played: Played) -> str:
    assert played.state.rollback is not None
    return played.state.rollback.reason


# --- whose impact, whose merit ----------------------------------------------------------


@pytest.mark.parametrize("talking_only", [False, True])
def test_a_blip_of_the_undo_takes_nobodys_merit(talking_only: bool) -> None:
    async def scene(stage: Stage) -> None:
        if talking_only:
            await stage.at(150)
            stage.system.shielded = True
            await stage.at(155)
            await stage.say(e.MitigationClaimed(by="bob"))
        await stage.until(e.FaultUndoing)
        stage.system.shielded = False
        stage.system.faults.add("blip")
        await asyncio.sleep(4)
        stage.system.faults.discard("blip")

    played = play([] if talking_only else good_responders(), scene, duration="10m")
    assert len(played.of(e.ImpactStarted)) == 2
    assert played.card.attribution.attribution is Attribution.RESPONDER
    assert played.card.milestones[Milestone.MITIGATED] is not None


def test_a_probe_that_was_waiting_when_the_fault_went_in_felt_it() -> None:
    async def scene(stage: Stage) -> None:
        stage.system.latency = 0.9

    played = play(good_responders(), scene, timeline=[a_break(at="+30.5s")])
    injected, impacted = (
        played.card.milestones[m] for m in (Milestone.INJECTED, Milestone.IMPACTED)
    )
    assert injected is not None
    assert impacted is not None
    assert impacted.at.boot >= injected.at.boot
    assert played.card.verdicts.run.verdict == "valid"


def test_an_expired_fault_does_not_end_what_another_went_on_causing() -> None:
    timeline = [a_break("1m", id="a", until="expired"), a_break("20m", id="b", at="+40s")]
    acts = [
        act("+20s", "detect", "impacted"),
        act("+300s", "act", "impacted", http=SHIELD),
        act("+305s", "mitigate", "impacted"),
    ]
    played = play(acts, timeline=timeline, blast_radius=TWO)
    assert played.card.attribution.attribution is Attribution.RESPONDER


def test_an_earlier_faults_expiry_does_not_end_the_chance_to_mitigate_a_later_one() -> None:
    async def scene(stage: Stage) -> None:
        stage.system.shielded = True
        await stage.at(200)
        stage.system.shielded = False

    timeline = [a_break("20s", id="a", until="expired"), a_break(id="b", at="+300s")]
    played = play([], scene, timeline=timeline, targets={"mitigate": "2m"})
    assert _mitigate(played).verdict is TimeVerdict.MISSED


def test_a_loss_when_nothing_was_in_starts_nobodys_clock() -> None:
    async def scene(stage: Stage) -> None:
        stage.system.shielded = True
        await stage.until(e.FaultUndone)
        await asyncio.sleep(60)
        stage.system.faults.add("another's")
        stage.system.shielded = False
        await asyncio.sleep(60)
        stage.system.faults.discard("another's")

    card = play([], scene, duration="20m", timeline=[a_break("1m", until="expired")]).card
    assert len(card.impacts) == 1
    assert card.milestones[Milestone.IMPACTED] is None
    assert (card.verdicts.run.verdict, card.verdicts.people.verdict) == ("invalid", "not_exercised")
    assert card.score.total is None


def test_healed_by_nobody_is_not_missed_by_anybody() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(60)
        stage.system.shielded = True

    played = play(good_responders()[:4], scene, duration="12m", targets={"mitigate": "5m"})
    assert played.card.attribution.attribution is Attribution.SELF_HEALED
    assert _mitigate(played).verdict is TimeVerdict.CENSORED
    assert _mitigate(played).observed_s == pytest.approx(20, abs=1.1)
    steps = [step.text for step in next_steps(played.card)]
    assert not [text for text in steps if "could not be told" in text and "mitigate" in text]


def test_what_is_still_in_can_still_be_mitigated() -> None:
    """So far: another fault that has expired ended nobody's chance."""
    timeline = [a_break("1m", id="a", until="expired"), a_break("35m", id="b", at="+40s")]
    played = play([], duration="40m", timeline=timeline, blast_radius=TWO)
    until = played.records[0].at.plus(1500).boot
    card = scorecard("r", [record for record in played.records if record.at.boot < until])
    (time,) = (time for time in card.times if time.name == "mitigate")
    assert time.why.endswith("so far")
    assert time.observed_s == pytest.approx(1500 - 30, abs=30)


def test_an_abort_before_the_first_failing_sample_is_an_abort() -> None:
    async def scene(stage: Stage) -> None:
        stage.workers.undo_seconds = 5
        await stage.until(e.FaultInjected)
        await asyncio.sleep(0.3)
        await stage.conductor.abort("oops", "fay")

    played = play([], scene, timeline=[a_break(at="+30.5s")])
    assert played.card.attribution.attribution is Attribution.ABORT


def test_an_old_action_without_effect_does_not_spoil_a_proved_claim() -> None:
    async def scene(stage: Stage) -> None:
        await stage.until(e.ImpactStarted)
        await asyncio.sleep(300)
        stage.system.shielded = True  # done by hand, on a call
        await asyncio.sleep(4)
        await stage.say(e.MitigationClaimed(by="alice"))

    played = play([act("+10s", "act", "impacted", http=UNSHIELD)], scene)
    assert played.card.attribution.attribution is Attribution.RESPONDER


def test_what_is_annulled_earns_nothing() -> None:
    async def scene(stage: Stage) -> None:
        await stage.until(e.MitigationVerified)
        state = stage.stream.state
        for entry in [*(a.entry for a in state.actions), *(c.entry for c in state.claims)]:
            await stage.say(e.EntryAnnulled(by="fay", text="another drill's", entry=entry))

    card = play(good_responders()[:-1], scene).card
    assert card.attribution.attribution is not Attribution.RESPONDER
    assert card.milestones[Milestone.MITIGATED] is None


def test_mitigated_too_late_to_be_sure_is_not_missed() -> None:
    played = play(good_responders()[:5], duration="170s", targets={"mitigate": "2m5s"})
    assert played.card.attribution.attribution is Attribution.RESPONDER
    assert _mitigate(played).verdict is TimeVerdict.CENSORED


class _SlowHands(SimulatedHands):
    """The deed works at once and takes long to say so."""

    async def perform(self, deed: HttpDeed | CommandDeed) -> Done:
        done = await super().perform(deed)
        await asyncio.sleep(10)
        return done


def test_a_deed_counts_from_when_it_began() -> None:
    played = play(good_responders()[:5], hands=_SlowHands)
    assert played.card.attribution.attribution is Attribution.RESPONDER


def test_nobody_could_look_says_nothing_about_the_fault() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(100)
        stage.system.faults.clear()

    knobs = {"blind": True}
    acts = [act("+65s", "mitigate", "impacted")]
    played = play(acts, scene, workers=knobs, timeline=[a_break("5m")])
    (observed,) = (r.event for r in played.of(e.FaultObserved))
    assert isinstance(observed, e.FaultObserved)
    assert observed.present is None
    assert played.card.attribution.attribution is Attribution.AMBIGUOUS


# --- claims -----------------------------------------------------------------------------


def test_resolved_before_anything_was_broken_ends_nothing() -> None:
    acts = [act("+1s", "resolve"), act("+20s", "detect", "impacted")]
    played = play(acts, timeline=[a_break("2m", at="+90s")])
    assert _why(played) == "the game day's time is up"


def test_an_annulled_claim_holds_nothing_up() -> None:
    async def scene(stage: Stage) -> None:
        await stage.until(e.MitigationClaimed)
        entry = f"e{stage.stream.state.seq}"
        await stage.say(e.EntryAnnulled(by="fay", text="too early", entry=entry))

    played = play([act("+5s", "mitigate"), *good_responders()], scene)
    assert _why(played) == "everything in the game day is done"


@pytest.mark.parametrize("annulled", [False, True])
def test_an_annulled_claim_is_no_honest_one(annulled: bool) -> None:
    async def scene(stage: Stage) -> None:
        await stage.until(e.ClaimConfirmed)
        (claim,) = stage.stream.state.claims
        if annulled:
            await stage.say(e.EntryAnnulled(by="fay", text="another run", entry=claim.entry))

    result = result_of(play(good_responders()[:-1], scene, duration="10m").card)
    assert ("an all-clear was false" in result.good) is not annulled


def test_claims_entered_after_the_end_are_judged() -> None:
    async def scene(stage: Stage) -> None:
        await stage.until(e.RunCompleted, e.RunAborted)
        impact = stage.stream.state.impacts[-1]
        assert impact.end is not None
        true, false = impact.end.plus(2), impact.start.plus(5)
        await stage.say(e.MitigationClaimed(by="a", late=True), true)
        await stage.say(e.ResolutionClaimed(by="a", late=True), true)
        await stage.say(e.MitigationClaimed(by="b", late=True), false)

    card = play(good_responders()[:-2], scene, duration="10m").card
    assert card.milestones[Milestone.RESOLVED] is not None
    assert [item.by for item in card.false_all_clears] == ["b"]


@pytest.mark.parametrize("late", [False, True])
def test_a_true_claim_shows_the_mitigation_whenever_it_is_entered(late: bool) -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(150)
        stage.system.shielded = True
        await stage.at(155)
        said = stage.clock.now()
        if late:
            await stage.until(e.RunCompleted, e.RunAborted)
        await stage.say(e.MitigationClaimed(by="bob", late=late), said if late else None)

    played = play([], scene, duration="10m", timeline=[a_break("20m")])
    assert bool(played.of(e.MitigationVerified)) is not late
    assert _mitigate(played).seconds == pytest.approx(109, abs=1.1)
    assert _mitigate(played).verdict is TimeVerdict.MET
    assert played.card.attribution.attribution is Attribution.RESPONDER


def test_an_act_after_resolved_is_played() -> None:
    acts = [*good_responders(), act("+0s", "note", "resolved", text="thanks, all")]
    assert [r.event for r in play(acts, duration="20m").of(e.NoteAdded)]


# --- a fault that goes in or out in an unusual way --------------------------------------


def test_a_method_that_is_undone_before_it_returns_had_gone_in() -> None:
    played = play(good_responders(), workers={"method_seconds": 400.0})
    assert played.card.verdicts.run.verdict == "valid"
    assert played.card.faults[0].injected is not None
    assert played.card.faults[0].verified


def test_a_method_that_fails_half_way_had_gone_in() -> None:
    knobs = {"method_seconds": 20.0, "half_broken": frozenset({"break"})}
    played = play([], workers=knobs)
    assert played.card.attribution.attribution is Attribution.ABORT
    assert played.card.milestones[Milestone.INJECTED] is not None
    assert not played.system.faults


def test_overlapping_faults_are_counted_once_in_the_absorbed_score() -> None:
    timeline = [a_break("2m", id=name, until="expired") for name in "ab"]
    card = play([], expects="absorbed", timeline=timeline, blast_radius=TWO).card
    assert card.score.total is not None
    assert card.score.total < 5


def test_what_nobody_measured_was_not_absorbed() -> None:
    played = play([], expects="absorbed", timeline=[a_break("1m", until="expired")])
    blind = [r for r in played.records if not isinstance(r.event, e.SamplesRecorded)]
    assert played.card.score.total is not None
    assert scorecard("r", blind).score.total is None


def test_who_was_not_exercised_was_not_late() -> None:
    """The system was to absorb the fault and did not, for long: that says nothing of people."""
    card = play([], expects="absorbed", timeline=[a_break("12m", until="expired")]).card
    assert (card.verdicts.run.verdict, card.verdicts.people.verdict) == ("valid", "not_exercised")
    assert {time.verdict for time in card.times} == {TimeVerdict.CENSORED}
    result = result_of(card)
    assert not [finding for finding in result.findings if "was late" in finding]
    (group,) = trends([result]).groups
    assert not [point for series in group.series for point in series.points if point.counted]


def test_a_fault_at_the_very_start_is_a_valid_drill() -> None:
    played = play(good_responders(), timeline=[a_break(at="+0s")])
    assert played.card.verdicts.run.verdict == "valid"


def test_a_stuck_fault_comes_out_when_it_can() -> None:
    async def scene(stage: Stage) -> None:
        stage.workers.sticky = frozenset({"break"})
        await stage.until(e.FaultStuck)
        await asyncio.sleep(100)
        stage.workers.sticky = frozenset()

    played = play([], scene, timeline=[a_break("1m")])
    assert not played.system.faults
    assert played.card.faults[0].verified
    assert played.state.phase is RunPhase.ABORTED


def test_a_failing_baseline_does_not_start_in_the_middle_of_a_bad_streak() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(9.5)
        stage.system.faults.add("x")
        await stage.at(13)
        stage.system.faults.clear()

    assert play(good_responders(), scene).card.verdicts.run.verdict != "invalid"


# --- what hangs or fails beside the exercise --------------------------------------------


class _Hanging:
    """A notifier that never returns once the fault is in."""

    async def notify(self, record: e.Record) -> None:
        if isinstance(record.event, e.FaultInjected):
            await asyncio.Event().wait()


def test_a_notifier_that_hangs_delays_no_safety_clock() -> None:
    played = play(timeline=[a_break("1m")], notifiers=(_Hanging(),), duration="10m")
    (injected,) = played.of(e.FaultInjected)
    (undone,) = played.of(e.FaultUndone)
    assert undone.at.boot - injected.at.boot == pytest.approx(60e9, abs=1e9)


class _Forbidden:
    """Hands that may not do what they are asked."""

    def __init__(self, system: SimulatedSystem) -> None:
        pass

    async def perform(self, deed: HttpDeed | CommandDeed) -> Done:
        raise PermissionError(1, "Operation not permitted")


def test_a_deed_that_raises_is_a_deed_that_failed() -> None:
    played = play(good_responders(), hands=_Forbidden, timeline=[a_break("5m")])
    assert played.state.phase is RunPhase.COMPLETED
    (taken,) = played.of(e.ActionTaken)
    assert isinstance(taken.event, e.ActionTaken)
    assert not taken.event.ok
    assert "not permitted" in taken.event.detail


def test_a_machine_that_slept_aborts_before_it_breaks_anything_more() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(60)
        stage.clock.suspend(3600)

    later = a_break("1m", id="later", at="+2m")
    played = play(scene=scene, timeline=[a_break("10m"), later], blast_radius=TWO)
    assert played.state.phase is RunPhase.ABORTED
    assert "stood still for 360" in _why(played)
    assert "inject later" not in played.workers.log
    assert not played.system.faults
