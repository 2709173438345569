"""Dies at a chosen step: on PYTHONPATH, this is in every process of the program under test.

``GAMEDAY_CRASH_TRACE=FILE`` writes each step a process comes to; ``GAMEDAY_CRASH=ROLE NAME K
WHEN [guardian]`` kills the process of that role ``before`` or ``after`` its K-th step of that
name, and its guardian with it when asked to; only the first that comes there, which leaves the
file ``GAMEDAY_CRASHED``. Steps are what lasts or leaves the process:
commits, connections, bytes sent, messages between processes, signals, programs started.

``GAMEDAY_HOLD=ROLE FILE`` does none of that: the first process of that role writes its pid to the
file and stands still until it is traced.

``GAMEDAY_CONTROL=NAME`` breaks one safeguard of the program, which the sweep must notice.
"""

from __future__ import annotations

import collections
import functools
import os
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

_TRACE = os.environ.get("GAMEDAY_CRASH_TRACE")
_PLAN = os.environ.get("GAMEDAY_CRASH", "").split()
_CONTROL = os.environ.get("GAMEDAY_CONTROL")
_HOLD = os.environ.get("GAMEDAY_HOLD", "").split()
_ATTACH_WITHIN = 30.0
_write, _kill, _fork = os.write, os.kill, os.fork


class _Process:
    """This process: its role, its steps so far, and the processes it has forked."""

    def __init__(self, role: str) -> None:
        self.role = role
        self.forked: list[int] = []
        self.steps: collections.Counter[str] = collections.Counter()


def _role() -> str:
    command = " ".join(sys.orig_argv)
    for word, role in (
        ("gameday.cli.guardian", "guardian"),
        ("process.forkserver", "forkserver"),
        (" recover", "recovery"),
    ):
        if word in command:
            return role
    return "conductor"


_here = _Process(_role())


def _step(name: str, do: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(do)
    def step(*arguments: Any, **named: Any) -> Any:
        _here.steps[name] += 1
        here = [_here.role, name, str(_here.steps[name])]
        if _TRACE:
            log = os.open(_TRACE, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            _write(log, f"{' '.join(here)}\n".encode())
            os.close(log)
        if _PLAN[:3] == here and _PLAN[3] == "before":
            _die()
        done = do(*arguments, **named)
        if _PLAN[:3] == here:
            _die()
        return done

    return step


def _die() -> None:
    try:  # once: the process that takes over the same role lives
        os.close(os.open(os.environ["GAMEDAY_CRASHED"], os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return
    if _PLAN[4:] == ["guardian"] and len(_here.forked) > 1:
        _kill(_here.forked[1], signal.SIGKILL)
    _kill(os.getpid(), signal.SIGKILL)


def _forking() -> int:
    global _here
    pid = _fork()
    if pid:
        _here.forked.append(pid)
        if _here.role == "conductor" and len(_here.forked) == _EARLY:
            _hold()  # not before: the two would be traced with it
        return pid
    roles = {
        "conductor": ("forkserver", "guardian"),
        "forkserver": ("worker", *("later-worker",) * 100),
    }
    _here = _Process(roles.get(_here.role, ("other",) * 100)[len(_here.forked)])
    _hold()
    return 0


_EARLY = 2
"""Processes that a conductor forks off before it does anything else."""


def _hold() -> None:
    if _HOLD[:1] != [_here.role]:
        return
    _let_anyone_trace_us()
    part = f"{_HOLD[1]}.{os.getpid()}"
    with open(part, "w") as file:  # noqa: PTH123
        file.write(str(os.getpid()))
    try:  # once, and whole
        os.link(part, _HOLD[1])
    except FileExistsError:
        return
    deadline = time.monotonic() + _ATTACH_WITHIN
    while _tracer() == 0 and time.monotonic() < deadline:
        time.sleep(0.002)


def _tracer() -> int:
    with open("/proc/self/status") as status:  # noqa: PTH123
        return next(int(line.split()[1]) for line in status if line.startswith("TracerPid"))


def _let_anyone_trace_us() -> None:
    import ctypes

    set_ptracer, anyone = 0x59616D61, ctypes.c_ulong(-1)
    ctypes.CDLL(None).prctl(set_ptracer, anyone, 0, 0, 0)  # where there is no Yama it fails


def _install() -> None:
    import socket
    import sqlite3
    import subprocess

    class Committing(sqlite3.Connection):
        def execute(self, sql: str, *parameters: Any) -> Any:
            if sql.strip().upper().startswith("COMMIT"):
                return commit(self, sql, *parameters)
            return super().execute(sql, *parameters)

    commit = _step("commit", sqlite3.Connection.execute)
    setattr(sqlite3, "connect", functools.partial(sqlite3.connect, factory=Committing))  # noqa: B010
    for name in ("connect", "connect_ex"):
        setattr(socket.socket, name, _step("connect", getattr(socket.socket, name)))
    for name in ("send", "sendall", "sendmsg"):
        setattr(socket.socket, name, _step("send", getattr(socket.socket, name)))
    subprocess.Popen.__init__ = _step("spawn", subprocess.Popen.__init__)  # type: ignore[method-assign]
    os.write = _step("write", os.write)
    os.kill = _step("kill", os.kill)
    os.killpg = _step("kill", os.killpg)
    os.fork = _forking


def _break(control: str) -> None:
    """Take a safeguard out, as soon as the modules it lives in have been imported."""
    import importlib.abc
    import importlib.machinery

    changes = _CONTROLS[control]

    class Finder(importlib.abc.MetaPathFinder):
        def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
            if name not in changes:
                return None
            spec = importlib.machinery.PathFinder.find_spec(name, path)
            assert spec is not None
            assert spec.loader is not None
            load = spec.loader.exec_module

            def broken(module: Any) -> None:
                load(module)
                changes[name](module)

            spec.loader.exec_module = broken  # type: ignore[method-assign]
            return spec

    sys.meta_path.insert(0, Finder())


def _fault_first(injection: Any) -> None:
    intend = injection._intend

    async def inject_fault(order: Any, experiment: Any, stream: Any, planned: Any) -> Any:
        intent = await experiment.intent()
        done = await experiment.inject()
        for _ in range(10):  # each a transaction, so that more points lie in between
            await stream.refresh()
        await intend(order, intent, stream, planned)
        await stream.try_execute(injection._report(order, done))
        return done

    injection.inject_fault = inject_fault


def _spare_workers(sentry: Any) -> None:
    sentry.Sentry.kill_all = lambda _: None


def _outlive_the_guardian(seat: Any) -> None:
    import threading

    end = seat.end_group
    seat.end_group = lambda: threading.Timer(4.0, end).start()


def _wait_for_nothing(undo: Any) -> None:
    async def no_sleep(clock: Any, seconds: float) -> None:
        return None

    undo._sleep = no_sleep


_CONTROLS: dict[str, dict[str, Callable[[Any], None]]] = {
    "fault-before-intent": {"gameday.engine.injection": _fault_first},
    "undo-before-kill": {
        "gameday.adapters.process.sentry": _spare_workers,
        "gameday.adapters.process.seat": _outlive_the_guardian,
        "gameday.engine.undo": _wait_for_nothing,
    },
    "absent-is-undone": {"gameday.engine.undo": _wait_for_nothing},
}

if _TRACE or _PLAN:
    _install()
if _HOLD:
    os.fork = _forking
    if _here.role != "conductor":
        _hold()
if _CONTROL:
    _break(_CONTROL)
