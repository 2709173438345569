"""Every threshold of the process stands in one place, and one line changes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from gameday.adapters.incident_process.tables import PACKAGED, load_table, overridden_table
from gameday.adapters.scenario_yaml import check_scenario
from gameday.bootstrap.process_tables import process_values
from gameday.core.duration import parse_duration
from gameday.core.errors import InvalidFile
from gameday.core.log.events import RunScheduled
from gameday.core.process_tables.policy import Policy
from gameday.core.scenario.scenario import Scenario
from gameday.core.scorecard.scorecard import scorecard
from gameday.testing import minimal_scenario
from tests.engine.drill import RUN, act, play

Step = str | int
VALUES = yaml.safe_load((PACKAGED / "policy.yaml").read_text(encoding="utf-8"))


def leaves(value: Any, path: tuple[Step, ...] = ()) -> Iterator[tuple[tuple[Step, ...], Any]]:
    """Every number and duration of the packaged policy that is under mappings only."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, (int, float)) or (isinstance(value, str) and value[0].isdigit()):
        yield path, value


LEAVES = list(leaves(VALUES))


def other(value: Any) -> Any:
    if isinstance(value, str):
        return f"{parse_duration(value) + 7:g}s"
    return value + 1 if value != 99.9 else 99.5


def nested(path: tuple[Step, ...], value: Any) -> Any:
    for step in reversed(path):
        value = {step: value}
    return value


def test_there_are_many() -> None:
    assert len(LEAVES) > 20


@pytest.mark.parametrize(("path", "value"), LEAVES, ids=[".".join(map(str, p)) for p, _ in LEAVES])
def test_one_line_of_a_game_day_changes_it_and_nothing_else(
    path: tuple[Step, ...], value: Any
) -> None:
    packaged = load_table("policy", Policy)
    changed = overridden_table(packaged, nested(path, other(value)))
    before = dict(leaves(packaged.model_dump(mode="json", by_alias=True)))
    after = dict(leaves(changed.model_dump(mode="json", by_alias=True)))
    assert {where for where in before if before[where] != after[where]} == {path}


def test_a_team_changes_it_for_all_of_its_game_days(tmp_path: Path) -> None:
    text = (PACKAGED / "policy.yaml").read_text(encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(text.replace("silence: 30m", "silence: 20m"))
    assert load_table("policy", Policy, tmp_path).communication.silence == 1200


def test_what_a_team_gets_wrong_is_placed(tmp_path: Path) -> None:
    text = (PACKAGED / "policy.yaml").read_text(encoding="utf-8")
    (tmp_path / "policy.yaml").write_text(text.replace("silence: 30m", "silence: soon"))
    with pytest.raises(InvalidFile, match=r"policy.yaml:\d+:\d+: communication.silence: 'soon'"):
        load_table("policy", Policy, tmp_path)


def test_what_a_game_day_gets_wrong_is_placed(tmp_path: Path) -> None:
    source = Path(__file__).parents[3] / "gamedays/tabletop.yaml"
    file = tmp_path / "story.yaml"
    file.write_text(source.read_text() + "process: {communication: {silence: soon, noise: 1m}}\n")
    told = [str(problem) for problem in check_scenario(file)]
    assert any("process.communication.silence: 'soon' is not a duration" in t for t in told)
    assert any("process.communication.noise" in t for t in told)
    assert all(t.startswith(f"{file}:") for t in told)


def test_no_policy_is_without_meaning() -> None:
    with pytest.raises(ValidationError, match="either facts"):
        overridden_table(
            load_table("policy", Policy),
            {"declaration": {"criteria": [{"id": "x", "because": "y"}]}},
        )


def test_the_form_that_a_team_has_for_triage_is_what_the_rule_asks(tmp_path: Path) -> None:
    text = (PACKAGED / "checklists.yaml").read_text(encoding="utf-8")
    (tmp_path / "checklists.yaml").write_text(text.replace("{id: worsening,", "{id: weather,"))
    five = ("impact", "how_many", "worsening", "what_changed", "mitigable_now")
    run = play([act("+20s", "triage", "impacted", answers=dict.fromkeys(five, "yes"))], process={})
    first, *rest = run.records
    assert isinstance(first.event, RunScheduled)
    older = {name: value for name, value in first.event.process.items() if name != "triage"}
    own = process_values(tmp_path, Scenario.model_validate(minimal_scenario(process={})))
    for process, told in (
        (first.event.process, "all questions are answered"),
        (older, "all questions are answered"),
        (own, "not answered: weather"),
        ({**own, "triage": []}, "there was no occasion for it"),
    ):
        event = replace(first.event, process=process)
        rules = {
            o.rule.id: o.why for o in scorecard(RUN, [replace(first, event=event), *rest]).rules
        }
        assert rules["triage_form"] == told
