"""Which processes of this host may be a fault's target."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from gameday.adapters.process.procfs import Seen, look
from gameday.engine.faults import FaultRejected


def read_pidfile(path: str) -> int:
    """The pid in the file; raises FaultRejected when there is none."""
    try:
        return int(Path(path).read_text("ascii").split()[0])
    except FileNotFoundError:
        raise FaultRejected(f"pidfile {path} is not there; is the process running?") from None
    except (OSError, ValueError, IndexError) as error:
        raise FaultRejected(f"pidfile {path} holds no pid: {error}") from error


def safe_target(pid: int) -> Seen:
    """The process, when it may be signalled; raises FaultRejected for init, for ourselves,
    our process group and everything that started us, and when there is no such process."""
    if pid <= 1:
        raise FaultRejected(f"pid {pid} is never a target")
    found = look(pid)
    if found is None or found.dead:
        raise FaultRejected(f"there is no process {pid}")
    if found.group == os.getpgrp():
        raise FaultRejected(f"process {pid} is in gameday's own process group")
    if pid in ancestors():
        raise FaultRejected(f"process {pid} ({found.name}) has started this one")
    return found


def ancestors() -> Iterator[int]:
    """This process and everything above it."""
    pid = os.getpid()
    while pid > 0:
        yield pid
        found = look(pid)
        pid = 0 if found is None else found.parent
