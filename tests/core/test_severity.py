"""The severity tree: total, monotone whatever a team writes into it, and it says why."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.adapters.incident_process.tables import PACKAGED, load_table
from gameday.cli.main import run
from gameday.core.errors import InvalidFile
from gameday.core.process_tables.severity import SeverityTable, impact_of, severity_of
from gameday.core.scenario.impact import Impact
from gameday.core.words import Severity

TABLE = load_table("severity", SeverityTable)
FACTS = [name for name, field in Impact.model_fields.items() if field.annotation is bool]
IMPACTS = st.fixed_dictionaries(
    {
        "users": st.floats(0, 100),
        "degradation": st.floats(0, 500),
        **{name: st.booleans() for name in FACTS},
    }
)
WHEN = st.one_of(
    st.dictionaries(st.sampled_from(FACTS), st.just(True), min_size=1),
    st.fixed_dictionaries({"users": st.floats(0.1, 100)}),
    st.fixed_dictionaries({"degradation": st.floats(0.1, 500), "core_down": st.just(True)}),
)
TABLES = st.lists(st.tuples(WHEN, st.sampled_from(Severity)), max_size=8).map(
    lambda rules: SeverityTable.model_validate(
        {
            "rules": [
                {"id": f"r{n}", "severity": severity, "when": when, "because": f"rule {n}"}
                for n, (when, severity) in enumerate(rules)
            ],
            "otherwise": {"severity": "SEV4", "because": "nothing"},
        }
    )
)


@given(IMPACTS, TABLES)
def test_there_is_an_answer_for_everything_and_a_reason(
    facts: dict[str, Any], table: SeverityTable
) -> None:
    answer = severity_of(impact_of(facts), table)
    assert answer.severity in Severity
    assert answer.because


@given(IMPACTS, IMPACTS, TABLES)
def test_more_impact_never_lowers_the_severity(
    one: dict[str, Any], other: dict[str, Any], table: SeverityTable
) -> None:
    both = {name: max(one[name], other[name]) for name in one}
    for rules in (table, TABLE):
        worse = severity_of(impact_of(both), rules).severity
        assert worse <= severity_of(impact_of(one), rules).severity  # SEV1 sorts first


@pytest.mark.parametrize(
    ("facts", "severity"),
    [
        ({}, "SEV4"),
        ({"users": 0.9}, "SEV4"),
        ({"users": 1}, "SEV3"),
        ({"users": 9.9}, "SEV3"),
        ({"users": 10}, "SEV2"),
        ({"users": 24.9}, "SEV2"),
        ({"users": 25}, "SEV1"),
        ({"users": 15, "degradation": 60}, "SEV2"),
        ({"degradation": 49}, "SEV4"),
        ({"core_down": True}, "SEV4"),
        ({"core_down": True, "no_workaround": True}, "SEV1"),
        ({"no_workaround": True}, "SEV4"),
        ({"revenue_loss": True}, "SEV1"),
        ({"data_loss": True}, "SEV1"),
        ({"breach": True}, "SEV1"),
        ({"key_customer": True}, "SEV2"),
        ({"feature_broken": True}, "SEV3"),
    ],
)
def test_the_tree_as_the_runbooks_teach_it(facts: dict[str, Any], severity: str) -> None:
    assert severity_of(impact_of(facts), TABLE).severity == severity


def test_every_rule_of_the_packaged_table_decides_something() -> None:
    for rule in TABLE.rules:
        assert rule.id in severity_of(impact_of(dict(rule.when)), TABLE).rules


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ({"core_down": False}, "can only be true"),
        ({"users": 0}, "a number over 0"),
        ({"users": True}, "a number over 0"),
        ({"luck": True}, "there is no 'luck'"),
        ({}, "at least 1"),
    ],
)
def test_a_rule_by_which_less_would_be_worse_is_refused(when: dict[str, Any], said: str) -> None:
    rule = {"id": "x", "severity": "SEV1", "when": when, "because": "x"}
    otherwise = {"severity": "SEV4", "because": "x"}
    with pytest.raises(ValidationError, match=said):
        SeverityTable.model_validate({"rules": [rule], "otherwise": otherwise})


def test_a_rule_that_is_less_than_none_is_refused() -> None:
    rule = {"id": "x", "severity": "SEV4", "when": {"users": 1}, "because": "x"}
    with pytest.raises(ValidationError, match="less than where no rule holds"):
        SeverityTable.model_validate(
            {"rules": [rule], "otherwise": {"severity": "SEV3", "because": "x"}}
        )


def test_the_command_says_it_and_a_team_may_think_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    facts = ["--users", "30", "--core-down", "--no-workaround", "--degradation", "60"]
    assert run(["severity", *facts, "-o", "json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["severity"] == "SEV1"
    assert answer["rules"] == ["many-users", "core-down"]
    assert len(answer["because"]) == 2
    own = (PACKAGED / "severity.yaml").read_text(encoding="utf-8").replace("users: 25", "users: 60")
    (tmp_path / "process").mkdir()
    (tmp_path / "process" / "severity.yaml").write_text(own, encoding="utf-8")
    assert run(["severity", "--users", "30"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "SEV2",
        "  a tenth of the users or more are hit",
    ]


def test_a_mistake_in_a_teams_table_is_placed(tmp_path: Path) -> None:
    file = tmp_path / "severity.yaml"
    file.write_text("rules:\n  - {id: x, severity: SEV9}\notherwise: {severity: SEV4}\n")
    with pytest.raises(InvalidFile) as caught:
        load_table("severity", SeverityTable, tmp_path)
    assert "severity.yaml:2:" in str(caught.value)
    assert "because" in str(caught.value)
