"""Is a service there, and bring it back: a check, and a restart by HTTP or by a command."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from gameday.adapters.process.restart_turn import Turn, turn
from gameday.engine.faults import FaultFailure

CALL_TIMEOUT = 2.0
"""Seconds for one check."""

RESTART_TIMEOUT = 10.0
"""Seconds for one restart request; supervisors answer when the service is up again."""

BACK_WITHIN = 20.0
"""Seconds a restarted service may take until its check answers."""

_STEP = 0.05


def answers(check: str) -> str:
    """Why the check does not answer; empty when it does.

    A URL must be answered with a status below 500, ``host:port`` must take a connection.
    """
    try:
        if check.startswith(("http://", "https://")):
            status = request("GET", check)
            return "" if status < 500 else f"{check} answered {status}"
        host, _, port = check.rpartition(":")
        with socket.create_connection((host.strip("[]"), int(port)), timeout=CALL_TIMEOUT):
            return ""
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"{check} does not answer: {error or type(error).__name__}"


def request(method: str, url: str, body: Any = None, timeout: float = CALL_TIMEOUT) -> int:
    """One HTTP request; returns the status, raises OSError or HTTPException."""
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    data = None if body is None else json.dumps(body).encode()
    headers = {"User-Agent": "gameday", "Content-Type": "application/json", "Connection": "close"}
    with contextlib.closing(connection):
        connection.request(method, path, body=data, headers=headers)
        response = connection.getresponse()
        response.read()
        return response.status


def restart(how: Mapping[str, Any], check: str, unwell: Callable[[], str]) -> None:
    """Restart as told and wait until it is well. Raises FaultFailure otherwise.

    unwell: why the service is not well, empty when it is. While somebody else restarts it nothing
    is started, and theirs is waited for.
    """
    # not by the check: one may watch several services, which must come back side by side
    service = json.dumps([how.get("url") or how["command"], how.get("json")], sort_keys=True)
    with turn(service) as ours:
        if ours is not None:
            if unwell():  # asked again: it may have been brought back meanwhile
                _end_what_is_left(ours)
                _start(how, check, unwell, ours)
            return
    _wait_for_theirs(service, unwell)


def _wait_for_theirs(service: str, unwell: Callable[[], str]) -> None:
    """Until somebody else's restart is over. One that was in vain is not followed by one of ours,
    which would have less than its time: whoever tries again has all of it."""
    deadline = time.monotonic() + BACK_WITHIN
    while True:
        with turn(service) as ours:
            over = ours is not None
        wrong = unwell()
        if not wrong:
            return
        if over or time.monotonic() >= deadline:
            raise FaultFailure(f"somebody else has restarted it, and in vain: {wrong}")
        time.sleep(_STEP)


def _end_what_is_left(ours: Turn) -> None:
    """A worker that was killed while it restarted left its command, which may yet come up."""
    left = ours.left()
    if left is not None:
        with contextlib.suppress(OSError):
            os.killpg(left.pid, signal.SIGKILL)


def _start(how: Mapping[str, Any], check: str, unwell: Callable[[], str], ours: Turn) -> None:
    if "url" in how:
        _ask(str(how["url"]), how.get("json"))
        _until_well(check, unwell, None)
    else:
        _run([str(part) for part in how["command"]], check, unwell, ours)


def _until_well(
    check: str, unwell: Callable[[], str], command: subprocess.Popen[bytes] | None
) -> None:
    """Ask until it is well, the command has failed, or the time is up."""
    deadline = time.monotonic() + BACK_WITHIN
    while True:
        ended = None if command is None else command.poll()
        if ended:
            raise FaultFailure(f"the restart command ended with exit code {ended}")
        wrong = unwell()
        if not wrong:
            return
        if not check and (command is None or ended == 0):
            return  # it was done as told, and nothing was named to ask
        if time.monotonic() >= deadline:
            raise FaultFailure(f"{BACK_WITHIN:g} s after the restart: {wrong}")
        time.sleep(_STEP)


def _ask(url: str, body: Any) -> None:
    try:
        status = request("POST", url, body, RESTART_TIMEOUT)
    except (OSError, http.client.HTTPException) as error:
        raise FaultFailure(f"restart: POST {url}: {error or type(error).__name__}") from error
    if status >= 400:
        raise FaultFailure(f"restart: POST {url} was answered with {status}")


def _run(command: list[str], check: str, unwell: Callable[[], str], ours: Turn) -> None:
    # A session of its own: the command may be the service itself, and must outlive this worker.
    try:
        process = subprocess.Popen(
            command,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError as error:
        raise FaultFailure(f"restart: {command[0]!r} cannot be run: {error}") from error
    ours.begun(process.pid)
    try:
        _until_well(check, unwell, process)
    except BaseException:
        _end(process)  # it may come up later, beside the one that the next try starts
        raise
    finally:
        ours.ended()
    if process.poll() is None:
        process.returncode = 0  # it is the service and goes on; nobody here waits for its end


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill a command with all that it has started, as far as that has not left its group."""
    with contextlib.suppress(OSError):
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
