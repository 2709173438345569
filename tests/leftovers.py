"""Processes that tests have started and left behind, found by a mark in their environment.

A guardian leads a session of its own and a worker's parent may be dead, so parentage tells
nothing; the environment is inherited by all. Linux only; elsewhere nothing is found.
"""

from __future__ import annotations

import os
import time
import uuid
from multiprocessing import forkserver, resource_tracker
from pathlib import Path

MARK = "GAMEDAY_TEST_SESSION"
GRACE = 10.0
"""Seconds that what is ending may take to end."""


def begin() -> str:
    """Mark all processes started from here on; empty in a session inside a session."""
    if MARK in os.environ:
        return ""
    mark = os.environ[MARK] = uuid.uuid4().hex
    return mark


def remaining(mark: str) -> list[str]:
    """``pid command`` of each process with the mark that does not end by itself."""
    deadline = time.monotonic() + GRACE
    while (found := _marked(mark)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _marked(mark: str) -> list[str]:
    wanted = f"{MARK}={mark}".encode()
    return [
        f"{process.name} {_command(process)}"
        for process in Path("/proc").glob("[0-9]*")
        if int(process.name) not in _expected() and wanted in _read(process / "environ")
    ]


def _expected() -> set[int]:
    """This process and multiprocessing's two servants, which end with it."""
    servants = (
        getattr(resource_tracker._resource_tracker, "_pid", None),
        getattr(forkserver._forkserver, "_forkserver_pid", None),
    )
    return {os.getpid(), *(pid for pid in servants if pid)}


def _command(process: Path) -> str:
    return _read(process / "cmdline").replace(b"\0", b" ").decode(errors="replace").strip()[:160]


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:  # gone, or another user's
        return b""
