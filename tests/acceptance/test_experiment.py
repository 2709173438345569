"""``gameday experiment run``: what an engineer is told at the end, by words and by exit code."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.drills import experiment, process, stubborn
from tests.acceptance.program import Program, eventually, finish

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """``gameday`` in a directory of its own."""
    return Program(tmp_path)


def breaking(directory: Path) -> Path:
    """An experiment that breaks its own steady state: a file ``well`` is there."""
    well = directory / "well"
    well.touch()
    file = experiment(
        directory / "breaking.json",
        [process("rm", str(well))],
        [process("touch", str(well))],
    )
    value = json.loads(file.read_text(encoding="utf-8"))
    probe: dict[str, Any] = {**process("test", "-e", str(well)), "type": "probe", "tolerance": 0}
    probe["name"] = "is-well"
    value["steady-state-hypothesis"] = {"title": "It is well", "probes": [probe]}
    file.write_text(json.dumps(value), encoding="utf-8")
    return file


def test_a_weakness_is_found_and_reported(program: Program) -> None:
    file = breaking(program.directory)
    done = program.run("experiment", "run", str(file))
    assert done.returncode == 1, done.stderr
    assert "deviated: a weakness may have been found" in done.stdout
    assert "before: held, after: did not hold" in done.stdout
    assert "rollback 'touch-1' succeeded" in done.stdout
    assert (program.directory / "well").exists()


def test_the_same_as_json(program: Program) -> None:
    done = program.run("experiment", "run", str(breaking(program.directory)), "-o", "json")
    report = json.loads(done.stdout)
    assert report["exit_code"] == done.returncode == 1
    assert report["deviated"] is True
    assert report["steady_state"] == {"before": True, "after": False}
    assert [step["name"] for step in report["method"]] == ["rm-1"]
    assert [fault["status"] for fault in report["faults"]] == ["undone"]
    assert Path(report["journal"]).is_file()


def test_an_action_that_fails_is_named(program: Program) -> None:
    file = experiment(program.directory / "bad.json", [process("false")], [process("true")])
    done = program.run("experiment", "run", str(file))
    assert done.returncode == 6, done.stderr
    assert "failed: it was not played as it is written" in done.stdout
    assert "false-0: action 'false-0' exited with 1" in done.stdout


def test_a_method_that_must_not_start_is_refused(program: Program) -> None:
    file = breaking(program.directory)
    (program.directory / "well").unlink()
    done = program.run("experiment", "run", str(file))
    assert done.returncode == 4, (done.stdout, done.stderr)
    assert "refused: nothing was touched" in done.stdout
    assert "before: did not hold" in done.stdout


def _guardian(conductor: int) -> int:
    """It was forked off at once, after the fork server: the younger of the two children."""
    children = Path(f"/proc/{conductor}/task/{conductor}/children").read_text().split()
    return max(map(int, children))


def test_of_a_method_whose_guardian_died_nobody_says_that_nothing_was_touched(
    program: Program,
) -> None:
    """The worker's last words, that it touched something, died with the guardian."""
    broken = program.directory / "broken"
    action = process("sh", "-c", f"touch {broken}; sleep 600") | {"pauses": {"before": 1}}
    file = experiment(program.directory / "f.json", [action], [process("rm", "-f", str(broken))])
    running = program.start("experiment", "run", str(file))

    def pausing() -> bool:
        logs = program.directory.glob(".gameday/runs/*/experiment.journal.json.log")
        return any("Pausing" in log.read_text("utf-8") for log in logs)

    eventually(pausing, "the method did not begin", pause=0.02)
    guardian = _guardian(running.pid)
    os.kill(guardian, signal.SIGSTOP)
    eventually(broken.exists, "nothing was touched")
    os.kill(guardian, signal.SIGKILL)
    done = finish(running)
    assert "nothing was touched" not in done.stdout
    assert done.returncode == 6, (done.stdout, done.stderr)
    assert not broken.exists()


def test_what_is_still_in_is_loud(program: Program) -> None:
    done = program.run("experiment", "run", str(stubborn(program.directory)))
    assert done.returncode == 8
    assert "A FAULT IS STILL IN" in done.stdout
    (program.directory / "repaired").touch()
    assert program.run("recover").returncode == 0
