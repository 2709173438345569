"""Odd input to the process verbs is told in a sentence, not as an internal error."""

from __future__ import annotations

from pathlib import Path

import pytest

from gameday.adapters.incident_process.tables import PACKAGED
from gameday.bootstrap import store
from gameday.cli.main import run
from gameday.core.log.events import Draft
from gameday.settings import load_settings
from tests.engine.drill import played_once

TABLETOP = Path(__file__).parents[2] / "gamedays/tabletop.yaml"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of its own, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("fact", ["--users", "--degradation"])
def test_what_is_no_number_is_no_impact(capsys: pytest.CaptureFixture[str], fact: str) -> None:
    assert run(["severity", fact, "nan"]) == 2
    assert f"Invalid value for {fact}: nan is no number" in capsys.readouterr().err


@pytest.mark.parametrize(("old", "new"), [("P1", "SEV1"), ("P2", "SEV2"), ("P3", "SEV3")])
def test_followups_know_the_old_names(
    capsys: pytest.CaptureFixture[str], old: str, new: str
) -> None:
    told = []
    for name in (old, new):
        assert run(["followups", "--severity", name, "--resolved", "2020-12-04T17:00"]) == 0
        told.append(capsys.readouterr())
    assert told[0] == told[1]


def test_a_rule_that_nothing_looks_for_is_a_mistake_of_the_file(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = here / "process" / "rules.yaml"
    own.parent.mkdir()
    text = (PACKAGED / own.name).read_text(encoding="utf-8")
    own.write_text(text.replace("id: response_time", "id: respnse_time"), encoding="utf-8")
    line = next(n for n, each in enumerate(own.read_text().splitlines(), 1) if "respnse" in each)
    assert run(["get", "rules"]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert f"{own}:{line}:9: rules.0.id: no rule is named 'respnse_time'" in told.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("note", "x", "--for", "a\udcff"),
        ("detect", "x", "--source", "\udcff"),
        ("check", "--item", "close.\udcff"),
        ("escalate", "--to", "\udcff"),
    ],
)
def test_bytes_that_are_no_text_are_taken_wherever_they_are_said(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    with store.open_store(load_settings(Path.cwd(), {}, {})) as log:
        log.transact(
            "r1", 0, lambda _: [Draft(r.event, r.at, r.key) for r in played_once().records]
        )
    assert run(["respond", *arguments]) == 0
    assert "?" in capsys.readouterr().err


def test_scripted_responders_of_a_tabletop_touch_nothing_either(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deed = "{at: +0s, by: bob, do: act, command: {command: [touch, touched]}}"
    (here / "script.yaml").write_text(f"title: T\nacts: [{deed}]\n", encoding="utf-8")
    assert run(["run", str(TABLETOP), "--yes", "--responders", "script.yaml"]) == 4
    assert "a tabletop touches nothing" in capsys.readouterr().err
    assert not (here / "touched").exists()
    assert run(["get", "runs", "-o", "json"]) == 5
    assert "no event log" in capsys.readouterr().err


@pytest.mark.parametrize("table", ["policy", "severity", "mitigation", "trees", "followups"])
def test_validate_looks_into_a_teams_own_tables(
    here: Path, capsys: pytest.CaptureFixture[str], table: str
) -> None:
    own = here / "process" / f"{table}.yaml"
    own.parent.mkdir()
    own.write_text((PACKAGED / own.name).read_text(encoding="utf-8"), encoding="utf-8")
    assert run(["validate", str(TABLETOP)]) == 0
    with own.open("a", encoding="utf-8") as file:
        file.write("wrong: true\n")
    assert run(["validate", str(TABLETOP)]) == 3
    assert f"{table}.yaml:" in capsys.readouterr().out
