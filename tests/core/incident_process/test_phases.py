"""The phases of an incident: the table, how they connect, and how long each took in a drill."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gameday.adapters.incident_process.tables import PACKAGED, load_table
from gameday.bootstrap.process_tables import process_of, table_problems
from gameday.cli.live_duties import NextDuty
from gameday.core.errors import InvalidFile
from gameday.core.incident_process.phase_times import (
    PhaseTime,
    PhaseVerdict,
    phases_of,
    present,
)
from gameday.core.instant import seconds_between
from gameday.core.log import events as e
from gameday.core.log.events import Record
from gameday.core.process_tables.phases import PhaseTable, diagram
from gameday.core.process_tables.policy import Policy
from gameday.core.process_tables.process import Process
from gameday.core.run import commands as c
from gameday.core.run.evolve import evolve, fold
from gameday.core.scenario.scenario import Scenario
from gameday.core.scorecard.scorecard import scorecard
from gameday.testing import minimal_scenario
from tests.engine.drill import RUN, Stage, play
from tests.engine.process_drills import play_script, played

DOCS = Path(__file__).parents[3] / "docs" / "incident-process.md"
TABLE = load_table("phases", PhaseTable)
POLICY = load_table("policy", Policy)
V = PhaseVerdict
CALM = {"id": "calm", "at": "+5s", "title": "Nothing happens", "message": "All is well."}
_DAY = 86_400


def judged(records: Sequence[Record]) -> dict[str, PhaseTime]:
    card = scorecard(RUN, records)
    return {t.phase.id: t for t in phases_of(card.state, records, card.ended, card.rules)}


def of(script: str) -> dict[str, PhaseTime]:
    return judged(played(script).records)


def phase(id: str, begins: str, *ends: str, **window: Any) -> dict[str, Any]:
    about = {"id": id, "title": id, "about": "a", "source": "s"}
    return {**about, "begins": begins, "ends": ends, **(window or {"within": "1m"})}


# --- the table ------------------------------------------------------------------------------


def test_all_phases_of_the_sources_are_there() -> None:
    assert [each.id for each in TABLE.phases] == [
        *("detection", "response", "communication", "triage"),
        *("investigation", "mitigation", "resolution", "review"),
    ]


def test_the_docs_show_the_diagram_and_the_windows_of_the_table() -> None:
    text = DOCS.read_text()
    assert f"```mermaid\n{diagram(TABLE, POLICY)}\n```" in text, diagram(TABLE, POLICY)
    for each in TABLE.phases:
        assert f"| `{each.id}` |" in text, each.id


def test_the_diagram_is_of_the_table_it_is_given() -> None:
    small = PhaseTable.model_validate(
        {"phases": [phase("one", "impacted", "detected"), phase("two", "detected", "resolved")]}
    )
    assert diagram(small, POLICY).splitlines() == [
        "flowchart LR",
        "    impacted -->|one 1m| detected",
        "    detected -->|two 1m| resolved",
    ]


@pytest.mark.parametrize(
    ("phases", "told"),
    [
        ([phase("a", "impacted", "detected"), phase("b", "triaged", "resolved")], "no earlier"),
        ([phase("a", "impacted", "impacted")], "leads back to impacted"),
        (
            [
                phase("a", "impacted", "detected"),
                phase("b", "detected", "declared"),
                phase("c", "declared", "resolved", "detected"),
            ],
            "leads back to detected",
        ),
        ([phase("a", "impacted", "detected")] * 2, "more than one phase 'a'"),
        ([phase("a", "impacted", "detected", within="1m", rules=["r"])], "one of policy, within"),
        ([phase("a", "impacted", "detected", within=None)], "one of policy, within, rules"),
        ([phase("a", "impacted", "detected", within="0s")], "say a time"),
        ([phase("a", "impacted", "noticed")], "ends"),
        ([phase("a", "impacted")], "ends"),
        ([], "phases"),
    ],
)
def test_a_table_that_does_not_connect_is_refused(phases: list[Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        PhaseTable.model_validate({"phases": phases})


def test_beside_an_earlier_one_is_connected() -> None:
    phases = [phase("a", "impacted", "detected"), phase("b", "impacted", "resolved")]
    assert PhaseTable.model_validate({"phases": phases})


# --- a team's own ---------------------------------------------------------------------------


def own(directory: Path, window: str) -> Process | None:
    (directory / "phases.yaml").write_text(
        "phases:\n- {id: a, title: A, about: a, begins: impacted, ends: [detected], "
        f"source: ours, {window}}}\n"
    )
    return process_of(directory, Scenario.model_validate(minimal_scenario(process={})))


def test_a_teams_own_phases_stand_for_the_packaged(tmp_path: Path) -> None:
    process = own(tmp_path, "within: 2m")
    assert process is not None
    assert process.phases is not None
    assert [(each.id, each.within) for each in process.phases.phases] == [("a", 120)]


@pytest.mark.parametrize(
    ("window", "told"),
    [
        ("rules: [politeness]", "politeness"),
        ("follow_up: party", "party"),
        ("policy: phases.lunch", "phases.lunch"),
        ("policy: declaration.objective", "declaration.objective"),  # a number, and no time
    ],
)
def test_what_holds_a_phase_has_to_be_there(tmp_path: Path, window: str, told: str) -> None:
    with pytest.raises(InvalidFile, match=f"phases.yaml:1:1: phases: a .* {told}, which"):
        own(tmp_path, window)


def test_no_window_of_the_packaged_table_is_a_number_of_its_own() -> None:
    assert [each.id for each in TABLE.phases if each.within is not None] == []


NAMED = {each.id: each.policy for each in TABLE.phases if each.policy}


def windows(**changes: Any) -> dict[str, float | None]:
    process = process_of(None, Scenario.model_validate(minimal_scenario(**changes)))
    assert process is not None
    return {each.id: process.window(each) for each in TABLE.phases}


@pytest.mark.parametrize(("id", "path"), NAMED.items())
def test_a_changed_policy_changes_the_window_and_no_other(id: str, path: str) -> None:
    section, time = path.split(".")
    before = windows(process={}, pace=0.5)
    after = windows(process={section: {time: "77m"}}, pace=0.5)
    assert {id for id in before if before[id] != after[id]} == {id}
    assert after[id] == 77 * 60 * 0.5


def test_a_policy_without_a_phases_time_is_told_by_validate(tmp_path: Path) -> None:
    text = (PACKAGED / "policy.yaml").read_text(encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(text.replace("  triage: 10m\n", ""), encoding="utf-8")
    (told,) = table_problems(tmp_path)
    assert "triage may last as long as the policy's phases.triage, which is no" in told.message


def test_a_mistake_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"phases\.yaml:2:\d+: .*within"):
        own(tmp_path, "within: soon")


def test_the_tables_are_in_the_log_and_come_back_as_they_were() -> None:
    process = played("kept.yaml").state.process
    assert process is not None
    assert process.phases == TABLE
    assert Process.model_validate(process.model_dump(mode="json", by_alias=True)) == process


def test_a_log_of_before_there_were_phases_still_loads() -> None:
    first, *rest = played("kept.yaml").records
    assert isinstance(first.event, e.RunScheduled)
    values = dict(first.event.process)
    for name in ("phases", "followups", "debrief", "triage"):
        del values[name]
    older = [replace(first, event=replace(first.event, process=values)), *rest]
    assert judged(older) == {}
    assert scorecard(RUN, older).rules == played("kept.yaml").card.rules


def test_a_log_of_before_windows_and_words_were_tables_still_loads() -> None:
    """What it holds is judged as it was: no page was owed, windows were in the phases. Of blame it
    can say nothing any more."""
    first, *rest = played("kept.yaml").records
    assert isinstance(first.event, e.RunScheduled)
    values = json.loads(json.dumps(first.event.process))
    del values["blame"], values["policy"]["phases"], values["policy"]["escalation"]["paging"]
    del values["policy"]["verification"]["mitigated"], values["policy"]["verification"]["resolved"]
    for each in values["phases"]["phases"]:
        if each.pop("policy"):
            each["within"] = "5m"
    for duty in values["followups"]["duties"]:
        del duty["since"]
    older = scorecard(RUN, [replace(first, event=replace(first.event, process=values)), *rest])
    verdicts = {outcome.rule.id: str(outcome.verdict) for outcome in older.rules}
    assert {id: said for id, said in verdicts.items() if said != "kept"} == {
        "blame": "not_asked",
        "paging": "not_asked",
    }
    found = {t.phase.id: t for t in phases_of(older.state, older.records, older.ended, older.rules)}
    assert found["triage"].window == 15


# --- drills ---------------------------------------------------------------------------------


def test_the_drill_that_keeps_all_rules_has_each_phase_within_its_window() -> None:
    found = of("kept.yaml")
    assert {id: str(time.verdict) for id, time in found.items()} == dict.fromkeys(
        (each.id for each in TABLE.phases), "within"
    )
    assert {id: (round(time.seconds or -1), time.window) for id, time in found.items()} == {
        "detection": (4, 15),
        "response": (8, 15),
        "communication": (648, None),
        "triage": (18, 30),
        "investigation": (16, 60),
        "mitigation": (44, 90),
        "resolution": (604, 720),
        "review": (20, None),
    }


def test_a_debated_rollback_is_over_in_mitigation_alone() -> None:
    found = of("broken/rollback-debate.yaml")
    assert [id for id, time in found.items() if time.verdict is not V.WITHIN] == ["mitigation"]
    assert found["mitigation"].verdict is V.OVER
    assert found["mitigation"].why == "126.0 s, window 1m30s"


def test_silence_is_over_in_communication_alone() -> None:
    found = of("broken/silence.yaml")
    assert [id for id, time in found.items() if time.verdict is V.OVER] == ["communication"]
    assert "update the team" in found["communication"].why


def test_what_nobody_declared_was_not_triaged_after_it() -> None:
    found = judged(play(process={}).records)
    assert found["response"].verdict is V.NOT_REACHED
    assert found["triage"].why == "it was never declared"
    assert found["triage"].seconds is None
    assert found["detection"].verdict in (V.OPEN, V.OVER)


def test_nothing_hurts_and_no_phase_begins() -> None:
    found = judged(play(process={}, timeline=[CALM]).records)
    assert {time.verdict for time in found.values()} == {V.NOT_REACHED}


def test_no_window_is_passed_before_it_is() -> None:
    """The same silence, judged a moment before and after the window of detection."""
    records = played("kept.yaml").records
    hurt = next(n for n, r in enumerate(records, 1) if isinstance(r.event, e.ImpactStarted))
    state = fold(RUN, records[:hurt])
    start = records[hurt - 1].at
    for seconds, verdict in ((14.9, V.OPEN), (15.1, V.OVER)):
        times = phases_of(state, records[:hurt], start.plus(seconds))
        assert times[0].verdict is verdict
        assert present(times) == times[0]


def test_what_lies_in_a_pause_does_not_count() -> None:
    """The same debate, mended in the same minute, while the exercise stood still."""

    async def pauses(stage: Stage) -> None:
        await stage.at(100)
        await stage.stream.execute(c.PauseRun("fay"))
        await stage.at(220)
        await stage.stream.execute(c.ResumeRun("fay"))

    run = play_script("broken/rollback-debate.yaml", pauses)
    paused, plain = (
        judged(run.records)["mitigation"],
        of("broken/rollback-debate.yaml")["mitigation"],
    )
    assert (paused.begun, paused.ended) != (None, None)
    assert (paused.verdict, plain.verdict) == (V.WITHIN, V.OVER)
    declared, stopped = run.of(e.Declared)[0].at, run.of(e.RunPaused)[0].at
    assert paused.seconds == pytest.approx(seconds_between(declared, stopped))


def test_a_stepped_wall_clock_changes_no_phase_but_by_the_calendar() -> None:
    async def steps(stage: Stage) -> None:
        for at, seconds in ((60, 3600), (200, -7200)):
            await stage.at(at)
            stage.clock.step_wall(seconds)

    stepped = judged(play_script("kept.yaml", steps).records)
    assert {id: t.verdict for id, t in stepped.items()} == dict.fromkeys(stepped, V.WITHIN)


def reviewed(days: float, done: bool = True) -> PhaseTime:
    """The kept drill, with its review so many days after its end."""
    records = [
        replace(r, at=r.at.plus(days * _DAY), event=replace(r.event, done=done))
        if isinstance(r.event, e.FollowUpRecorded)
        else r
        for r in played("kept.yaml").records
    ]
    return judged(records)["review"]


def test_the_review_is_due_by_the_calendar_which_no_pace_shortens() -> None:
    assert reviewed(3).verdict is V.WITHIN
    late = reviewed(12)
    assert late.verdict is V.OVER
    assert late.why.startswith("due within 5 business days, by ")
    assert reviewed(1, done=False).verdict is V.OPEN


def test_the_live_view_has_the_phase_its_time_and_its_window() -> None:
    records = played("broken/rollback-debate.yaml").records
    shown = []
    state = fold(RUN, [])
    live = NextDuty(lambda: state)
    for record in records:
        state = evolve(state, record)
        live.note(record)
        told = live.phase(record.at)
        if told and told[0].split()[0] not in shown:
            shown.append(told[0].split()[0])
    assert shown == [
        *("Detection", "Response", "Triage", "Investigation"),
        *("Mitigation", "Resolution", "Review"),
    ]


def test_the_live_view_says_when_a_phase_is_over_and_nothing_before_the_harm() -> None:
    records = played("broken/rollback-debate.yaml").records
    state = fold(RUN, [])
    live = NextDuty(lambda: state)
    assert live.phase(records[0].at) is None
    declared = next(r for r in records if isinstance(r.event, e.Declared))
    for record in records:
        if isinstance(record.event, e.MitigationProposed):
            break
        state = evolve(state, record)
        live.note(record)
    assert live.phase(declared.at.plus(60)) == ("Mitigation 1:00 of 1:30", False)
    assert live.phase(declared.at.plus(100)) == ("Mitigation 1:40 of 1:30 OVER", True)
