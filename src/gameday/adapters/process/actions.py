"""Chaos Toolkit actions and probes over local processes; the same code as ``process.signal``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gameday.adapters.process import restart as service
from gameday.adapters.process.fault import SignalFault
from gameday.adapters.process.inspect import read_pidfile
from gameday.adapters.process.procfs import look
from gameday.engine.faults import FaultFailure, FaultRejected

__all__ = ["continue_process", "ensure_running", "process_running", "send_signal"]


def send_signal(pidfile: str, signal: str = "KILL") -> str:
    """Send KILL, TERM or STOP to the process the pidfile names, and see it work."""
    SignalFault().inject({"pidfile": pidfile, "signal": signal})
    return f"SIG{signal} sent to the process of {pidfile}"


def ensure_running(
    check: str, restart_url: str = "", body: Any = None, command: list[str] | None = None
) -> str:
    """Restart the service unless its check answers; fine to play twice.

    check: a URL or ``host:port``. The restart is a POST of ``body`` to ``restart_url``, or
    ``command``.
    """
    if not service.answers(check):
        return f"{check} answers; nothing to do"
    how: Mapping[str, Any] = {"url": restart_url, "json": body}
    if not restart_url:
        if not command:
            raise FaultFailure("neither restart_url nor command says how to restart it")
        how = {"command": command}
    service.restart(how, check, lambda: service.answers(check))
    return f"restarted; {check} answers"


def continue_process(pidfile: str) -> str:
    """SIGCONT to the process the pidfile names if it is stopped; fine to play twice."""
    found = look(read_pidfile(pidfile))
    if found is None or found.dead:
        raise FaultFailure(f"the process of {pidfile} does not run")
    if found.state in "Tt":
        SignalFault().undo({"pidfile": pidfile, "signal": "STOP"}, _as_prior(found.pid, found.born))
    return f"process {found.pid} ({found.name}) runs"


def process_running(pidfile: str) -> bool:
    """Probe: the process the pidfile names exists and is not stopped."""
    try:
        found = look(read_pidfile(pidfile))
    except FaultRejected:
        return False
    return found is not None and found.runs


def _as_prior(pid: int, born: int) -> Mapping[str, Any]:
    from gameday.adapters.process.procfs import boot_id

    return {"pid": pid, "born": born, "boot": boot_id()}
