"""Duties run on the exercise's clock: a pause moves them, and they are called once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.bootstrap.process_tables import held_against, process_values
from gameday.core.agenda import agenda
from gameday.core.incident_process.criteria import burning_since
from gameday.core.incident_process.duties import duties
from gameday.core.incident_process.duty import Duty
from gameday.core.instant import NANOSECONDS, Instant, seconds_between
from gameday.core.log import events as e
from gameday.core.log.events import Draft, Record
from gameday.core.run import commands as c
from gameday.core.run.decide import decide
from gameday.core.run.evolve import evolve, fold
from gameday.core.run.state import Impact, RunState
from gameday.core.scenario.scenario import Scenario
from gameday.core.words import Audience, Role, Severity
from gameday.testing import minimal_scenario
from tests.engine.drill import good_responders, play


def at(seconds: float) -> Instant:
    return Instant(1e9 + seconds, round(seconds * NANOSECONDS), "b")


class Log:
    """A run that grows by commands, as the log's writers make it."""

    def __init__(self, **changes: Any) -> None:
        scenario = Scenario.model_validate(minimal_scenario(**{"process": {}, **changes}))
        process = process_values(None, scenario)
        values = scenario.model_dump(mode="json", by_alias=True)
        event = e.RunScheduled(title="t", scenario=values, source="s", digest="d", process=process)
        self.seq = 0
        self.state = fold("r", [])
        self._add(Draft(event, at(0)))
        self.do(c.StartRun(), 0)

    def do(self, command: c.Command, seconds: float) -> RunState:
        for draft in decide(self.state, command, at(seconds)):
            self._add(draft)
        return self.state

    def say(self, fact: e.ResponderFact, seconds: float) -> RunState:
        return self.do(c.Respond(fact), seconds)

    def _add(self, draft: Draft) -> None:
        self.seq += 1
        record = Record("r", self.seq, draft.event, draft.at, draft.at, None, "", "")
        self.state = evolve(self.state, record)

    def owed(self, rule: str) -> list[Duty]:
        return [duty for duty in duties(self.state) if duty.rule == rule]

    def due(self, rule: str) -> list[float]:
        return [duty.due(self.state) / NANOSECONDS for duty in self.owed(rule)]


def declared(severity: Severity = Severity.SEV1, **changes: Any) -> Log:
    log = Log(**changes)
    log.say(e.Declared(by="alice", severity=severity), 100)
    return log


def test_tables_of_another_version_keep_nobody_from_a_runs_faults() -> None:
    """A recovery folds the log: it must not fail at what judges people."""
    scenario = Scenario.model_validate(minimal_scenario())
    scheduled = e.RunScheduled(
        title="t",
        scenario=scenario.model_dump(mode="json", by_alias=True),
        source="s",
        digest="d",
        process={"policy": {"a later version's": 1}},
    )
    intent = e.FaultIntended(fault="f", experiment="x", title="t", targets=("a",), undo=())
    facts = [(1, scheduled), (2, e.RunStarted()), (3, intent)]
    state = fold(
        "r", [Record("r", seq, event, at(seq), at(seq), None, "", "") for seq, event in facts]
    )
    assert state.process is None
    assert [fault.id for fault in state.outstanding] == ["f"]
    assert agenda(state)


PAUSES = st.lists(st.tuples(st.integers(1, 400), st.integers(1, 900)), max_size=4)


@given(PAUSES)
def test_a_pause_moves_what_is_due_after_it_began(pauses: list[tuple[int, int]]) -> None:
    log, now, due = declared(), 100.0, 100.0 + 15 * 60
    for after, length in pauses:
        if now + after < due:
            due += length
        log.do(c.PauseRun("fay"), now + after)
        now += after + length
        log.do(c.ResumeRun("fay"), now)
    assert log.due("internal_update") == [due]


def test_in_a_pause_nothing_falls_due() -> None:
    log = declared()
    log.do(c.PauseRun("fay"), 200)
    assert not [d for d in agenda(log.state) if isinstance(d.command, (c.CallDuty, c.MissDuty))]


@given(st.floats(0.01, 10))
def test_the_pace_scales_every_time(pace: float) -> None:
    log = declared(pace=pace)
    assert log.due("internal_update") == pytest.approx([100 + 900 * pace])
    assert log.due("external_update") == pytest.approx([100 + 1800 * pace])
    assert log.due("silence") == pytest.approx([100 + 1800 * pace])


def test_one_value_of_a_scenario_changes_one_threshold() -> None:
    log = declared(process={"communication": {"internal_every": {"SEV1": "20m"}}})
    assert log.due("internal_update") == [100 + 1200]
    assert log.due("external_update") == [100 + 1800]


def test_what_is_done_is_owed_no_more_and_the_next_begins() -> None:
    log = declared()
    log.say(e.Communicated(by="carol", text="x", audience=Audience.INTERNAL), 400)
    first, second = log.owed("internal_update")
    assert first.done is not None
    assert not first.owed_at(first.due(log.state))
    assert second.due(log.state) / NANOSECONDS == 400 + 900
    assert second.owed_at(second.due(log.state))


def test_nobody_owes_messages_once_it_is_called_resolved() -> None:
    log = declared()
    log.say(e.ResolutionClaimed(by="alice"), 300)
    (duty,) = log.owed("internal_update")
    assert not duty.owed_at(duty.due(log.state))


@pytest.mark.parametrize(
    ("severity", "missing"),
    [
        (Severity.SEV1, {"incident_commander", "tech_lead", "comms_lead", "scribe"}),
        (Severity.SEV2, {"incident_commander", "tech_lead"}),
        (Severity.SEV4, set()),
    ],
)
def test_the_severity_says_who_has_to_be_there(severity: Severity, missing: set[str]) -> None:
    log = declared(severity)
    assert {duty.id.removeprefix("role.") for duty in log.owed("roles")} == missing


def test_who_came_with_a_role_need_not_take_it() -> None:
    people = [{"name": "alice", "role": "incident_commander"}]
    log = declared(Severity.SEV3, participants=people)
    assert not log.owed("roles")


def test_an_annulled_message_was_none() -> None:
    log = declared()
    log.say(e.Communicated(by="carol", text="x", audience=Audience.INTERNAL), 400)
    said = log.seq
    log.say(e.EntryAnnulled(by="fay", text="wrong room", entry=f"e{said}"), 410)
    (duty,) = log.owed("internal_update")
    assert duty.done is None


def test_a_severity_that_is_raised_asks_from_then_on() -> None:
    log = declared(Severity.SEV3)
    assert [duty.id for duty in log.owed("roles")] == ["role.incident_commander"]
    log.say(e.SeverityChanged(by="alice", severity=Severity.SEV1), 4000)
    due = {duty.id: duty.due(log.state) / NANOSECONDS for duty in log.owed("roles")}
    assert due["role.incident_commander"] == 100 + 300  # asked for all along
    assert due["role.scribe"] == 4000 + 300  # and this from now on
    assert log.due("status_post") == [4000 + 300]
    assert log.due("internal_update") == [100 + 3600, 4000 + 900]  # hourly, then every quarter
    lead = {duty.id: duty for duty in log.owed("escalation")}
    assert lead["escalate.lead-sev1"].due(log.state) / NANOSECONDS == 4000 + 1800
    assert not lead["escalate.lead-sev3"].owed_at(round(14_500 * 1e9))


def test_a_severity_that_is_lowered_forgives_nothing_that_was_due() -> None:
    log = declared(Severity.SEV1)
    log.say(e.SeverityChanged(by="alice", severity=Severity.SEV4), 1000)
    (room,) = log.owed("room")
    assert room.owed_at(room.due(log.state))  # it fell due at 400
    updates = log.owed("internal_update")
    assert not updates[-1].owed_at(updates[-1].due(log.state) + 10**9)  # due at 1000: no more


def test_the_same_severity_said_again_starts_nothing_anew() -> None:
    log = declared(Severity.SEV1)
    log.say(e.SeverityChanged(by="alice", severity=Severity.SEV1), 500)
    log.say(e.SeverityChanged(by="alice", severity=Severity.SEV2), 600)
    assert log.due("internal_update") == [100 + 900]  # both ask for a quarter of an hour
    assert log.due("room") == [100 + 300]


def test_a_command_that_was_handed_over_is_timed_anew() -> None:
    log = Log()
    log.say(e.RoleAssigned(by="a", role=Role.INCIDENT_COMMANDER, holder="a"), 10)
    assert not log.owed("hand_over")  # nobody is worn out before there is an incident
    log.say(e.Declared(by="a", severity=Severity.SEV2), 20)
    log.say(e.RoleHandedOver(by="a", text="b", role=Role.INCIDENT_COMMANDER, holder="b"), 3600)
    first, second = log.owed("hand_over")
    assert first.done is not None
    assert seconds_between(at(3600), second.since) == 0


def impact(start: float, end: float | None = None) -> Impact:
    return Impact(at(start), at(end) if end is not None else None)


@pytest.mark.parametrize(
    ("impacts", "since"),
    [
        ([impact(100)], 100 + 1.5 + 300),  # 0.5 % of 300 s are used up after 1.5 s
        ([impact(100, 101)], None),  # too short to matter
        ([impact(100, 101), impact(110)], 110 + 0.5 + 300),
        ([impact(100, 101), impact(500)], 500 + 1.5 + 300),  # the first is out of the window
        ([impact(100, 102)], None),  # nearly out of the window five minutes later
        ([impact(100, 110)], 401.5),  # short, and still most of the window's budget
        ([], None),
    ],
)
def test_the_burn_rate_obliges_when_it_has_held(impacts: list[Impact], since: float | None) -> None:
    found = burning_since(impacts, 0.005, 300)
    assert (found.boot / NANOSECONDS if found else None) == since


# --- paging ---------------------------------------------------------------------------------


def pages(log: Log) -> dict[str, tuple[str, float]]:
    return {d.id: (d.to, d.due(log.state) / NANOSECONDS) for d in log.owed("paging")}


@pytest.mark.parametrize(
    ("severity", "paged"),
    [
        (Severity.SEV1, {"page.on-call": "on_call", "page.rotation": "rotation"}),
        (Severity.SEV2, {"page.on-call": "on_call", "page.specialist": "specialist"}),
        (Severity.SEV3, {}),
        (Severity.SEV4, {}),
    ],
)
def test_a_declaration_pages_at_once(severity: Severity, paged: dict[str, str]) -> None:
    log = declared(severity)
    assert pages(log) == {id: (to, 100) for id, to in paged.items()}
    called = [due.command for due in agenda(log.state) if isinstance(due.command, c.CallDuty)]
    assert {duty.duty for duty in called if duty.duty.startswith("page.")} == set(paged)


def test_nobody_is_paged_before_it_is_declared() -> None:
    log = Log()
    log.say(e.Detected(by="alice"), 50)
    assert pages(log) == {}


def test_a_severity_that_is_raised_pages_whoever_was_not_paged_for_it() -> None:
    log = declared(Severity.SEV3)
    log.say(e.SeverityChanged(by="alice", severity=Severity.SEV2), 1000)
    log.say(e.Escalated(by="alice", to="On-call"), 1010)
    log.say(e.SeverityChanged(by="alice", severity=Severity.SEV1), 2000)
    assert pages(log) == {
        "page.on-call": ("on_call", 1000),
        "page.specialist": ("specialist", 1000),
        "page.rotation": ("rotation", 2000),
    }
    assert [duty.id for duty in log.owed("paging") if duty.done] == ["page.on-call"]


def test_the_checklists_line_says_it_of_everybody_whom_that_severity_asks_for() -> None:
    log = declared(Severity.SEV2)
    log.say(e.ItemChecked(by="alice", item="declaration.page"), 110)
    assert all(duty.done for duty in log.owed("paging"))
    log.say(e.SeverityChanged(by="alice", severity=Severity.SEV1), 2000)
    open_ = [duty.id for duty in log.owed("paging") if not duty.done]
    assert open_ == ["page.rotation"]  # it was ticked of a SEV2
    log.say(e.ItemChecked(by="alice", item="declaration.page"), 2010)
    assert all(duty.done for duty in log.owed("paging"))


def test_a_page_before_the_declaration_is_one_and_another_tick_is_none() -> None:
    for item, paged in (("declaration.page", True), ("declaration.bridge", False)):
        log = Log()
        log.say(e.ItemChecked(by="alice", item=item), 90)
        assert not log.owed("paging")
        log.say(e.Declared(by="alice", severity=Severity.SEV1), 100)
        assert [duty.done is not None for duty in log.owed("paging")] == [paged, paged]


# --- clean times ------------------------------------------------------------------------------


def held(**changes: Any) -> Scenario:
    """A game day that says nothing of its verification, with what its process gives it."""
    values = {name: v for name, v in minimal_scenario().items() if name != "verification"}
    scenario = Scenario.model_validate({**values, "process": {}, **changes})
    return held_against(None, scenario)[0]


def clean(**changes: Any) -> tuple[float, float]:
    windows = held(**changes).verification
    return windows.mitigated, windows.resolved


def test_clean_times_of_the_process_are_paced_and_a_game_days_own_are_not() -> None:
    assert clean() == (300, 60)
    assert clean(pace=0.05) == pytest.approx((15, 3))
    assert clean(pace=0.05, verification={"mitigated": "5m"}) == pytest.approx((300, 3))
    assert clean(pace=0.05, verification={"resolved": "1m"}) == pytest.approx((15, 60))
    assert clean(process={"verification": {"mitigated": "10m"}}) == (600, 60)
    assert clean(process=False, pace=0.05) == (300, 60)  # held against nothing


def test_windows_about_probes_and_safety_take_what_they_take() -> None:
    slow, quick = held().verification, held(pace=0.05).verification
    for name in ("before", "settle", "after", "recover_within"):
        assert getattr(quick, name) == getattr(slow, name)


@pytest.mark.parametrize(("pace", "seconds"), [(1.0, 300), (0.1, 30)])
def test_a_mitigation_is_borne_out_after_the_paced_clean_time(pace: float, seconds: float) -> None:
    values = held(pace=pace).model_dump(mode="json", by_alias=True)
    run = play(good_responders(), **values)
    (verified,) = run.of(e.MitigationVerified)
    end = run.of(e.ImpactEnded)[-1].at
    assert seconds <= seconds_between(end, verified.recorded) < seconds + 5
