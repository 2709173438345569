"""A fault that no undo takes out is loud, whoever finds it; and nothing new begins before it is
out."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.acceptance.drills import experiment, game_day, process, stubborn
from tests.acceptance.program import Program, eventually, finish, guardian_of

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """``gameday`` in a directory of its own."""
    return Program(tmp_path)


def notices(program: Program) -> str:
    """All that has been written for people who have no terminal."""
    files = (program.directory / ".gameday" / "runs").glob("*/notices.log")
    return "".join(file.read_text(encoding="utf-8") for file in files)


def is_loud(text: str, target: str) -> None:
    """It names the fault, its target, why it is in, and what to do."""
    assert "A FAULT IS STILL IN" in text
    assert target in text
    assert "why: sh-2: " in text
    assert "gameday recover --run" in text


def test_after_an_experiment(program: Program) -> None:
    done = program.run("experiment", "run", str(stubborn(program.directory)))
    assert done.returncode == 8, done.stderr
    is_loud(done.stderr, "chaostoolkit/touch-1")
    is_loud(notices(program), "chaostoolkit/touch-1")
    for command in (["get", "runs"], ["respond", "note", "x"], ["store", "verify"], ["report"]):
        assert "may have left in: stubborn" in program.run(*command).stderr, command
    assert program.run("faults").returncode == 8


def test_after_a_game_day_and_to_whoever_watches(program: Program) -> None:
    file = game_day(program.directory, stubborn(program.directory), "chaostoolkit/touch-1", "500ms")
    done = program.run("run", str(file), "--yes", "--headless")
    assert done.returncode == 8, done.stderr
    is_loud(done.stderr, "chaostoolkit/touch-1")
    is_loud(notices(program), "chaostoolkit/touch-1")
    assert "unsafe" in done.stdout
    watched = program.run("watch", "--headless")
    assert watched.returncode == 8
    is_loud(watched.stderr, "chaostoolkit/touch-1")
    report = program.json("report", "--format", "json")
    assert report["verdicts"]["run"] == "unsafe"


def test_found_by_a_recovery(program: Program) -> None:
    program.run("experiment", "run", str(stubborn(program.directory)))
    before = notices(program)
    again = program.run("recover")
    assert again.returncode == 8
    is_loud(again.stderr, "chaostoolkit/touch-1")
    assert notices(program).count("STILL IN") == before.count("STILL IN") + 1
    (program.directory / "repaired").touch()
    assert program.run("recover").returncode == 0
    assert not (program.directory / "broken").exists()


def test_found_by_a_guardian_which_has_no_terminal(program: Program) -> None:
    method = [process("touch", f"{program.directory}/broken"), process("true")]
    method[1]["pauses"] = {"before": 600}
    undo = process("sh", "-c", f"test -e {program.directory}/repaired")
    file = experiment(program.directory / "stubborn.json", method, [undo])
    running = program.start("experiment", "run", str(file))
    eventually(lambda: (program.directory / "broken").exists(), "nothing was broken")
    running.kill()
    finish(running)
    eventually(lambda: notices(program), "nobody was told")
    is_loud(notices(program), "chaostoolkit/touch-1")
    (log,) = (program.directory / ".gameday" / "runs").glob("*/guardian.log")
    eventually(lambda: "STILL IN" in log.read_text(encoding="utf-8"), "not in the guardian's log")
    is_loud(log.read_text(encoding="utf-8"), "chaostoolkit/touch-1")


def test_nothing_new_begins_before_it_is_out(program: Program) -> None:
    program.run("experiment", "run", str(stubborn(program.directory)))
    second = experiment(
        program.directory / "second.json",
        [process("touch", f"{program.directory}/second")],
        [process("true")],
    )
    drill = game_day(program.directory, second, "chaostoolkit/touch-1", "500ms")
    for command in (["experiment", "run", str(second)], ["run", str(drill), "--yes", "--headless"]):
        refused = program.run(*command)
        assert refused.returncode == 8, refused.stderr
        assert "nothing was started" in refused.stderr
        is_loud(refused.stderr, "chaostoolkit/touch-1")
    assert not (program.directory / "second").exists()
    (program.directory / "repaired").touch()
    done = program.run("experiment", "run", str(second))
    assert done.returncode == 0, done.stderr
    assert "stubborn; that is taken out first" in done.stderr
    assert not (program.directory / "broken").exists()
    assert (program.directory / "second").exists()


def test_a_new_start_takes_out_what_the_dead_have_left(program: Program) -> None:
    (program.directory / "repaired").touch()
    first = stubborn(program.directory, "first")
    drill = game_day(program.directory, first, "chaostoolkit/touch-1", "20m")
    running = program.start("run", str(drill), "--yes", "--headless")
    program.wait_for("FaultInjected")
    os.kill(guardian_of(running.pid), signal.SIGKILL)
    running.kill()
    finish(running)
    assert (program.directory / "broken").exists(), "nothing was left: this shows nothing"
    second = experiment(
        program.directory / "second.json",
        [process("test", "!", "-e", f"{program.directory}/broken")],
        [],
    )
    done = program.run("experiment", "run", str(second))
    assert done.returncode == 0, done.stderr
    assert "the-fault; that is taken out first" in done.stderr
    assert not (program.directory / "broken").exists()
