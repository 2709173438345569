"""Names that are no files one can read: told as what they are, and never waited for."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from gameday.cli.main import run


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "gamedays").mkdir()
    os.mkfifo(tmp_path / "gamedays/zz.yaml")
    return tmp_path


def test_a_pipe_is_not_waited_for(here: Path) -> None:
    command = [sys.executable, "-m", "gameday", "get", "scenarios", "-o", "json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, cwd=here)
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    assert row["problems"] == ["gamedays/zz.yaml:1:1: is no regular file"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("gamedays", "gamedays:1:1: is a directory; name a file in it"),
        ("gamedays/zz.yaml", "gamedays/zz.yaml:1:1: is no regular file"),
        ("gamedays/zy.yaml", "gamedays/zy.yaml:1:1: no such file"),
    ],
)
def test_validate_says_what_a_name_is(
    name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["validate", name]) == 3
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "said"),
    [("nosuch", "nosuch is not there"), ("words.md", "words.md is no directory")],
)
def test_scenarios_of_no_directory_are_no_empty_table(
    here: Path, name: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (here / "words.md").touch()
    assert run(["get", "scenarios", name]) == 5
    assert said in capsys.readouterr().err
