"""Whole drills in virtual time: what the log says happened, and in which order."""

from __future__ import annotations

import pytest

from gameday.adapters.event_log.sealing import Anchor, check_chain, to_row
from gameday.core.log import events as e
from gameday.core.run.commands import PauseRun, ResumeRun
from gameday.core.run.state import FaultStatus
from gameday.core.words import Attribution, Cause, Milestone, RunPhase, TimeVerdict
from gameday.engine.undo import BACK_OFF
from gameday.testing import CollectingNotifier
from tests.engine.drill import RUN, SHIELD, Stage, a_break, act, good_responders, play


def test_responders_who_act_in_time_get_the_credit() -> None:
    played = play(good_responders())
    card = played.card
    assert played.state.phase is RunPhase.COMPLETED
    assert card.attribution.attribution is Attribution.RESPONDER
    assert card.verdicts.run.verdict == "valid"
    assert card.verdicts.system.verdict == "recovered"
    assert card.verdicts.people.verdict == "met"
    assert card.score.total == 100
    assert [f.status for f in card.faults] == [FaultStatus.UNDONE]
    assert not played.system.faults


def test_scored_times_are_the_truth_within_a_sampling_interval() -> None:
    card = play(good_responders()).card
    times = {time.name: time.seconds for time in card.times}
    truth = {"detect": 20, "acknowledge": 10, "declare": 60, "triage": 90, "mitigate": 120}
    for name, seconds in truth.items():
        assert times[name] == pytest.approx(seconds, abs=1.1), name


def test_nobody_acting_means_rollback_and_missed() -> None:
    played = play(timeline=[a_break("5m")], targets={"mitigate": "2m"})
    card = played.card
    assert card.attribution.attribution is Attribution.ROLLBACK
    assert card.verdicts.people.verdict == "missed"
    mitigate = next(time for time in card.times if time.name == "mitigate")
    assert (mitigate.seconds, mitigate.verdict) == (None, TimeVerdict.MISSED)
    assert card.faults[0].cause is Cause.HOLD_EXPIRED
    assert card.verdicts.run.verdict == "valid"


def test_a_claim_while_probes_fail_is_one_false_all_clear() -> None:
    acts = [
        act("+20s", "detect", "impacted"),
        act("+30s", "mitigate", "impacted"),
        act("+120s", "act", "impacted", http=SHIELD),
        act("+125s", "mitigate", "impacted"),
    ]
    card = play(acts).card
    assert len(card.false_all_clears) == 1
    assert card.attribution.attribution is Attribution.RESPONDER
    assert card.milestones[Milestone.CLAIMED] is not None
    mitigate = next(time for time in card.times if time.name == "mitigate")
    assert mitigate.seconds == pytest.approx(120, abs=1.1)


def test_a_claim_just_before_the_probes_agree_is_true() -> None:
    acts = [
        act("+120s", "act", "impacted", http=SHIELD),
        act("+120s", "mitigate", "impacted"),
    ]
    assert not play(acts).card.false_all_clears


def test_a_fault_that_heals_itself_is_nobodys_merit() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(100)
        stage.system.faults.clear()

    played = play([act("+20s", "detect", "impacted")], scene, timeline=[a_break("3m")])
    card = played.card
    assert card.attribution.attribution is Attribution.SELF_HEALED
    assert card.milestones[Milestone.MITIGATED] is None
    observed = played.of(e.FaultObserved)
    assert [getattr(record.event, "present", None) for record in observed] == [False]


def test_random_claims_on_a_self_healed_fault_earn_no_credit() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(100)
        stage.system.faults.clear()

    for second in range(5, 130, 7):
        card = play(
            [act(f"+{second}s", "mitigate", "impacted")], scene, timeline=[a_break("3m")]
        ).card
        assert card.attribution.attribution in (Attribution.SELF_HEALED, Attribution.AMBIGUOUS)
        assert card.milestones[Milestone.MITIGATED] is None


def test_intent_is_in_the_log_before_the_fault_and_undo_before_undone() -> None:
    played = play(good_responders())
    order = [type(r.event).__name__ for r in played.records if "Fault" in type(r.event).__name__]
    assert order == [
        "FaultIntended",
        "FaultInjected",
        "FaultObserved",
        "FaultUndoing",
        "FaultUndone",
    ]
    assert played.workers.log == ["inject break", "kill break", "undo break"]


def test_the_chain_of_a_whole_run_is_whole() -> None:
    records = play(good_responders()).records
    rows = [to_row(record) for record in records]
    assert check_chain(RUN, rows, Anchor(len(records), records[-1].digest)).ok


def test_an_unsteady_system_is_refused_and_nothing_is_touched() -> None:
    async def scene(stage: Stage) -> None:
        stage.system.faults.add("already-broken")

    played = play(scene=scene)
    assert played.state.phase is RunPhase.ABORTED
    assert played.of(e.RunRefused)
    assert not played.of(e.FaultIntended)
    assert played.workers.log == []


def test_a_run_whose_targets_cannot_be_looked_at_is_refused_before_it_starts() -> None:
    played = play(workers={"out_of_sight": frozenset({"break"})})
    (refused,) = played.of(e.RunRefused)
    assert isinstance(refused.event, e.RunRefused)
    assert "nobody can tell what break would hit" in refused.event.reason
    assert not played.of(e.RunStarted)
    assert played.workers.log == []


def test_abort_rolls_back_and_attributes_to_the_abort() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(90)
        await stage.conductor.abort("enough", "facilitator")

    played = play(scene=scene)
    assert played.state.phase is RunPhase.ABORTED
    assert not played.system.faults
    assert played.card.attribution.attribution is Attribution.ABORT
    assert played.card.verdicts.run.verdict == "aborted"


def test_a_fault_outside_the_blast_radius_is_refused_before_it_touches_anything() -> None:
    played = play(blast_radius={"targets": ["other/*"]})
    assert played.of(e.FaultRefused)
    assert not played.of(e.FaultIntended)
    assert "inject break" not in played.workers.log
    assert played.state.phase is RunPhase.ABORTED


class _Broken:
    """A notifier whose terminal is gone."""

    async def notify(self, record: object) -> None:
        raise OSError(5, "Input/output error")


def test_a_notifier_that_fails_does_not_fail_the_run() -> None:
    told = CollectingNotifier()
    played = play(good_responders(), notifiers=(_Broken(), told))
    assert played.card.verdicts.run.verdict == "valid"
    notes = [r.event.text for r in played.of(e.NoteAdded) if isinstance(r.event, e.NoteAdded)]
    assert len(notes) == 1
    assert "_Broken failed" in notes[0]
    assert [r.seq for r in told.records] == [r.seq for r in played.records]


def test_a_failed_injection_is_undone_all_the_same_and_aborts() -> None:
    played = play(workers={"broken": frozenset({"break"})})
    assert played.of(e.FaultFailed)
    assert played.of(e.FaultUndone)
    assert played.state.phase is RunPhase.ABORTED


def test_a_fault_that_cannot_be_undone_is_stuck_and_the_run_unsafe() -> None:
    played = play(good_responders(), workers={"sticky": frozenset({"break"})})
    assert played.card.verdicts.run.verdict == "unsafe"
    assert played.card.faults[0].status is FaultStatus.STUCK
    assert not played.card.faults[0].verified
    tries = 1 + len(BACK_OFF)
    assert played.workers.log.count("undo break") >= 2 * tries, "not tried again later"


def test_no_fault_goes_in_while_steady_state_is_lost() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(20)
        stage.system.faults.add("something real")

    played = play(scene=scene)
    assert played.of(e.FaultRefused)
    assert "inject break" not in played.workers.log
    assert played.state.phase is RunPhase.ABORTED


def test_a_claim_from_before_the_impact_does_not_keep_the_run_open() -> None:
    early = play([act("+10s", "mitigate"), *good_responders()])
    assert early.state.rollback is not None
    assert early.state.rollback.reason == "everything in the game day is done"


def test_a_pause_stops_the_timeline_but_not_the_hold() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(60)
        await stage.stream.execute(PauseRun("facilitator"))
        await stage.at(600)
        await stage.stream.execute(ResumeRun("facilitator"))

    later = {"id": "hint", "at": "+2m", "title": "a hint", "message": "look at the cache"}
    played = play(scene=scene, timeline=[a_break("5m"), later])
    (undoing,) = played.of(e.FaultUndoing)
    (injected,) = played.of(e.FaultInjected)
    assert undoing.at.boot - injected.at.boot == pytest.approx(300e9, abs=1e9)
    hint = played.of(e.InjectSent)[-1]
    assert hint.at.boot == pytest.approx((10 + 120 + 540) * 1e9, abs=2e9)


def test_a_pause_without_end_aborts() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(60)
        await stage.stream.execute(PauseRun("facilitator"))

    played = play(scene=scene, max_pause="10m")
    assert played.state.phase is RunPhase.ABORTED
    assert not played.system.faults


def test_a_wall_clock_step_changes_no_time() -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(100)
        stage.clock.step_wall(-3600)

    plain = {time.name: time.seconds for time in play(good_responders()).card.times}
    stepped = {time.name: time.seconds for time in play(good_responders(), scene).card.times}
    assert stepped == plain


def test_an_abort_condition_fires_by_itself() -> None:
    played = play(abort_when=[{"steady_state_lost_for": "45s"}])
    assert played.state.rollback is not None
    assert "steady state lost for 45 s" in played.state.rollback.reason
    assert not played.system.faults


def test_an_absorbed_fault_judges_the_system_and_not_people() -> None:
    async def scene(stage: Stage) -> None:
        stage.system.shielded = True

    card = play(scene=scene, expects="absorbed").card
    assert card.verdicts.run.verdict == "valid"
    assert card.verdicts.system.verdict == "held"
    assert card.verdicts.people.verdict == "not_exercised"
    assert card.score.total == 100


def test_expected_impact_that_does_not_come_makes_the_run_invalid() -> None:
    async def scene(stage: Stage) -> None:
        stage.system.shielded = True

    card = play(scene=scene).card
    assert card.verdicts.run.verdict == "invalid"
    assert card.score.total is None
