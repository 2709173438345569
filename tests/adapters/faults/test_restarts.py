"""A service is brought back once, whoever asks and however slow it is; a start in vain is ended."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.process import actions, restart, restart_turn
from gameday.adapters.process.fault import SignalFault
from gameday.adapters.process.procfs import look
from gameday.adapters.process.restart_turn import turn
from gameday.engine.faults import FaultFailure
from tests.acceptance.program import eventually

WITHIN = 10.0
NOBODY = {"pid": 1, "born": 0, "boot": "another"}
"""What was captured before this boot: it is gone."""

# Its start takes as long as a file is not there; a child of its own shows that nothing stays.
SERVICE = """
import os, pathlib, socket, subprocess, sys, time
starts, pidfile, go, port = sys.argv[1:]
child = subprocess.Popen(["sleep", "60"])
with open(starts, "a") as file:
    file.write(f"{os.getpid()} {child.pid}\\n")
pathlib.Path(pidfile).write_text(str(os.getpid()))
while not os.path.exists(go):
    time.sleep(0.01)
with socket.create_server(("127.0.0.1", int(port)), reuse_port=True) as server:
    while True:
        server.accept()[0].close()
"""


@dataclass(frozen=True)
class Slow:
    """A service that is to be brought back, and all that was started of it."""

    directory: Path
    port: int

    @property
    def check(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def command(self) -> list[str]:
        files = [str(self.directory / name) for name in ("starts", "pid", "go")]
        return [sys.executable, "-c", SERVICE, *files, str(self.port)]

    @property
    def name(self) -> str:
        """What its restarts are known by."""
        return json.dumps([self.command, None])

    @property
    def arguments(self) -> dict[str, Any]:
        pidfile = str(self.directory / "pid")
        return {"pidfile": pidfile, "check": self.check, "restart": {"command": self.command}}

    def starts(self) -> list[list[int]]:
        """The pids of each copy."""
        file = self.directory / "starts"
        lines = file.read_text().splitlines() if file.exists() else ()
        return [[int(pid) for pid in line.split()] for line in lines]

    def alive(self) -> list[int]:
        found = [look(pid) for pids in self.starts() for pid in pids]
        return [one.pid for one in found if one is not None and not one.dead]

    def comes_up(self) -> None:
        (self.directory / "go").touch()

    def end(self) -> None:
        for pid in self.alive():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Slow]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    service = Slow(tmp_path, port)
    yield service
    service.end()


def test_two_undos_side_by_side_start_one_copy(slow: Slow, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second comes while the first waits for the service, which comes up when both wait."""
    both = threading.Barrier(2, timeout=WITHIN)
    theirs = restart._wait_for_theirs

    def wait(*given: Any) -> None:
        slow.comes_up()
        theirs(*given)

    monkeypatch.setattr(restart, "_wait_for_theirs", wait)
    at_last = threading.Timer(WITHIN / 4, slow.comes_up)  # also where nobody waits for anybody
    at_last.start()

    def undo() -> None:
        both.wait()
        SignalFault().undo(slow.arguments, NOBODY)
        assert SignalFault().verify_undone(slow.arguments, NOBODY)

    def ensure() -> None:
        both.wait()
        assert actions.ensure_running(slow.check, command=slow.command)

    with ThreadPoolExecutor() as pool:
        for done in [pool.submit(undo), pool.submit(ensure)]:
            done.result()
    at_last.cancel()
    assert len(slow.starts()) == 1
    assert slow.alive() == slow.starts()[0], "and it goes on"


def test_a_start_that_takes_too_long_is_ended_before_the_next(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restart, "BACK_WITHIN", 1.0)
    for _ in range(2):
        with pytest.raises(FaultFailure, match="1 s after the restart"):
            SignalFault().undo(slow.arguments, NOBODY)
        eventually(lambda: not slow.alive(), "what was started in vain lives")
    assert len(slow.starts()) == 2
    slow.comes_up()
    SignalFault().undo(slow.arguments, NOBODY)
    assert SignalFault().verify_undone(slow.arguments, NOBODY)
    assert slow.alive() == slow.starts()[2]


def test_a_service_without_a_check_goes_on_when_its_pidfile_names_it(slow: Slow) -> None:
    arguments = {key: value for key, value in slow.arguments.items() if key != "check"}
    SignalFault().undo(arguments, NOBODY)
    assert SignalFault().verify_undone(arguments, NOBODY)
    assert slow.alive() == slow.starts()[0]


def test_services_that_one_check_watches_come_back_side_by_side(slow: Slow, tmp_path: Path) -> None:
    """Neither is well before both are."""
    other = Slow(tmp_path / "other", slow.port)
    other.directory.mkdir()

    def both_come_up() -> None:
        eventually(lambda: slow.starts() and other.starts(), "one waits for the other", WITHIN)
        slow.comes_up()

    try:
        with ThreadPoolExecutor() as pool:
            undo = SignalFault().undo
            tasks = [pool.submit(undo, one.arguments, NOBODY) for one in (slow, other)]
            tasks.append(pool.submit(both_come_up))
            for task in tasks:
                task.result()
    finally:
        other.end()


HOLD = """
import sys, time
from gameday.adapters.process.restart_turn import turn
with turn(sys.argv[1]) as ours:
    print(ours is not None, flush=True)
    time.sleep(60)
"""


def test_a_restart_that_died_holds_up_nobody(slow: Slow) -> None:
    slow.comes_up()
    holder = [sys.executable, "-c", HOLD, slow.name]
    with subprocess.Popen(holder, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"True\n"
        with turn(slow.name) as ours:
            assert ours is None
        process.kill()
    SignalFault().undo(slow.arguments, NOBODY)
    assert SignalFault().verify_undone(slow.arguments, NOBODY)


UNDO = """
import json, sys
from gameday.adapters.process.fault import SignalFault
SignalFault().undo(*map(json.loads, sys.argv[1:]))
"""


def test_what_an_undo_had_begun_when_it_was_killed_is_ended_by_the_next(slow: Slow) -> None:
    undo = [sys.executable, "-c", UNDO, json.dumps(slow.arguments), json.dumps(NOBODY)]
    lock = restart_turn._opened(slow.name)
    with subprocess.Popen(undo) as process:
        eventually(lambda: slow.starts() and restart_turn.Turn(lock).left(), "nothing begun")
        process.kill()
    os.close(lock)
    assert slow.alive() == slow.starts()[0], "nothing was left, so this test shows nothing"

    def second_comes_up() -> None:
        eventually(lambda: len(slow.starts()) == 2, "nothing was started", WITHIN)
        slow.comes_up()

    with ThreadPoolExecutor() as pool:
        up = pool.submit(second_comes_up)
        SignalFault().undo(slow.arguments, NOBODY)
        up.result()
    assert SignalFault().verify_undone(slow.arguments, NOBODY)
    assert slow.alive() == slow.starts()[1]


def test_somebody_elses_restart_that_was_in_vain_is_said(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restart, "BACK_WITHIN", 0.2)
    with turn(slow.name), pytest.raises(FaultFailure, match="somebody else"):
        SignalFault().undo(slow.arguments, NOBODY)
    assert slow.starts() == []


def test_without_a_place_for_a_lock_it_is_restarted_all_the_same(
    slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", "/nowhere/at/all")
    slow.comes_up()
    SignalFault().undo(slow.arguments, NOBODY)
    assert SignalFault().verify_undone(slow.arguments, NOBODY)
