"""Where a journal may go: never over a file of another kind, and told only where there is one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from gameday.cli.journal_file import check_journal, state_of
from gameday.cli.main import run
from gameday.core.errors import IntegrationFailure

EXPERIMENT = """\
title: nothing much
description: a wait
method:
  - type: action
    name: wait
    provider: {type: process, path: "true"}
"""


@pytest.fixture
def experiment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "exp.yaml"
    file.write_text(EXPERIMENT, encoding="utf-8")
    (tmp_path / "link.json").symlink_to(file)
    (tmp_path / "words.md").write_text("mine", encoding="utf-8")
    (tmp_path / "array.json").write_text("[1]", encoding="utf-8")
    return file


@pytest.mark.parametrize("journal", ["exp.yaml", "./exp.yaml", "link.json", "words.md"])
def test_no_file_of_another_kind_is_replaced(
    experiment: Path, journal: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["experiment", "run", "exp.yaml", "--headless", "--journal", journal]) == 2
    assert f"--journal {Path(journal)}" in capsys.readouterr().err
    assert experiment.read_text(encoding="utf-8") == EXPERIMENT
    assert Path("words.md").read_text(encoding="utf-8") == "mine"
    assert not Path(".gameday/gameday.db").exists()


def test_what_is_json_and_no_journal_is_not_replaced_either(experiment: Path) -> None:
    assert run(["experiment", "run", "exp.yaml", "--headless", "--journal", "array.json"]) == 2
    assert json.loads(Path("array.json").read_text(encoding="utf-8")) == [1]


def test_one_that_cannot_be_written_is_told_before_anything_is_broken(
    experiment: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["experiment", "run", "exp.yaml", "--headless", "--journal", "words.md/j.json"]) == 6
    assert "nothing was started" in capsys.readouterr().err
    assert not Path(".gameday/gameday.db").exists()


def test_a_journal_of_before_may_be_replaced(experiment: Path, tmp_path: Path) -> None:
    journal = tmp_path / "j.json"
    journal.write_text(json.dumps({"experiment": {}, "run": []}), encoding="utf-8")
    check_journal(journal, experiment)
    (tmp_path / "empty.json").touch()
    check_journal(tmp_path / "empty.json", experiment)
    with pytest.raises(IntegrationFailure, match="cannot be written"):
        check_journal(experiment / "j.json", experiment)


def test_a_journal_of_before_is_not_told_as_this_ones(
    experiment: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = Path("j.json")
    before.write_text(json.dumps({"experiment": {}, "run": []}), encoding="utf-8")
    assert state_of(before) is not None

    # A worker whose journal never reaches the disk, as on a full one.
    monkeypatch.setattr("gameday.cli.experiment.state_of", lambda _: None)
    assert run(["experiment", "run", "exp.yaml", "--headless", "--journal", "j.json"]) == 0
    assert "journal       none was made" in capsys.readouterr().out
