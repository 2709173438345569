"""``plan`` and ``validate`` as a user meets them: everything said, nothing touched."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from gameday.adapters.responder_yaml import load_responders
from gameday.bootstrap.files import check_file
from gameday.cli.main import cli, run
from gameday.core.errors import InvalidFile

ROOT = Path(__file__).parents[2]
FILES = sorted((ROOT / "gamedays").glob("*.yaml"))


def invoke(*arguments: str) -> str:
    """What a command that succeeds prints."""
    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("file", FILES, ids=[file.stem for file in FILES])
def test_what_ships_is_valid_and_within_its_own_blast_radius(file: Path) -> None:
    plan = json.loads(invoke("plan", str(file), "-o", "json"))
    for row in plan["timeline"]:
        assert not row.get("refusal")
    assert set(plan["targets"]) >= {"detect", "acknowledge", "triage", "mitigate", "resolve"}


def test_a_plan_says_what_would_be_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "gamedays/slow-inventory.yaml").read_text(encoding="utf-8")
    (tmp_path / "experiments").symlink_to(ROOT / "experiments")
    file = tmp_path / "other.yaml"
    file.write_text(text.replace("targets: [toxiproxy/inventory]", "targets: [toxiproxy/cart]"))
    assert run(["plan", str(file)]) == 4
    assert "WOULD BE REFUSED: target toxiproxy/inventory is outside" in capsys.readouterr().out


EXPERIMENTS = sorted((ROOT / "experiments").glob("*.yaml"))


@pytest.mark.parametrize("file", EXPERIMENTS, ids=[file.stem for file in EXPERIMENTS])
def test_a_plan_of_an_experiment_says_what_it_breaks_and_what_undoes_it(file: Path) -> None:
    plan = json.loads(invoke("plan", str(file), "-o", "json"))
    for part in ("touches", "hypothesis", "method", "rollbacks", "faults"):
        assert plan[part], part
    assert (plan["refusal"], plan["irreversible"]) == ("", False)
    assert "${" not in json.dumps(plan["hypothesis"]), "a variable with a default is replaced"
    said = invoke("plan", str(file))
    for step in (*plan["method"], *plan["rollbacks"]):
        assert f"{step['name']}: {step['calls']}" in said


def test_a_plan_says_when_nothing_undoes_an_experiment(tmp_path: Path) -> None:
    file = tmp_path / "forever.json"
    action = {
        "type": "action",
        "name": "go",
        "background": True,
        "pauses": {"after": 2},
        "provider": {"type": "process", "path": "true"},
    }
    file.write_text(json.dumps({"title": "t", "description": "d", "method": [action]}))
    said = invoke("plan", str(file))
    assert "go: true (in the background, waits 2s after)" in said
    assert "NOTHING" in said
    file.write_text(json.dumps({"title": "t", "description": "d", "method": []}))
    assert "NOTHING" not in invoke("plan", str(file))


def test_an_experiment_has_no_cards_to_deal(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["plan", str(EXPERIMENTS[0]), "--seed", "3"]) == 2
    assert "--seed belongs to game days" in capsys.readouterr().err


def test_a_plan_of_an_experiment_with_arguments_that_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "experiments/inventory-latency.yaml").read_text(encoding="utf-8")
    file = tmp_path / "wrong.yaml"
    file.write_text(text.replace("      - type: toxiproxy.toxic", "      - type: toxiproxy.toxin"))
    assert run(["plan", str(file)]) == 3
    assert "toxiproxy.toxin" in capsys.readouterr().err


def test_all_mistakes_come_at_once_with_their_places(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (ROOT / "gamedays/slow-inventory.yaml").read_text(encoding="utf-8")
    text = text.replace("severity: SEV2", "severity: SEV9").replace("at: +14s", "at: 10:30")
    text = text.replace("owner:", "ovner:").replace("[checkout-latency, ", "[checkout-latenzy, ")
    file = tmp_path / "wrong.yaml"
    file.write_text(text)
    assert run(["validate", str(file)]) == 3
    said = capsys.readouterr().out.splitlines()
    assert all(re.match(rf"{re.escape(str(file))}:\d+:\d+: ", line) for line in said)
    for part in ("SEV9", "10:30", "did you mean 'owner'", "checkout-latenzy", "no such experiment"):
        assert any(part in line for line in said), (part, said)


def test_a_run_of_a_wrong_file_starts_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("wrong.yaml").write_text("title: x\n")
    assert run(["run", "wrong.yaml", "--yes"]) == 3
    assert "wrong.yaml:1:1: " in capsys.readouterr().err
    assert not (tmp_path / ".gameday").exists()


def test_the_schema_accepts_what_ships() -> None:
    import jsonschema
    import yaml

    schema = json.loads(invoke("generate", "schema"))
    for file in FILES:
        jsonschema.validate(yaml.safe_load(file.read_text(encoding="utf-8")), schema)


def test_the_schema_asks_a_drill_what_it_measures_and_a_tabletop_not() -> None:
    import jsonschema
    import yaml

    schema = json.loads(invoke("generate", "schema"))
    story = yaml.safe_load((ROOT / "gamedays/tabletop.yaml").read_text(encoding="utf-8"))
    jsonschema.validate({**story, "severity": "P1"}, schema)
    with pytest.raises(jsonschema.ValidationError, match="'probes' is a required property"):
        jsonschema.validate({**story, "mode": "drill"}, schema)


def test_a_script_is_checked_against_its_own_keys(tmp_path: Path) -> None:
    file = tmp_path / "script.yaml"
    file.write_text("title: t\nacts:\n  - {at: +1s, by: alice, do: declare, sevrity: SEV1}\n")
    with pytest.raises(InvalidFile) as caught:
        load_responders(file, {})
    said = [str(problem) for problem in caught.value.problems]
    assert any("unknown key 'sevrity'; did you mean 'severity'?" in line for line in said)


def test_what_init_writes_is_valid_whatever_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["init", "drills", "--url", 'http://127.0.0.1/?q="a"\\b: #c']) == 0
    assert run(["validate", "drills/gamedays/first.yaml"]) == 0


LACKING = [": missing key 'blast_radius'", ": missing key 'steady_state'"]
"""What a drill needs and a tabletop does not."""


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"severity": "SEV9"}, ["severity: "]),
        ({"severity": "SEV9", "abort_when": [{"probe": "users", "fails_for": "1m"}]}, ["severity"]),
        (
            {"severity": "SEV9", "probes": {"users": {"type": "http", "url": "http://h/"}}},
            ["severity: ", "probes.users.type: a tabletop measures nothing: http has no place"],
        ),
        ({"mode": "tabletopp", "probes": {"users": {"type": "story"}}}, ["mode: ", *LACKING]),
    ],
)
def test_a_wrong_value_in_a_tabletop_invents_no_other_mistake(
    tmp_path: Path, change: dict[str, object], said: list[str]
) -> None:
    file = tmp_path / "table.yaml"
    values = yaml.safe_load((ROOT / "gamedays/tabletop.yaml").read_text(encoding="utf-8"))
    file.write_text(yaml.safe_dump({**values, **change}), encoding="utf-8")
    told = [f"{problem.path}: {problem.message}" for problem in check_file(file)]
    told = [line for line in told if "only a tabletop imagines" not in line]
    assert len(told) == len(said), told
    assert all(any(line.startswith(start) for line in told) for start in said), told
