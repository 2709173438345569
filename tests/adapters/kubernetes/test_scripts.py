"""What faults run in a container, run here: it ends what it began, and what cannot look finds
nothing. In each shell that this machine has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.kubernetes.disk import DiskFault
from gameday.adapters.kubernetes.fault import Case
from gameday.adapters.kubernetes.netem import NetemFault
from tests.acceptance.program import eventually

SHELLS = [
    words for words in (["dash"], ["bash"], ["busybox", "sh"], ["sh"]) if shutil.which(words[0])
]
WITHIN = 10.0
IN_PROC = pytest.mark.skipif(sys.platform != "linux", reason="containers have /proc")


@pytest.fixture(params=SHELLS, ids=" ".join)
def shell(request: pytest.FixtureRequest) -> list[str]:
    found: list[str] = request.param
    return found


def run(shell: list[str], command: Sequence[str], **environment: str) -> int:
    words = [*shell, *command[1:]]
    env = {**os.environ, **environment}
    program = shutil.which(words[0])  # the path that a test gives may lead to no shell
    assert program is not None
    return subprocess.run([program, *words[1:]], env=env, check=False, timeout=30).returncode


# --- a disk ---------------------------------------------------------------------------


@pytest.fixture
def disk(tmp_path: Path) -> Any:
    given = {"path": str(tmp_path), "megabytes": 1}
    return Case(None, given, {"id": "0123456789abcdef"})  # type: ignore[arg-type]


@pytest.fixture
def filling(shell: list[str], disk: Any, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The fault's own command with a dd that never comes to an end, as on a volume that hangs."""
    slow = tmp_path / "bin"
    slow.mkdir()
    (slow / "dd").write_text(
        '#!/bin/sh\nfor one; do case $one in of=*) : >"${one#of=}"; esac; done\nsleep 60\n'
    )
    (slow / "dd").chmod(0o755)
    path = f"{slow}:{os.environ['PATH']}"
    command = [*shell, *DiskFault().command(disk)[1:]]
    process = subprocess.Popen(command, env={**os.environ, "PATH": path}, start_new_session=True)
    eventually(file(tmp_path).exists, "nothing is filled")
    yield process
    subprocess.run(["pkill", "-KILL", "-g", str(process.pid)], check=False)
    process.wait()


def file(directory: Path) -> Path:
    return directory / "gameday-fill-0123456789abcdef"


def writers(directory: Path) -> list[str]:
    """Processes with the file among their arguments."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            words = (process / "cmdline").read_bytes()
        except OSError:
            continue
        if str(file(directory)).encode() in words:
            found.append(process.name)
    return found


@IN_PROC
def test_what_fills_a_disk_ends_with_the_undo(
    shell: list[str], disk: Any, filling: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    fault = DiskFault()
    assert run(shell, fault.check(disk)) == 1
    file(tmp_path).unlink()
    assert run(shell, fault.check(disk)) == 1, "it has no name, and is being filled all the same"
    assert run(shell, fault.inverse(disk)) == 0
    filling.wait(WITHIN)
    eventually(lambda: not writers(tmp_path), "something still fills")
    assert run(shell, fault.check(disk)) == 0
    assert run(shell, fault.inverse(disk)) == 0


@IN_PROC
def test_a_fill_of_another_fault_is_left_alone(
    shell: list[str], filling: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    other = Case(None, {"path": str(tmp_path)}, {"id": "another"})  # type: ignore[arg-type]
    assert run(shell, DiskFault().inverse(other)) == 0
    assert run(shell, DiskFault().check(other)) == 0
    assert filling.poll() is None
    assert writers(tmp_path)


# --- netem ----------------------------------------------------------------------------

DEVICE = Case(None, {"device": "eth0"}, {})  # type: ignore[arg-type]
NONE = "qdisc noqueue 0: root refcnt 2"
DELAYED = "qdisc netem 8001: root refcnt 2 limit 1000 delay 100ms"


def tc(directory: Path, shown: str, code: int) -> str:
    """A PATH with a tc that shows this, or fails; what it is told to delete it writes down."""
    trace = directory / "deleted"
    (directory / "tc").write_text(
        f'#!/bin/sh\n[ "$2" = del ] && echo "$@" >>{trace} && exit 0\necho "{shown}"\nexit {code}\n'
    )
    (directory / "tc").chmod(0o755)
    return f"{directory}:{os.environ['PATH']}"


def test_a_delay_is_seen_and_taken_off(shell: list[str], tmp_path: Path) -> None:
    path = tc(tmp_path, DELAYED, 0)
    assert run(shell, NetemFault().check(DEVICE), PATH=path) == 1
    assert run(shell, NetemFault().inverse(DEVICE), PATH=path) == 0
    assert (tmp_path / "deleted").read_text() == "qdisc del dev eth0 root netem\n"


def test_no_delay_is_seen_and_left(shell: list[str], tmp_path: Path) -> None:
    path = tc(tmp_path, NONE, 0)
    assert run(shell, NetemFault().check(DEVICE), PATH=path) == 0
    assert run(shell, NetemFault().inverse(DEVICE), PATH=path) == 0
    assert not (tmp_path / "deleted").exists()


@pytest.mark.parametrize("there", [True, False])
def test_a_tc_that_fails_proves_nothing(there: bool, shell: list[str], tmp_path: Path) -> None:
    path = tc(tmp_path, "", 1) if there else "/nowhere"
    assert run(shell, NetemFault().check(DEVICE), PATH=path) == 2
    assert run(shell, NetemFault().inverse(DEVICE), PATH=path) == 2
