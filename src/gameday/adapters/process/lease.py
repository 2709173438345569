"""The lease of a run on this host: one owner at a time, and nobody beside it.

The owner holds a lock that the kernel lets go of when it dies, and gives a sign of life every
second. One that lives and is silent for too long (stopped, or hung) is killed before its lease
is taken: a check of who owns what, made before a call, would not keep that call from landing.
"""

from __future__ import annotations

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NamedTuple

from gameday.adapters.process.procfs import boot_id, look
from gameday.core.errors import Refused
from gameday.core.instant import NANOSECONDS
from gameday.engine.ports import Clock
from gameday.engine.standstill import TERM

PATIENCE = 1.0
"""Seconds to wait for the lock. Whoever asks whether a run is owned holds it for an instant."""
KILL_WITHIN = 5.0
"""Seconds for a killed owner to let go; SIGKILL needs microseconds."""

_STEP = 0.01
_LENGTH = 160


class Owner(NamedTuple):
    """Who holds a lease. born, boot_id: with the pid they name one process for good. beat:
    boot time of its last sign of life, in nanoseconds."""

    pid: int
    born: int
    boot_id: str
    beat: int


class Lease:
    """A lease that is held; :meth:`beat` keeps it."""

    def __init__(self, file: IO[bytes], clock: Clock) -> None:
        self._file = file
        self._clock = clock
        me = look(os.getpid())
        self._me = (os.getpid(), me.born if me else 0, _boot_id())
        self.beat()

    def beat(self) -> None:
        """Give a sign of life; at least once every few seconds."""
        line = " ".join(map(str, (*self._me, self._clock.now().boot)))
        os.pwrite(self._file.fileno(), line.ljust(_LENGTH).encode(), 0)


@contextmanager
def owning(directory: Path, run_id: str, clock: Clock) -> Iterator[Lease]:
    """Own the run while inside. Raises Refused when another process owns it and is well."""
    fd = os.open(directory / "owner.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "r+b", buffering=0) as file:
        deadline = time.monotonic() + PATIENCE
        while not _locked(file):
            if _end_if_silent(file, clock):
                deadline = time.monotonic() + KILL_WITHIN
            elif time.monotonic() > deadline:
                raise Refused(
                    f"run {run_id} is being conducted by another process",
                    hint=f"`gameday abort --run {run_id}` stops it and rolls back",
                )
            time.sleep(_STEP)
        yield Lease(file, clock)


def owned(directory: Path) -> bool:
    """Whether a living process owns the run with this directory."""
    try:
        file = (directory / "owner.lock").open("rb")
    except FileNotFoundError:
        return False
    with file:
        return not _locked(file)


def _locked(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _end_if_silent(file: IO[bytes], clock: Clock) -> bool:
    """Kill the owner when it has been silent for its term; never a process that got its pid."""
    owner = _owner(file)
    if owner is None or owner.boot_id != _boot_id():
        return False
    if clock.now().boot - owner.beat < TERM * NANOSECONDS:
        return False
    seen = look(owner.pid)
    if seen is None or seen.born != owner.born or owner.pid == os.getpid():
        return False
    os.kill(owner.pid, signal.SIGKILL)
    return True


def _owner(file: IO[bytes]) -> Owner | None:
    try:
        pid, born, boot, beat = os.pread(file.fileno(), _LENGTH, 0).decode("ascii").split()
        return Owner(int(pid), int(born), boot, int(beat))
    except ValueError:
        return None  # just made, and nobody has written into it yet


def _boot_id() -> str:
    try:
        return boot_id()
    except OSError:
        return "unknown"
