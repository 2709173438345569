"""The real program is killed at random moments while it breaks a real cluster; whatever is killed,
the cluster is as before, object by object, after the guardian or ``gameday recover``."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.acceptance.program import Program, eventually, finish
from tests.kubernetes_faults.experiment import written
from tests.kubernetes_faults.families import FAMILIES, NAMES, Family
from tests.kubernetes_faults.place import CONTEXT, Place, changed

pytestmark = [pytest.mark.needs_cluster, pytest.mark.sweep]

KILLS = int(os.environ.get("GAMEDAY_SWEEP_POINTS", "200")) // 4
LONGEST = 4.0
"""Seconds; a run of any family is over by then."""


@pytest.mark.parametrize("family", FAMILIES, ids=NAMES)
def test_a_whole_experiment_leaves_nothing(family: Family, place: Place, tmp_path: Path) -> None:
    place.settled()
    before = place.snapshot()
    program = Program(tmp_path)
    done = program.run("experiment", "run", written(family, place, tmp_path))
    assert done.returncode == 0, done.stderr
    place.settled()
    assert not changed(before, place.snapshot())


@pytest.mark.timeout(1800)
def test_killed_at_random_moments(
    place: Place, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    seed = random.SystemRandom().randrange(10**6)
    dice = random.Random(seed)
    needed, differences = 0, []
    place.settled()
    before = place.snapshot()
    for number in range(KILLS):
        family = FAMILIES[number % len(FAMILIES)]
        directory = tmp_path / str(number)
        directory.mkdir()
        program = Program(directory, {"GAMEDAY_STORE": str(directory / "store.db")})
        running = program.start("experiment", "run", written(family, place, directory))
        _kill(running, dice.uniform(0.2, LONGEST), guardian_too=dice.random() < 0.5)
        _await_end(directory)
        left = program.run("faults").returncode == 8
        needed += left
        if left:
            done = program.run("recover")
            assert done.returncode == 0, (seed, family.type, done.stderr)
        place.settled()
        found = changed(before, place.snapshot())
        if found:
            differences.append((number, family.type, found))
            before = place.snapshot()
    with capsys.disabled():
        sys.stdout.write(
            f"\n{KILLS} kills of gameday on a cluster (seed {seed}): {needed} needed "
            f"`gameday recover`, {len(differences)} left a difference\n"
        )
    assert not differences, (seed, differences)


def test_what_nobody_undid_is_taken_out_by_the_cluster_alone(place: Place, tmp_path: Path) -> None:
    """Also the negative control: before that, the same comparison sees the fault."""
    place.settled()
    before = place.snapshot()
    family = next(one for one in FAMILIES if one.type == "kubernetes.toxiproxy")
    program = Program(tmp_path)
    running = program.start("experiment", "run", written(family, place, tmp_path))
    eventually(lambda: family.is_in(place), "the fault never went in")
    _kill_with_guardian(running.pid)
    finish(running)
    _await_end(tmp_path)
    assert changed(before, place.snapshot()), "nothing was left, so this test shows nothing"
    elsewhere = Program(tmp_path / "..", {"GAMEDAY_STORE": str(tmp_path / "empty.db")})
    arguments = ("recover", "--cluster", "--context", CONTEXT, "--namespace", place.name)
    eventually(
        lambda: "stands for it" not in elsewhere.run(*arguments).stderr, "the claim never died"
    )
    place.settled()
    assert not changed(before, place.snapshot())


def _kill(running: subprocess.Popen[str], after: float, guardian_too: bool) -> None:
    """Let it run for a while, then kill it, perhaps with its guardian."""
    deadline = time.monotonic() + after
    while running.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    if running.poll() is None and guardian_too:
        _kill_with_guardian(running.pid)
    running.kill()
    finish(running)


def _kill_with_guardian(conductor: int) -> None:
    """Both at once: the conductor must not see its guardian die, nor the guardian the conductor.
    The fork server is its child too; workers end with their guardian."""
    os.kill(conductor, signal.SIGSTOP)
    for child in _children(conductor):
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
    os.kill(conductor, signal.SIGKILL)


def _children(parent: int) -> list[int]:
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if int((process / "stat").read_text().rsplit(")", 1)[1].split()[1]) == parent:
                found.append(int(process.name))
    return found


def _await_end(directory: Path) -> None:
    """Return once nothing of it runs: the guardian may have been at work."""
    eventually(lambda: not _living(directory), f"processes of {directory} still live")


def _living(directory: Path) -> bool:
    """Whether a process of a run in that directory still lives."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if (process / "cwd").readlink() == directory.resolve():
                return True
        except OSError:
            continue
    return False
