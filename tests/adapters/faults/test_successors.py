"""A process that is stopped while another one takes its place: none is left stopped."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.process import actions
from gameday.adapters.process.fault import SignalFault
from gameday.adapters.process.procfs import look
from gameday.engine.faults import FaultFailure, FaultRejected
from tests.acceptance.program import eventually

SLEEPER = ["sleep", "60"]


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[dict[str, Any], int, int]]:
    """The arguments to stop a service, its process, and the one that takes its place."""
    pidfile = tmp_path / "pid"
    with (
        subprocess.Popen(SLEEPER, start_new_session=True) as first,
        subprocess.Popen(SLEEPER, start_new_session=True) as second,
    ):
        pidfile.write_text(str(first.pid))
        yield {"pidfile": str(pidfile), "signal": "STOP"}, first.pid, second.pid
        for process in (first, second):
            process.kill()


def state(pid: int) -> str:
    found = look(pid)
    return found.state if found is not None else ""


def test_a_service_that_was_restarted_since_it_was_looked_at_is_refused(
    two: tuple[dict[str, Any], int, int],
) -> None:
    arguments, first, second = two
    prior = SignalFault().capture({**arguments, "name": "checkout"})
    os.kill(first, signal.SIGKILL)
    eventually(lambda: state(first) in "ZX", "it lives")
    Path(arguments["pidfile"]).write_text(str(second))
    with pytest.raises(FaultRejected, match="changed since"):
        actions.send_signal(arguments["pidfile"], "STOP")
    assert state(second) not in "Tt"
    SignalFault().undo(arguments, prior)
    assert str(second) in SignalFault().verify_undone(arguments, prior)


def test_whatever_is_stopped_in_its_place_is_continued(
    two: tuple[dict[str, Any], int, int],
) -> None:
    """A method that kills a service and stops its successor, as its undo finds them; and a first
    one that is still there."""
    arguments, first, second = two
    prior = SignalFault().capture(arguments)
    SignalFault().inject(arguments)
    Path(arguments["pidfile"]).write_text(str(second))
    SignalFault().inject(arguments)
    assert state(first) == state(second) == "T"
    for killed in (None, first):
        if killed is not None:
            os.kill(killed, signal.SIGKILL)
            os.kill(second, signal.SIGSTOP)
            eventually(
                lambda: state(first) in "ZX" and state(second) == "T", "the signals do nothing"
            )
        with pytest.raises(FaultFailure, match="is stopped"):
            SignalFault().verify_undone(arguments, prior)
        SignalFault().undo(arguments, prior)
        assert SignalFault().verify_undone(arguments, prior)
        assert state(second) not in "Tt"


def test_a_process_that_is_gone_is_said_with_what_is_wrong(
    two: tuple[dict[str, Any], int, int],
) -> None:
    arguments, first, _ = two
    prior = SignalFault().capture({**arguments, "signal": "KILL"})
    os.kill(first, signal.SIGKILL)
    eventually(lambda: state(first) in "ZX", "it lives")
    with pytest.raises(FaultFailure, match=r"does not run, and there is no restart"):
        SignalFault().undo(arguments, prior)
