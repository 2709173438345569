"""``advise``, ``tree``, ``checklist`` and ``followups`` as a user meets them."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gameday.adapters.incident_process.tables import PACKAGED
from gameday.bootstrap import process_tables, store
from gameday.cli.advise import advise
from gameday.cli.main import cli, run
from gameday.core.log.events import Draft, Record, ResolutionClaimed
from gameday.core.log.responses import EXAMPLES
from gameday.core.scenario.situation import Situation
from gameday.settings import load_settings
from tests.core.incident_process.test_icalendar import parsed, unescaped
from tests.engine.drill import act, good_responders, played_once

DOCS = Path(__file__).parents[2] / "docs/incident-process.md"
RESOLVED_2020 = 1_577_872_800.0 - 1_790_000_000.0
"""Seconds that bring virtual time's beginning to 2020-01-01 10:00 UTC, a Wednesday."""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of its own, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def shown(*arguments: str) -> str:
    """What a command that succeeds prints on stdout."""
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


def as_json(*arguments: str) -> Any:
    return json.loads(shown(*arguments, "-o", "json"))


def failed(capsys: pytest.CaptureFixture[str], code: int, *arguments: str) -> str:
    """What a command that fails so says on stderr; it prints no data."""
    capsys.readouterr()
    assert run(list(arguments)) == code
    told = capsys.readouterr()
    assert told.out == ""
    return told.err


def keep(records: Sequence[Record], run_id: str = "r1") -> None:
    """A run in the store that took place in 2020."""
    with store.open_store(load_settings(Path.cwd(), {}, {})) as log:
        drafts = [
            Draft(r.event, replace(r.at, wall=r.at.wall + RESOLVED_2020), r.key) for r in records
        ]
        log.transact(run_id, 0, lambda _: drafts)


# --- advise --------------------------------------------------------------------------------


def test_every_fact_of_a_situation_has_an_option() -> None:
    names = {parameter.name for parameter in advise.params}
    assert names - {"output"} == set(Situation.model_fields)


def test_advice_after_a_deploy() -> None:
    facts = ("advise", "--deployed", "25", "--errors-up", "--has-rollback")
    advice = as_json(*facts)
    assert (advice["recommended"], advice["eta_minutes"], advice["risk"]) == ("rollback", 5, "low")
    assert "something went out within the last two hours" in advice["because"]
    assert [choice["id"] for choice in advice["then"]] == ["escalate"]
    forbidden = as_json(*facts, "--migration-applied", "--overloaded")
    assert forbidden["recommended"] == "rate_limit"
    first = forbidden["refused"][0]
    assert (first["id"], first["kind"]) == ("rollback", "contraindicated")
    assert "migrated" in first["reasons"][0]
    text = shown(*facts)
    assert text.startswith("rollback: Roll back what went out last (about 5 min, low risk)\n")
    assert "ask the commander first" in text
    assert "  failover: does not fit: there is no healthy replica of what fails\n" in text


def test_advice_without_any_fact_is_to_escalate() -> None:
    assert as_json("advise")["recommended"] == "escalate"
    assert as_json("advise", "--deployed", "inf", "--errors-up")["recommended"] == "escalate"


def test_what_advise_cannot_take(capsys: pytest.CaptureFixture[str]) -> None:
    told = failed(capsys, 2, "advise", "--tried", "prayer")
    assert "there is no option 'prayer'; there are rollback, failover" in told
    assert "nan is no number" in failed(capsys, 2, "advise", "--deployed", "nan")
    assert "--deployed" in failed(capsys, 2, "advise", "--deployed", "-1")


# --- tree ----------------------------------------------------------------------------------


def test_the_trees_are_listed_and_drawn() -> None:
    assert [tree["id"] for tree in as_json("tree")] == ["elevated-error-rate", "latency"]
    text = shown("tree", "elevated-error-rate")
    assert "├─ 5xx: the server fails\n" in text
    assert "│  ├─ yes: something changed\n│  │  ⇒ Roll back now" in text
    assert as_json("tree", "latency")["questions"][0]["id"] == "who"


def test_a_walk_shows_the_next_question_and_then_what_to_do() -> None:
    walk = ("tree", "elevated-error-rate", "--answer", "5xx")
    text = shown(*walk)
    assert text.startswith("Has a deploy or a change")
    assert "  --answer yes: something changed\n" in text
    asked = as_json(*walk)
    assert (asked["question"]["id"], asked["outcome"]) == ("deploy", None)
    told = shown(*walk, "--answer", "deploy=yes")
    assert "  $ kubectl rollout undo deployment/$SERVICE" in told
    assert "  mitigation: rollback\n" in told
    end = as_json(*walk, "--answer", "yes")
    assert end["outcome"]["mitigation"] == "rollback"
    assert end["given"] == [
        {"question": "codes", "answer": "5xx"},
        {"question": "deploy", "answer": "yes"},
    ]


def test_a_walk_off_the_path(capsys: pytest.CaptureFixture[str]) -> None:
    told = failed(capsys, 5, "tree", "flooding")
    assert "no tree is named 'flooding'" in told
    assert "elevated-error-rate, latency" in told
    told = failed(capsys, 2, "tree", "latency", "--answer", "nobody")
    assert "'nobody' is no answer to 'who'" in told
    assert "Answer with everybody, some, region" in told
    assert "which tree" in failed(capsys, 2, "tree", "--answer", "5xx")


# --- checklist -----------------------------------------------------------------------------


def test_a_checklist_as_boxes_and_as_data() -> None:
    boxes = [line for line in shown("checklist", "resolution").splitlines() if "[ ]" in line]
    assert len(boxes) == 5
    assert boxes[-1].endswith("(measured) `resolution.stable`")
    items = as_json("checklist", "resolution")["items"]
    assert [item["id"] for item in items if item["measured"]] == [
        "resolution.metrics_baseline",
        "resolution.stable",
    ]
    assert "commander" in as_json("checklist", "commander")["items"][0]["placeholders"]
    assert "triage" in [each["id"] for each in as_json("checklist")]


def test_a_list_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    told = failed(capsys, 5, "checklist", "shopping")
    assert "no list is named 'shopping'" in told
    assert "declaration, war_room_setup" in told


def test_the_examples_of_respond_name_what_is_there() -> None:
    items = process_tables.checklists(None).items
    options = [option.id for option in process_tables.mitigation_matrix(None).options]
    assert EXAMPLES["item"].removeprefix("--item ") in items
    assert "debrief." + EXAMPLES["question"].removeprefix("--question ") in items
    assert EXAMPLES["option"].removeprefix("--option ") in options
    (question,) = re.findall(r"--answer (\w+)=", EXAMPLES["answers"])
    assert f"triage.{question}" in items


# --- followups -----------------------------------------------------------------------------

BERLIN = ("followups", "--severity", "SEV2", "--resolved", "2026-12-04T17:00", "--zone")


def dues(rows: Sequence[dict[str, str]]) -> dict[str, str]:
    return {row["id"]: row["due"] for row in rows}


def test_what_is_owed_after_an_incident() -> None:
    rows = as_json(*BERLIN, "Europe/Berlin")
    assert dues(rows)["review"] == "2026-12-11T17:00+01:00"
    assert dues(rows)["status_page_resolved"] == "2026-12-04T18:00+01:00"
    assert {row["id"]: row["owed_by"] for row in rows}["ticket"] == "scribe"
    assert "customer_email" not in dues(rows)
    assert dues(as_json(*BERLIN, "UTC"))["review"] == "2026-12-11T17:00+00:00"
    moment = ("--resolved", "2026-12-04T23:30Z", "--zone", "Europe/Berlin")  # Saturday there
    rows = as_json("followups", "--severity", "SEV1", *moment)
    assert dues(rows)["customer_email"] == "2026-12-06T00:30+01:00"
    assert dues(rows)["review"] == "2026-12-11T17:00+01:00"


def test_a_teams_holidays_count(here: Path) -> None:
    text = (PACKAGED / "followups.yaml").read_text(encoding="utf-8")
    text = text.replace("holidays: []", "holidays: [2026-12-08]").replace("SEV1, SEV2", "P1, P2")
    (here / "process").mkdir()
    (here / "process" / "followups.yaml").write_text(text, encoding="utf-8")
    assert dues(as_json(*BERLIN, "UTC"))["review"] == "2026-12-14T17:00+00:00"


def test_what_is_owed_after_the_newest_run_and_what_of_it_is_done(
    capsys: pytest.CaptureFixture[str],
) -> None:
    keep(played_once(good_responders(), severity="SEV3").records)  # and they declare a SEV2
    assert run(["respond", "followup", "--item", "ticket", "--for", "carol"]) == 0
    assert run(["respond", "followup", "--item", "review", "--skipped"]) == 0
    assert run(["respond", "followup", "--item", "party"]) == 0
    capsys.readouterr()
    assert run(["followups", "-o", "json"]) == 0
    told = capsys.readouterr()
    rows = json.loads(told.out)
    states = {row["id"]: row["state"] for row in rows}
    assert states == {
        "status_page_resolved": "overdue",
        "ticket": "done",
        "review_invitation": "overdue",
        "postmortem_draft": "overdue",
        "review": "left_out",
        "channel_archived": "overdue",
        "actions_verified": "overdue",
    }
    assert dues(rows)["review"] == "2020-01-08T17:00+00:00"
    assert "r1: SEV2, resolved 2020-01-01T10:" in told.err
    assert "recorded, and not owed after a SEV2: party" in told.err
    assert as_json("followups", "--run", "r1") == rows


def test_a_sev4_is_answered_by_the_end_of_the_next_business_day(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sev4 = ("followups", "--severity", "SEV4", "--zone", "Europe/Berlin")
    noticed = ("--noticed", "2026-12-04T20:00")  # a Friday evening
    assert dues(as_json(*sev4, *noticed)) == {"response": "2026-12-07T17:00+01:00"}
    rows = as_json(*sev4, *noticed, "--resolved", "2026-12-08T09:00")
    assert set(dues(rows)) == {"response", "ticket", "channel_archived"}
    capsys.readouterr()
    assert run([*sev4, "--resolved", "2026-12-08T09:00"]) == 0
    assert "from when it was noticed, which nobody has said: response" in capsys.readouterr().err
    assert "is no time" in failed(capsys, 2, *sev4, "--noticed", "friday")


@pytest.mark.parametrize(("taken", "state"), [(True, "done"), (False, "overdue")])
def test_taking_a_sev4_in_hand_is_its_response(taken: bool, state: str) -> None:
    acts = [act("+20s", "detect", "impacted"), act("+60s", "declare", "impacted", severity="SEV4")]
    acts += [act("+30s", "ack", "impacted")] if taken else []
    keep(played_once(acts).records)  # nobody resolves it, and the response is due all the same
    (row,) = as_json("followups")
    assert (row["id"], row["due"], row["state"]) == ("response", "2020-01-02T17:00+00:00", state)


def test_what_is_not_due_yet_is_open() -> None:
    rows = as_json("followups", "--severity", "SEV1", "--resolved", "2999-01-01T12:00")
    assert {row["state"] for row in rows} == {"open"}


def test_the_review_as_an_invitation(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([*BERLIN, "Europe/Berlin", "--ical"]) == 0
    first = parsed(capsys.readouterr().out)
    assert (first["DTSTART"], first["DTEND"]) == ("20261209T090000Z", "20261209T100000Z")
    agenda = unescaped(first["DESCRIPTION"]).splitlines()
    assert [int(line.split()[0]) for line in agenda] == [5, 15, 10, 10, 15, 5]
    assert "SEV2" in unescaped(first["SUMMARY"])
    assert run([*BERLIN, "Europe/Berlin", "--ical"]) == 0
    assert parsed(capsys.readouterr().out)["UID"] == first["UID"], "read twice, it is there once"
    keep(played_once(good_responders()).records)
    assert run(["followups", "--run", "r1", "--ical"]) == 0
    assert "r1" in parsed(capsys.readouterr().out)["UID"]


def test_what_followups_cannot_tell(capsys: pytest.CaptureFixture[str]) -> None:
    assert "belong together" in failed(capsys, 2, "followups", "--severity", "SEV1")
    assert "either --run" in failed(capsys, 2, *BERLIN, "UTC", "--run", "r1")
    for zone in ("Mars/Olympus", "../../etc/passwd", "Europe", ""):
        told = failed(capsys, 2, *BERLIN, zone or " ")
        assert "no time zone is named" in told
    for moment in ("yesterday", "0001-01-01", "9999-12-31T23:59"):
        told = failed(capsys, 2, "followups", "--severity", "SEV1", "--resolved", moment)
        assert "is no time of an incident; for example 2026-12-04T17:00" in told
    calm = ("followups", "--severity", "SEV4", "--resolved", "2026-12-04T17:00")
    told = failed(capsys, 5, *calm, "--ical")
    assert "after a SEV4 no review is owed" in told
    assert "no event log at" in failed(capsys, 5, "followups")
    records = played_once(good_responders()).records
    cut = next(n for n, r in enumerate(records) if isinstance(r.event, ResolutionClaimed))
    keep(records[:cut])
    assert "r1 was not resolved" in failed(capsys, 5, "followups")


# --- all of them ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("table", "verb", "wrong", "said"),
    [
        ("mitigation", "advise", "options:\n  - {id: x, risk: huge}\n", "2:19: options.0.risk"),
        (
            "trees",
            "tree",
            "trees:\n  - {id: x, title: T, branches: []}\n",
            "2:23: trees.0.branches",
        ),
        ("checklists", "checklist", "lists:\n  - {id: x, kind: song}\n", "2:19: lists.0.kind"),
        ("followups", "followups", "holidays: [never]\n", "1:12: holidays.0: 'never' is no date"),
    ],
)
def test_a_mistake_in_a_teams_table_is_placed_and_nothing_is_shown(
    here: Path, capsys: pytest.CaptureFixture[str], table: str, verb: str, wrong: str, said: str
) -> None:
    (here / "process").mkdir()
    own = here / "process" / f"{table}.yaml"
    own.write_text(wrong, encoding="utf-8")
    assert f"{own}:{said}" in failed(capsys, 3, verb)
    own.write_text((PACKAGED / own.name).read_text(encoding="utf-8"), encoding="utf-8")
    keep(played_once(good_responders()).records)
    assert shown(verb)  # and the packaged one in its place is taken


VERBS = "(?:advise|tree|checklist|followups|severity|respond)"


def test_the_documentations_examples_run() -> None:
    text = DOCS.read_text(encoding="utf-8")
    examples = re.findall(rf"^(gameday {VERBS}\b.*)$", text, re.MULTILINE)
    examples += re.findall(rf"`(gameday {VERBS}\b[^`]*)`", text)
    assert len(examples) >= 15
    keep(played_once(good_responders()).records)
    for command in examples:
        told = shown(*shlex.split(command)[1:])
        assert told or " respond " in command, command
