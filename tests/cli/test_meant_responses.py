"""What cannot be meant is refused where it is typed; all else is on record and judged later."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from gameday.adapters.incident_process.tables import PACKAGED
from gameday.bootstrap import store
from gameday.bootstrap.checklist_items import items_of_run
from gameday.bootstrap.process_tables import phase_table, policy_table
from gameday.cli.main import run
from gameday.core.log import events as e
from gameday.core.log.events import Draft, Record
from gameday.core.log.responses import Said, fact
from gameday.core.words import Attribution, Response
from gameday.settings import load_settings
from tests.engine.drill import Stage, play, played_once

ROOT = Path(__file__).parents[2]
SCRIPTS = sorted(
    file for file in (ROOT / "gamedays").rglob("*.yaml") if "acts:" in file.read_text("utf-8")
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of its own, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def keep(records: Sequence[Record]) -> None:
    with store.open_store(load_settings(Path.cwd(), {}, {})) as log:
        log.transact("r1", 0, lambda _: [Draft(r.event, r.at, r.key) for r in records])


def keep_a_run(items: tuple[str, ...] | None = None) -> None:
    """A run in the store. items: what its log says can be checked off; as a run of today has it."""
    records = list(played_once().records)
    first = records[0].event
    assert isinstance(first, e.RunScheduled)
    known = items_of_run(None, first.process or {"policy": _policy()}) if items is None else items
    keep([replace(records[0], event=replace(first, checklist_items=known)), *records[1:]])


def _policy() -> Any:
    return policy_table(None).model_dump(mode="json")


def newest() -> e.Event:
    with store.open_store(load_settings(Path.cwd(), {}, {})) as log:
        return log.read("r1")[-1].event


# --- what cannot be meant ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "allowed"),
    [
        (("item", "Alert", "--priority", "P9"), "is none of P0, P1, P2"),
        (("item", "Alert", "--priority", "high"), "is none of P0, P1, P2"),
        (("item", "Alert", "--due", "whenever"), "write it like 2026-12-15"),
        (("item", "Alert", "--due", "2026-02-30"), "write it like 2026-12-15"),
        (("check", "--item", "no.such"), "the lists are declaration, "),
        (("check", "--item", "resolution.no_such"), "that list has resolution.metrics_baseline, "),
        (("check", "--item", "resolution"), "that list has resolution.metrics_baseline, "),
    ],
)
def test_it_is_refused_naming_what_is_allowed(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], allowed: str
) -> None:
    keep_a_run()
    before = newest()
    assert run(["respond", *arguments]) == 2
    told = capsys.readouterr().err
    assert allowed in told
    assert arguments[-1] in told
    assert newest() == before  # nothing is on record


OWN: dict[str, Any] = {
    "process": {},
    "success_criteria": ["It came back"],
    "debrief": ["What surprised you?"],
}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("propose", "--option", "rollbak"), "'rollbak' in run r1\n  → did you mean rollback?"),
        (
            ("debrief", "--question", "nosuch", "x"),
            "'nosuch' in run r1\n  → there are first_sign, ",
        ),
        (("followup", "--item", "postmorten_draft"), "→ did you mean postmortem_draft?"),
        (("observe", "--rule", "nosuch", "x"), "no rule is named 'nosuch' in run r1\n  → there"),
        (("observe", "--rule", "blam", "x"), "→ did you mean blame?"),
    ],
)
def test_an_id_that_means_nothing_is_refused_naming_what_is_meant(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
) -> None:
    keep(played_once(**OWN).records)
    before = newest()
    assert run(["respond", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert newest() == before  # nothing is on record


@pytest.mark.parametrize(
    "arguments",
    [
        ("propose", "--option", "rollback"),
        ("propose", "--option", "restart-it"),  # no option of the matrix: its rule judges that
        ("debrief", "--question", "surprised", "x"),
        ("debrief", "--question", "debrief.surprised", "x"),
        ("debrief", "--question", "criterion-1", "yes"),
        ("debrief", "--question", "debrief-1", "x"),
        ("followup", "--item", "postmortem_draft"),
        ("followup", "--item", "alert_on_p95"),  # an action item of this run
        ("followup", "--item", "Alert when it is slow"),  # perhaps of another one
    ],
)
def test_an_id_that_means_something_is_taken(arguments: tuple[str, ...]) -> None:
    keep(played_once(**OWN).records)
    assert run(["respond", "item", "alert_on_p95"]) == 0
    assert run(["respond", *arguments]) == 0


def test_without_a_process_any_id_is_taken() -> None:
    keep(played_once(process=False).records)
    assert run(["respond", "propose", "--option", "rollbak"]) == 0
    assert run(["respond", "debrief", "--question", "nosuch", "x"]) == 0


def test_a_scripts_ids_are_checked_by_the_same(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    acts = [
        {"at": "+1s", "by": "bob", "do": "propose", "option": "rollbak"},
        {"at": "+1s", "by": "bob", "do": "debrief", "question": "nosuch", "text": "x"},
        {"at": "+1s", "by": "bob", "do": "debrief", "question": "criterion-3", "text": "x"},
        {"at": "+1s", "by": "bob", "do": "followup", "item": "postmorten_draft"},
        {"at": "+1s", "by": "bob", "do": "observe", "rule": "nosuch", "text": "x"},
    ]
    file = here / "script.yaml"
    file.write_text(yaml.safe_dump({"title": "T", "acts": acts}), encoding="utf-8")
    assert run(["validate", str(file)]) == 3
    told = capsys.readouterr().out
    assert "acts.0.option: no option of the mitigation matrix is named 'rollbak'; did you" in told
    assert "acts.1.question: no question of the debrief is named 'nosuch'; there are" in told
    assert "acts.3.item: no follow-up or action item is named 'postmorten_draft'" in told
    assert "acts.4.rule: no rule is named 'nosuch'; there are" in told
    assert len(told.splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "recorded"),
    [
        (("item", "Alert", "--priority", "p1"), {"priority": "P1"}),
        (("item", "Alert", "--due", " 20261215 "), {"due": "2026-12-15"}),
        (("item", "Alert"), {"priority": "", "due": ""}),
        (("check", "--item", "resolution.cause_known"), {"item": "resolution.cause_known"}),
        (("check", "--item", "resolution.stable"), {"item": "resolution.stable"}),  # measured
        (("followup", "--item", "Write a runbook"), {"item": "Write a runbook"}),  # any title
    ],
)
def test_what_can_be_meant_is_taken(arguments: tuple[str, ...], recorded: dict[str, str]) -> None:
    keep_a_run()
    assert run(["respond", *arguments]) == 0
    assert {name: getattr(newest(), name) for name in recorded} == recorded


def test_a_runs_own_items_count_wherever_somebody_sits(here: Path) -> None:
    """Not those of the directory that a command happens to be started in."""
    keep_a_run(("ours.door",))
    items = [{"id": "only", "text": "x"}]
    only = {"id": "here", "kind": "checklist", "title": "T", "when": "W", "items": items}
    own = {"lists": [only]}
    (here / "process").mkdir()
    (here / "process/checklists.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    assert run(["respond", "check", "--item", "ours.door"]) == 0
    assert run(["respond", "check", "--item", "here.only"]) == 2


def test_where_nobody_knows_the_items_none_is_lost() -> None:
    keep_a_run(())
    assert run(["respond", "check", "--item", "no.such"]) == 0
    checked = newest()
    assert isinstance(checked, e.ItemChecked)
    assert checked.item == "no.such"


def test_what_duties_and_rules_look_for_can_be_checked_off_whatever_the_lists_are(
    here: Path,
) -> None:
    items = [{"id": "b", "text": "x"}]
    only = {"id": "a", "kind": "checklist", "title": "T", "when": "W", "items": items}
    own = {"lists": [only]}
    (here / "checklists.yaml").write_text(yaml.safe_dump(own), encoding="utf-8")
    found = items_of_run(here, {"policy": _policy()})
    assert found == (
        "a.b",
        *("resolution.alerts_clear", "resolution.reports_stopped", "resolution.cause_known"),
        "declaration.room",
    )
    assert items_of_run(here, {}) == ()


# --- scripts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", SCRIPTS, ids=[file.stem for file in SCRIPTS])
def test_the_scripts_that_ship_have_no_mistake(
    script: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SHOP_SHIELD_URL", raising=False)  # what a run needs, no check does
    assert run(["validate", str(script)]) == 0, capsys.readouterr().out


def test_validate_tells_every_mistake_of_a_script_with_its_place(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "base.yaml").write_text(
        "title: B\nacts:\n  - {id: one, at: +1s, by: a, do: check, item: no.base}\n"
    )
    (here / "script.yaml").write_text(
        "title: T\n"
        "acts:\n"
        "  - {at: +1s, by: a, do: item, text: x, priority: P9}\n"
        "  - {at: +1s, by: a, do: item, text: x, due: whenever}\n"
        "  - {at: +1s, by: a, do: check, item: no.such}\n"
        "  - {at: +1s, by: a, do: check, item: close.announced}\n"
        "  - {at: +1s, by: a, do: note, text: '${undefined}'}\n"
        "  - {at: +1s, by: a, do: act, text: nothing is done}\n"
    )
    (here / "more.yaml").write_text("title: M\nextends: base.yaml\nwithout: [one, two]\nacts: []\n")
    assert run(["validate", "script.yaml", "more.yaml"]) == 3
    told = capsys.readouterr().out.splitlines()
    for start, part in (
        ("script.yaml:3:51: acts.0.priority: ", "one of P0, P1, P2"),
        ("script.yaml:4:46: acts.1.due: ", "'whenever' is no date; write it like 2026-12-15"),
        ("script.yaml:5:39: acts.2.item: ", "no checklist has the item 'no.such'"),
        ("script.yaml:7:38: acts.4.text: ", "undefined"),
        ("script.yaml:8:", "act needs http or command"),
        ("base.yaml:3:48: acts.0.item: ", "no checklist has the item 'no.base'"),
        ("more.yaml:3:16: without.1: ", "no act of base.yaml has the id 'two'"),
    ):
        assert any(line.startswith(start) and part in line for line in told), (start, told)
    assert not any("close.announced" in line.partition(";")[0] for line in told)


def test_validate_knows_a_teams_own_items(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "title: T\nacts:\n  - {at: +1s, by: a, do: check, item: joiner.mine}\n"
    (here / "script.yaml").write_text(text)
    assert run(["validate", "script.yaml"]) == 3
    lists = (PACKAGED / "checklists.yaml").read_text(encoding="utf-8")
    (here / "process").mkdir()
    own = here / "process/checklists.yaml"
    own.write_text(lists.replace("      - id: brief\n", "      - id: mine\n", 1), encoding="utf-8")
    assert run(["validate", "script.yaml"]) == 0
    own.write_text("lists: wrong\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["validate", "script.yaml"]) == 3
    assert "script.yaml" not in capsys.readouterr().out  # of the tables alone


# --- what people did -----------------------------------------------------------------------------


def test_a_deed_is_on_record_once(capsys: pytest.CaptureFixture[str]) -> None:
    keep_a_run()
    command = ["respond", "act", "rolled checkout back", "--for", "bob", "--key", "k1"]
    assert run(command) == 0
    assert "bob acted: rolled checkout back" in capsys.readouterr().err
    done = newest()
    assert isinstance(done, e.ActionTaken)
    assert (done.ok, done.by, done.late) == (True, "bob", False)
    assert run(command) == 0
    assert "already on record under the key k1" in capsys.readouterr().err
    with store.open_store(load_settings(Path.cwd(), {}, {})) as log:
        assert sum(isinstance(r.event, e.ActionTaken) for r in log.read("r1")) == 1


def test_a_deed_in_vain_and_what_is_no_deed(capsys: pytest.CaptureFixture[str]) -> None:
    keep_a_run()
    assert run(["respond", "act", "restarted it", "--in-vain", "--for", "bob"]) == 0
    assert "bob acted, in vain: restarted it" in capsys.readouterr().err
    done = newest()
    assert isinstance(done, e.ActionTaken)
    assert not done.ok
    assert run(["respond", "act"]) == 2
    assert "act needs what was done" in capsys.readouterr().err
    assert run(["respond", "note", "x", "--in-vain"]) == 2
    assert "only act does" in capsys.readouterr().err


def deed(**details: Any) -> e.ResponderFact:
    late = bool(details.pop("late", False))
    return fact(Said(Response.ACT, "bob", "switched it", late=late, details=details))


@pytest.mark.parametrize(
    ("told", "ok", "still_in", "attribution"),
    [
        (100, True, True, Attribution.RESPONDER),
        (None, True, True, Attribution.SELF_HEALED),  # the same without a word
        (100, False, True, Attribution.SELF_HEALED),  # it was in vain
        (122, True, True, Attribution.RESPONDER),  # entered late
        (100, True, False, Attribution.AMBIGUOUS),  # the fault may have gone by itself
        (122, True, False, Attribution.AMBIGUOUS),
    ],
)
def test_who_ended_it_follows_from_what_people_record(
    told: int | None, ok: bool, still_in: bool, attribution: Attribution
) -> None:
    async def scene(stage: Stage) -> None:
        await stage.until(e.ImpactStarted)
        await stage.at(100)
        acted = stage.clock.now()
        if told == 100:
            await stage.say(deed(ok=ok))
        await stage.at(102)
        if still_in:
            stage.system.shielded = True
        else:
            stage.system.faults.clear()
        if told == 122:
            await stage.at(122)
            await stage.say(deed(ok=ok, late=True), acted)

    assert play([], scene).card.attribution.attribution is attribution


DOCS = sorted((ROOT / "docs").glob("*.md"))
EXAMPLES = [
    command
    for file in DOCS
    for command in re.findall(r"^gameday respond .+$", file.read_text("utf-8"), re.MULTILINE)
]


@pytest.mark.parametrize("command", EXAMPLES)
def test_what_the_documents_show_is_taken(command: str) -> None:
    keep_a_run()
    assert run(shlex.split(command)[1:]) == 0


def test_the_documents_show_it() -> None:
    assert any(command.startswith("gameday respond act ") for command in EXAMPLES)


# --- phases --------------------------------------------------------------------------------------


def test_phases_as_a_table_and_as_values(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["get", "phases", "-o", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in rows] == [phase.id for phase in phase_table(None).phases]
    windows = {row["id"]: row["window"] for row in rows}
    assert windows["detection"] == "within 5m"
    assert windows["communication"].startswith("as long as status_post, ")
    assert windows["review"] == "as the follow-up review is due"
    assert run(["get", "phases", "-o", "yaml"]) == 0
    assert yaml.safe_load(capsys.readouterr().out) == rows
    assert run(["get", "phases"]) == 0
    table = capsys.readouterr().out
    assert "WINDOW" in table
    assert "within 30m" in table


def test_a_teams_own_phases(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (here / "process").mkdir()
    own = here / "process/phases.yaml"
    own.write_text(
        "phases: [{id: all, title: All, about: a, begins: impacted, ends: [resolved], "
        "within: 2h, source: us}]\n"
    )
    assert run(["get", "phases", "-o", "json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["id"], row["window"]) == ("all", "within 2h")
    own.write_text("phases: []\n")
    assert run(["get", "phases"]) == 3
    assert "phases.yaml:1:" in capsys.readouterr().err
