"""The published schema holds for every kind of run, and notices what is not in it."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from gameday.cli.main import run
from gameday.reports.json_report import to_json
from gameday.reports.json_schema import report_schema
from tests.reports.sample_runs import ODD, good, rich

CHECK = jsonschema.Draft202012Validator(
    report_schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)


@pytest.mark.parametrize("name", ["good", *ODD])
def test_every_kind_of_report_fits(name: str) -> None:
    card = good() if name == "good" else ODD[name]()
    CHECK.validate(to_json(card))


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(report_schema())


def _with(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    report = copy.deepcopy(to_json(rich()))
    change(report)
    return report


@pytest.mark.parametrize(
    "change",
    [
        lambda r: r.pop("attribution"),
        lambda r: r.update(more=1),
        lambda r: r["run"].update(severity="SEV9"),
        lambda r: r["milestones"].pop("mitigated"),
        lambda r: r["times"]["detect"].update(seconds="20"),
        lambda r: r["impacts"][0].update(evidence=["x1"]),
        lambda r: r["score"].update(total=101),
    ],
)
def test_what_does_not_fit_is_noticed(change: Callable[[dict[str, Any]], object]) -> None:
    with pytest.raises(jsonschema.ValidationError):
        CHECK.validate(_with(change))


def test_it_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", "schema", "--of", "report"]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(json.dumps(report_schema()))
