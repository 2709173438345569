"""One owner of a run: the living one, unless it has been silent for too long."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from gameday.adapters.clock import SystemClock
from gameday.adapters.process.lease import owned, owning
from gameday.core.errors import Refused
from gameday.core.instant import Instant
from gameday.engine.standstill import TERM

OWNER = """
import sys, time
from pathlib import Path
from gameday.adapters.clock import SystemClock
from gameday.adapters.process.lease import owning

with owning(Path(sys.argv[1]), "r1", SystemClock()):
    print("owned", flush=True)
    time.sleep(600)
"""


class _Later(SystemClock):
    """A clock that is ahead, so that an owner's last sign of life is old."""

    def now(self) -> Instant:
        return super().now().plus(TERM + 1)


@pytest.fixture
def owner(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that owns the run."""
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "owned\n"
        yield process
        process.kill()


def test_a_living_owner_is_left_alone(owner: subprocess.Popen[str], tmp_path: Path) -> None:
    assert owned(tmp_path)
    with pytest.raises(Refused, match="another process"), owning(tmp_path, "r1", SystemClock()):
        pass
    assert owner.poll() is None


def test_a_dead_owners_lease_is_free(owner: subprocess.Popen[str], tmp_path: Path) -> None:
    owner.kill()
    owner.wait()
    assert not owned(tmp_path)
    with owning(tmp_path, "r1", SystemClock()):
        assert owned(tmp_path)


@pytest.mark.parametrize("stopped", [False, True])
def test_a_silent_owner_is_killed_before_its_lease_is_taken(
    owner: subprocess.Popen[str], tmp_path: Path, stopped: bool
) -> None:
    if stopped:
        os.kill(owner.pid, signal.SIGSTOP)
    with owning(tmp_path, "r1", _Later()):
        assert owner.wait(20) == -signal.SIGKILL


def test_a_stranger_with_the_owners_pid_is_not_touched(
    owner: subprocess.Popen[str], tmp_path: Path
) -> None:
    lock = tmp_path / "owner.lock"
    pid, _, boot, beat = lock.read_text().split()
    lock.write_text(f"{pid} 1 {boot} {beat}".ljust(160))
    with pytest.raises(Refused), owning(tmp_path, "r1", _Later()):
        pass
    assert owner.poll() is None
