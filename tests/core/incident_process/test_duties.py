"""Duties run on the exercise's clock: a pause moves them, and they are called once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.bootstrap.process_tables import process_values
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


def at(seconds: float) -> Instant:
    return Instant(1e9 + seconds, round(seconds * NANOSECONDS), "b")


class Log:
    """A run that grows by commands, as the log's writers make it."""

    def __init__(self, **changes: Any) -> None:
        scenario = Scenario.model_validate(minimal_scenario(**{"process": {}, **changes}))
        process = process_values(Path("/none"), scenario)
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
