"""Signals to processes: who is never a target, and who brings a service back."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.process import actions
from gameday.adapters.process.fault import SignalFault
from gameday.engine.faults import FaultFailure, FaultRejected, FaultStillPresent
from tests.adapters.faults.proxying import stored

SLEEPER = [sys.executable, "-c", "import time; time.sleep(60)"]


@pytest.fixture
def sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own; reaped as soon as it ends, as init would."""
    with subprocess.Popen(SLEEPER, start_new_session=True) as process:
        threading.Thread(target=process.wait, daemon=True).start()
        yield process
        process.kill()


@pytest.mark.parametrize("pid", [os.getpid(), os.getppid(), 2**22 + 1])
def test_ourselves_and_nobody_are_never_targets(pid: int) -> None:
    for call in (SignalFault().capture, SignalFault().inject):
        with pytest.raises(FaultRejected):
            call({"pid": pid, "signal": "KILL"})


def test_a_member_of_our_own_group_is_never_a_target() -> None:
    with subprocess.Popen(SLEEPER) as process:
        with pytest.raises(FaultRejected, match="own process group"):
            SignalFault().inject({"pid": process.pid})
        process.kill()


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({}, ()),
        ({"pid": 5, "pidfile": "x"}, ()),
        ({"pid": 1}, ("pid",)),
        ({"pid": -5}, ("pid",)),
        ({"pid": 5, "signal": "HUP"}, ("signal",)),
        ({"pid": 5, "check": "nowhere"}, ("check",)),
        ({"pid": 5, "restart": {}}, ("restart",)),
        ({"pid": 5, "restart": {"command": "sh"}}, ("restart", "command")),
        ({"pid": 5, "restart": {"url": "ftp://x"}}, ("restart", "url")),
        ({"pid": 5, "pidfil": "x"}, ("pidfil",)),
    ],
)
def test_mistakes_are_found(arguments: dict[str, Any], path: tuple[str, ...]) -> None:
    assert [where for where, _ in SignalFault().problems(arguments)] == [path]
    with pytest.raises(FaultRejected):
        SignalFault().describe(arguments)


def test_a_pidfile_without_a_pid(tmp_path: Path) -> None:
    pidfile = tmp_path / "pid"
    for content in (None, "", "abc"):
        if content is not None:
            pidfile.write_text(content)
        with pytest.raises(FaultRejected, match="pidfile"):
            SignalFault().capture({"pidfile": str(pidfile)})


def test_a_signal_without_a_way_back_says_so(sleeper: subprocess.Popen[bytes]) -> None:
    arguments = {"pid": sleeper.pid, "signal": "KILL"}
    assert SignalFault().describe(arguments).reversible is False
    prior = stored(SignalFault().capture(arguments))
    SignalFault().inject(arguments)
    with pytest.raises(FaultFailure, match="no restart"):
        SignalFault().undo(arguments, prior)
    with pytest.raises(FaultStillPresent):
        SignalFault().verify_undone(arguments, prior)


def test_a_process_that_ignores_term_is_a_failed_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules["gameday.adapters.process.fault"]._TAKES_EFFECT, "TERM", 0.2)
    code = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(flush=True); time.sleep(60)"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, start_new_session=True, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        with pytest.raises(FaultFailure, match="survived SIGTERM"):
            SignalFault().inject({"pid": process.pid, "signal": "TERM"})
        process.kill()


def test_a_service_a_responder_has_restarted_is_left_alone(
    sleeper: subprocess.Popen[bytes], tmp_path: Path, service: str
) -> None:
    pidfile, trace = tmp_path / "pid", tmp_path / "trace"
    pidfile.write_text(str(sleeper.pid))
    arguments = {
        "pidfile": str(pidfile),
        "check": service,
        "restart": {"command": ["touch", str(trace)]},
    }
    prior = stored(SignalFault().capture(arguments))
    SignalFault().inject(arguments)
    with subprocess.Popen(SLEEPER, start_new_session=True) as again:
        pidfile.write_text(str(again.pid))
        SignalFault().undo(arguments, prior)
        assert SignalFault().verify_undone(arguments, prior)
        again.kill()
    assert not trace.exists()


@pytest.mark.parametrize("command", [["false"], ["/no/such/program"]])
def test_a_restart_that_fails_is_said(sleeper: subprocess.Popen[bytes], command: list[str]) -> None:
    arguments = {"pid": sleeper.pid, "restart": {"command": command}}
    prior = stored(SignalFault().capture(arguments))
    SignalFault().inject(arguments)
    with pytest.raises(FaultFailure, match="restart"):
        SignalFault().undo(arguments, prior)


def test_a_recycled_pid_is_not_taken_for_the_process(sleeper: subprocess.Popen[bytes]) -> None:
    arguments = {"pid": sleeper.pid, "signal": "STOP"}
    prior = {**stored(SignalFault().capture(arguments)), "born": 1}
    with pytest.raises(FaultStillPresent, match="does not run"):
        SignalFault().verify_undone(arguments, prior)


def test_actions_stop_continue_and_look(sleeper: subprocess.Popen[bytes], tmp_path: Path) -> None:
    pidfile = tmp_path / "pid"
    pidfile.write_text(str(sleeper.pid))
    assert actions.process_running(str(pidfile)) is True
    assert actions.send_signal(str(pidfile), "STOP")
    assert actions.process_running(str(pidfile)) is False
    for _ in range(2):
        assert actions.continue_process(str(pidfile))
    assert actions.process_running(str(pidfile)) is True
    assert actions.process_running(str(tmp_path / "nothing")) is False


def test_ensure_running_does_nothing_when_it_runs(service: str) -> None:
    assert "nothing to do" in actions.ensure_running(service)
    with pytest.raises(FaultFailure, match="neither"):
        actions.ensure_running("127.0.0.1:1")
    with pytest.raises(FaultFailure, match="POST"):
        actions.ensure_running("127.0.0.1:1", restart_url="http://127.0.0.1:1/restart")
