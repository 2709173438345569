"""Signals: the first stops and rolls back, a second one hurries nothing, none leaves a process."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
from pathlib import Path
from typing import IO

import pytest

from tests.acceptance.drills import experiment, process
from tests.acceptance.program import GAMEDAY, PATIENCE, Program, eventually, finish

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """``gameday`` in a directory of its own."""
    return Program(tmp_path)


def patient(directory: Path) -> Path:
    """An experiment whose method and whose rollback wait: the latter until ``go`` is there."""
    wait = process("true")
    wait["pauses"] = {"before": 600}
    undo = f"touch {directory}/undoing; until [ -e {directory}/go ]; do sleep 0.05; done"
    return experiment(
        directory / "patient.json",
        [process("touch", str(directory / "broken")), wait],
        [process("sh", "-c", f"{undo}; rm -f {directory}/broken", timeout=25)],
    )


def line_with(text: str, stderr: IO[str]) -> str:
    """The next line on stderr that holds the text."""
    for line in stderr:
        if text in line:
            return line
    raise AssertionError(f"{text!r} was not said")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 7), (signal.SIGHUP, 7)]
)
def test_a_second_signal_hurries_nothing_away(
    program: Program, number: signal.Signals, code: int
) -> None:
    broken, go = program.directory / "broken", program.directory / "go"
    running = program.start("experiment", "run", str(patient(program.directory)))
    assert running.stderr is not None
    eventually(broken.exists, "nothing was broken")
    os.killpg(running.pid, number)
    assert "stopping and rolling back" in line_with(f"{number.name}: ", running.stderr)
    eventually((program.directory / "undoing").exists, "no undo began")
    os.killpg(running.pid, number)
    said = line_with(f"{number.name}: ", running.stderr)
    assert "still to be taken out and proved: patient (chaostoolkit/touch-1" in said
    assert broken.exists()
    go.touch()
    done = finish(running)
    assert done.returncode == code, done.stderr
    assert not broken.exists()


def test_a_closed_terminal_is_an_abort(program: Program) -> None:
    (program.directory / "go").touch()
    broken = program.directory / "broken"
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*GAMEDAY, "experiment", "run", str(patient(program.directory))],
        cwd=program.directory,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as running:
        os.close(theirs)
        eventually(broken.exists, "nothing was broken")
        os.close(ours)  # whatever is written there from now on fails
        running.send_signal(signal.SIGHUP)
        assert running.wait(PATIENCE) == 7
    assert not broken.exists()
    assert program.json("faults", "-o", "json") == []


_DEAF = """
trap '' TERM HUP INT
(trap '' TERM HUP INT; while :; do sleep 1; done) &
echo $! >{grandchild}.part; mv {grandchild}.part {grandchild}
while :; do sleep 1; done
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL])
def test_no_grandchild_outlives_a_run(program: Program, number: signal.Signals) -> None:
    grandchild = program.directory / "grandchild"
    deaf = process("sh", "-c", _DEAF.replace("{grandchild}", str(grandchild)), timeout=5)
    file = experiment(program.directory / "deaf.json", [deaf], [process("true")])
    running = program.start("experiment", "run", str(file))
    eventually(grandchild.exists, "no grandchild")
    pid = int(grandchild.read_text(encoding="utf-8"))
    assert _lives(pid)
    running.send_signal(number)
    finish(running)
    eventually(lambda: not _lives(pid), "the grandchild lives on")


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False
