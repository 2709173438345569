"""The library's files, read and not played: each drill says what it expects, and has its people."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from gameday.bootstrap.files import load_responders
from gameday.cli.main import cli
from tests.shop.test_library import DRILLS, LIBRARY

FILES = sorted(LIBRARY.glob("*.yaml"))
RESPONDERS = sorted((LIBRARY / "responders").glob("*.yaml"))


def test_each_is_played_by_the_tests() -> None:
    assert [file.stem for file in FILES] == sorted(drill.name for drill in DRILLS)
    assert [file.stem for file in RESPONDERS] == sorted(drill.responders for drill in DRILLS)


def test_none_has_a_mistake() -> None:
    result = CliRunner().invoke(cli, ["validate", *map(str, FILES)])
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize("file", RESPONDERS, ids=lambda file: file.stem)
def test_who_responds_is_a_participant(file: Path) -> None:
    (name,) = [drill.name for drill in DRILLS if drill.responders == file.stem]
    drill = yaml.safe_load((LIBRARY / f"{name}.yaml").read_text(encoding="utf-8"))
    people = {person["name"] for person in drill["participants"]}
    assert {act.by for act in load_responders(file, {}).acts} <= people


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_says_what_is_to_be_learnt_and_expected(file: Path) -> None:
    drill = yaml.safe_load(file.read_text(encoding="utf-8"))
    assert all(drill[part] for part in ("objectives", "success_criteria", "debrief", "setup"))
    for inject in drill["timeline"]:
        assert len(inject["expect"]) >= (2 if "fault" in inject else 1), inject["id"]
