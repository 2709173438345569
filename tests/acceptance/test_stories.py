"""The demo's four stories, judged by reading the report's JSON."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.acceptance.conftest import STORIES, Told

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]
Stories = Mapping[str, Told]


def test_responders_who_do_well(stories: Stories) -> None:
    told = stories["responders"]
    report = told.report
    assert told.exit_code == 0, told.log
    assert report["attribution"] == "responder"
    assert report["verdicts"] == {"run": "valid", "system": "recovered", "people": "met"}
    assert all(fault["verified"] for fault in report["faults"])
    assert {time["verdict"] for time in report["times"].values()} == {"met"}
    assert report["false_all_clears"] == []
    assert report["score"]["total"] == 100


def test_nobody_mitigates(stories: Stories) -> None:
    told = stories["nobody"]
    report = told.report
    assert told.exit_code == 1
    assert report["attribution"] == "rollback"
    assert report["verdicts"]["people"] == "missed"
    assert report["times"]["mitigate"]["seconds"] is None
    assert report["times"]["mitigate"]["verdict"] == "missed"
    assert report["milestones"]["mitigated"] is None
    assert all(fault["verified"] for fault in report["faults"])


def test_a_claim_too_early(stories: Stories) -> None:
    report = stories["false-all-clear"].report
    assert len(report["false_all_clears"]) == 1
    assert report["attribution"] == "responder"
    honest = next(p for p in report["score"]["parts"] if p["name"] == "honest_all_clears")
    assert honest["points"] < honest["max"]


def test_a_fault_that_heals_itself(stories: Stories) -> None:
    told = stories["self-heal"]
    assert told.report["attribution"] == "self_healed"
    assert told.report["milestones"]["mitigated"] is None
    assert all(fault["verified"] for fault in told.report["faults"])


@pytest.mark.parametrize("name", STORIES)
def test_every_target_is_judged_and_every_number_has_its_event(stories: Stories, name: str) -> None:
    told = stories[name]
    ids = {event["id"] for event in told.program.json("get", "events", "--samples", "-o", "json")}
    for time in told.report["times"].values():
        took, limit = time["seconds"], time["target_s"]
        if took is None:
            watched_long_enough = (time["observed_s"] or 0.0) > limit
            assert time["verdict"] == ("missed" if watched_long_enough else "censored")
        else:
            assert time["verdict"] == ("met" if took <= limit else "missed")
        assert {e for e in (time["from_event"], time["to_event"]) if e} <= ids
    for mark in told.report["milestones"].values():
        assert mark is None or mark["event"] in ids
    for part in told.report["score"]["parts"]:
        assert set(part["events"]) <= ids


@pytest.mark.parametrize("name", STORIES)
def test_steady_state_was_sampled_all_through(stories: Stories, name: str) -> None:
    steady = stories[name].report["steady_state"]
    assert steady["samples"] > 40
    assert steady["failed"] > 0
    assert 0 < steady["availability"] < 1
    assert steady["lost_chunks"] == []


def test_the_ledger_is_in_order(stories: Stories) -> None:
    for told in stories.values():
        kinds = [event["type"] for event in told.program.events()]
        order = ("RunStarted", "FaultIntended", "FaultInjected", "FaultUndoing", "FaultUndone")
        places = [kinds.index(kind) for kind in order]
        assert places == sorted(places)
        assert kinds[-1] == "RunCompleted"


def test_reports_are_written_and_can_be_made_again(stories: Stories) -> None:
    program = stories["responders"].program
    written = next(program.directory.glob("reports/*/report.json")).read_text(encoding="utf-8")
    assert program.run("report", "--format", "json").stdout == written
    html = next(program.directory.glob("reports/*/report.html")).read_text(encoding="utf-8")
    assert "<svg" in html
    assert "http://" not in html.split("</head>")[0]


def test_the_chain_of_every_run_is_whole(stories: Stories) -> None:
    for told in stories.values():
        done = told.program.run("store", "verify")
        assert done.returncode == 0, done.stdout
