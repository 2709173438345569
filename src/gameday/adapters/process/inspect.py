"""Look at one process of this host through ``/proc``: who it is, whether it runs."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gameday.engine.faults import FaultRejected

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Seen:
    """A process at one moment. born: kernel ticks since boot; with the pid it names one
    process for good. state: one letter as in ``ps``."""

    pid: int
    name: str
    state: str
    parent: int
    group: int
    born: int

    @property
    def runs(self) -> bool:
        """It is neither stopped nor dead."""
        return self.state not in "TtZX"

    @property
    def dead(self) -> bool:
        """Only its entry in the process table is left."""
        return self.state in "ZX"


def look(pid: int) -> Seen | None:
    """The process of that pid now; None when there is none."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text("utf-8", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return None
    head, _, tail = text.rpartition(")")
    fields = tail.split()
    return Seen(
        pid=pid,
        name=head.partition("(")[2],
        state=fields[0],
        parent=int(fields[1]),
        group=int(fields[2]),
        born=int(fields[19]),
    )


def boot_id() -> str:
    """Which boot pids and start times belong to."""
    return _BOOT_ID.read_text("ascii").strip()


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
