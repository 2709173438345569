"""Checklists, forms and scripts: what the process needs is there, under ids that stay."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from gameday.adapters.incident_process.tables import load_table
from gameday.core.errors import InvalidFile
from gameday.core.process_tables.checklists import Checklist, Checklists, markdown
from gameday.core.words import Severity

TABLE = load_table("checklists", Checklists)
BY_ID = {each.id: each for each in TABLE.lists}


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("declaration", "severity room bridge page roles status_page ticket timeline"),
        ("first_look", "deploys errors metrics traces database"),
        ("mitigation", "changes proposed approved executed watched reduced status_page"),
        ("resolution", "metrics_baseline alerts_clear reports_stopped cause_known stable"),
        ("close", "announced ticket review_owner stakeholders handoff_brief"),
        ("triage", "impact how_many worsening what_changed mitigable_now"),
        ("commander_every_15_minutes", "update hypothesis people path impact"),
        ("commander", "opening every_15_minutes stuck mitigated resolved"),
        ("hypothesis", "statement evidence test verdict"),
    ],
)
def test_what_the_runbooks_ask_for_is_there(name: str, items: str) -> None:
    assert [item.id for item in BY_ID[name].items] == items.split()


def test_every_list_that_is_promised_is_there() -> None:
    promised = {"war_room_setup", "war_room_during", "debrief", "success", "joiner", "handoff"}
    assert promised <= set(BY_ID)
    assert 8 <= len(BY_ID["debrief"].items) <= 10


def test_what_samples_can_tell_is_marked() -> None:
    measured = {name for name, item in TABLE.items.items() if item.measured}
    assert {"resolution.metrics_baseline", "resolution.stable"} <= measured
    assert not measured & {"resolution.alerts_clear", "resolution.cause_known"}


def test_questions_end_as_questions_do_and_scripts_have_something_to_fill_in() -> None:
    for each in TABLE.lists:
        for item in each.items:
            if each.kind == "form":
                assert item.text.endswith("?") or each.id == "hypothesis", item.text
            if each.kind == "script":
                assert item.placeholders, item.id


def test_placeholders_are_named_once_in_order() -> None:
    opening = TABLE.items["commander.opening"]
    assert opening.placeholders == (
        *("commander", "severity", "tech_lead", "comms_lead", "next_update"),
    )


def test_markdown_has_a_box_a_question_or_a_text_for_each() -> None:
    for each in TABLE.lists:
        lines = list(markdown(each))
        assert lines[0] == f"# {each.title}"
        start = {"checklist": "- [ ] ", "form": "- ", "script": "**"}[each.kind]
        found = [line for line in lines if line.startswith(start)]
        assert len(found) == len(each.items)
        for item, line in zip(each.items, found, strict=True):
            assert line.endswith(f"`{each.id}.{item.id}`")
    assert "- [ ] It is known why it happened. `resolution.cause_known`" in markdown(
        BY_ID["resolution"]
    )


def _list(**changes: Any) -> dict[str, Any]:
    said = {"id": "mine", "kind": "checklist", "title": "T", "when": "Now"}
    return {**said, "items": [{"id": "a", "text": "Do a."}], **changes}


def test_old_names_of_severities_are_read() -> None:
    items = [{"id": "a", "text": "x", "severities": ["P1", "SEV2", "P3"]}]
    read = Checklist.model_validate(_list(items=items))
    assert read.items[0].severities == [Severity.SEV1, Severity.SEV2, Severity.SEV3]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"items": [{"id": "a", "text": "x"}, {"id": "a", "text": "y"}]}, "more than one item"),
        ({"items": []}, "at least 1"),
        ({"items": [{"id": "a.b", "text": "x"}]}, "pattern"),
        ({"items": [{"id": "a", "text": "x", "severities": ["P4"]}]}, "SEV4"),
        ({"items": [{"id": "a", "text": "ask {who}"}]}, "only a script"),
        ({"kind": "form", "items": [{"id": "a", "text": "x", "measured": True}]}, "only an item"),
        ({"kind": "script", "items": [{"id": "a", "text": "hello {Name}"}]}, "stands alone"),
        ({"kind": "script", "items": [{"id": "a", "text": "hello {name"}]}, "stands alone"),
        ({"kind": "song"}, "checklist"),
    ],
)
def test_what_would_not_work_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        Checklist.model_validate(_list(**changes))
    Checklist.model_validate(_list())  # and what it was made from is sound


def test_two_lists_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="more than one list 'mine'"):
        Checklists.model_validate({"lists": [_list(), _list()]})


def test_a_mistake_in_a_teams_lists_is_placed(tmp_path: Path) -> None:
    file = tmp_path / "checklists.yaml"
    file.write_text(
        "lists:\n  - id: mine\n    kind: checklist\n    title: T\n    when: Now\n    items:\n"
        "      - {id: a, text: x, mesured: true}\n"
    )
    with pytest.raises(InvalidFile) as caught:
        load_table("checklists", Checklists, tmp_path)
    assert "checklists.yaml:7:26: lists.0.items.0.mesured" in str(caught.value)
    assert "did you mean 'measured'?" in str(caught.value)
