"""A directory of tables that was named and is not there: told wherever a table is read, before
anything is started, and in the way of nothing else."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gameday.bootstrap import process_tables, runs, store
from gameday.cli.main import run
from gameday.core.errors import InvalidFile
from gameday.core.log.events import Draft
from gameday.core.run import commands as c
from gameday.core.scenario.scenario import Scenario
from gameday.settings import load_settings
from gameday.testing import minimal_scenario
from tests.cli.test_shared_store import INTEND, begin
from tests.engine.drill import good_responders, played_once

TABLETOP = str(Path(__file__).parents[2] / "gamedays" / "tabletop.yaml")
READING = (
    ("advise",),
    ("tree",),
    ("checklist",),
    ("severity", "--users", "3"),
    ("followups",),
    ("debrief",),
    ("get", "rules"),
    ("draft", "update"),
    ("validate", TABLETOP),
    ("report", "postmortem", "--check", "words.md"),
    ("run", TABLETOP, "--headless"),
    ("demo", "--headless"),
)
WITHOUT = (
    (("recover",), 0),
    (("faults",), 0),
    (("get", "runs"), 0),
    (("report", "r1"), 0),
    (("respond", "note", "hello", "--run", "r1"), 0),
)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory with a run, and a name of a directory that is not there."""
    monkeypatch.chdir(tmp_path)
    with store.open_store(load_settings(tmp_path, {}, {})) as log:
        drafts = [Draft(r.event, r.at, r.key) for r in played_once(good_responders()).records]
        log.transact("r1", 0, lambda _: drafts)
    (tmp_path / "words.md").write_text("# Postmortem\n", encoding="utf-8")
    monkeypatch.setenv("GAMEDAY_PROCESS", "tabels")
    return tmp_path


def told(capsys: pytest.CaptureFixture[str]) -> str:
    said = capsys.readouterr()
    return said.out + said.err


@pytest.mark.parametrize("arguments", READING, ids=lambda arguments: " ".join(arguments[:2])[:20])
def test_whoever_reads_a_table_is_told(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]
) -> None:
    before = sorted(here.rglob("*"))
    assert run(list(arguments)) == 3
    said = told(capsys)
    assert f"{here / 'tabels'}:1:1: there is no such directory" in said
    assert "GAMEDAY_PROCESS" in said
    assert [path for path in sorted(here.rglob("*")) if path not in before] == []


@pytest.mark.parametrize("arguments", READING[:10], ids=lambda arguments: " ".join(arguments)[:20])
def test_one_that_is_there_is_taken(here: Path, arguments: tuple[str, ...]) -> None:
    (here / "tabels").mkdir()
    assert run(list(arguments)) in (0, 1)  # a postmortem that lacks something is 1


@pytest.mark.parametrize(("arguments", "code"), WITHOUT, ids=lambda value: str(value)[:20])
def test_what_reads_no_table_works_without(arguments: tuple[str, ...], code: int) -> None:
    assert run(list(arguments)) == code


def test_a_dead_runs_faults_are_taken_out_all_the_same(here: Path) -> None:
    settings = load_settings(here, {}, {})
    begin(settings, "r2", c.StartRun(), INTEND)
    assert run(["faults"]) == 8
    assert run(["recover"]) == 0
    assert run(["faults"]) == 0


def test_a_settings_file_can_name_it_too_and_the_usual_one_need_not_be_there(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GAMEDAY_PROCESS")
    assert run(["severity", "--users", "3"]) == 0
    (here / "gameday.toml").write_text('process = "ours"\n', encoding="utf-8")
    assert run(["severity", "--users", "3"]) == 3
    assert "ours:1:1: there is no such directory" in told(capsys)


def test_a_conductor_leaves_nothing_on_record_either(here: Path) -> None:
    settings = load_settings(here, {"GAMEDAY_PROCESS": "tabels"}, {})
    scenario = Scenario.model_validate(minimal_scenario(process={}))
    game_day = runs.GameDay(Path(TABLETOP), scenario, None)
    with pytest.raises(InvalidFile, match="no such directory"):
        asyncio.run(runs.conduct(settings, game_day, "r2", ()))
    with store.open_store(settings) as log:
        assert list(log.read("r2")) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("polcy.yaml", "polcy.yaml:1:1: no such table; did you mean policy.yaml?"),
        ("policy.yml", "policy.yml:1:1: no such table; did you mean policy.yaml?"),
        ("zzz.yaml", "zzz.yaml:1:1: no such table; there are blame.yaml, checklists.yaml"),
        (
            "drafts/updte.md.j2",
            "drafts/updte.md.j2:1:1: no such template; did you mean update.md.j2?",
        ),
    ],
)
def test_a_misspelt_table_or_template_is_told_wherever_tables_are_read(
    here: Path, capsys: pytest.CaptureFixture[str], name: str, said: str
) -> None:
    (here / "tabels/drafts").mkdir(parents=True)
    (here / "tabels" / name).write_text("{}\n", encoding="utf-8")
    (here / "tabels/severity.yaml").write_text("wrong: true\n", encoding="utf-8")
    for arguments in (("severity", "--users", "3"), ("draft", "update"), ("validate", TABLETOP)):
        assert run(list(arguments)) == 3
        assert said in told(capsys)
    assert run(["validate", TABLETOP]) == 3
    assert "severity.yaml:1:1" in told(capsys)  # one mistake hides no other


def test_parts_of_templates_are_no_strangers(here: Path) -> None:
    (here / "tabels/drafts").mkdir(parents=True)
    (here / "tabels/drafts/_foot.j2").write_text("foot", encoding="utf-8")
    (here / "tabels/drafts/head.md.j2").write_text("head", encoding="utf-8")
    (here / "tabels/drafts/update.md.j2").write_text("{% include 'head.md.j2' %}", encoding="utf-8")
    assert run(["draft", "update"]) == 0


def test_a_file_is_no_directory_of_tables(
    here: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GAMEDAY_PROCESS")
    (here / "process").write_text("", encoding="utf-8")
    assert run(["severity", "--users", "3"]) == 3
    assert f"{here / 'process'}:1:1: is a file; make a directory" in told(capsys)
    assert run(["faults"]) == 0


def test_mistakes_in_tables_are_told_once(here: Path) -> None:
    (problem,) = process_tables.table_problems(here / "tabels")
    assert "no such directory" in problem.message
