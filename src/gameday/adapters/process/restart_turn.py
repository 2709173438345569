"""Whose turn it is to restart a service: several undos of one fault may run side by side, and each
would start a copy of its own while a slow one does not answer yet."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from gameday.adapters.process.procfs import Seen, boot_id, look

_LENGTH = 80


class Turn:
    """A turn that is ours. What is started in it is noted, so that whoever has the next turn finds
    what one that died has left half started. lock: None where there can be no file."""

    def __init__(self, lock: int | None) -> None:
        self._lock = lock

    def begun(self, pid: int) -> None:
        """A process was started."""
        seen = look(pid)
        self._note(f"{pid} {seen.born} {boot_id()}" if seen is not None else "")

    def ended(self) -> None:
        """It has come up, or is no more."""
        self._note("")

    def left(self) -> Seen | None:
        """What the last one has begun and not ended, if it lives."""
        if self._lock is None:
            return None
        try:
            pid, born, boot = os.pread(self._lock, _LENGTH, 0).decode("ascii").split()
            seen = look(int(pid)) if boot == boot_id() else None
            return seen if seen is not None and seen.born == int(born) and not seen.dead else None
        except (OSError, ValueError):
            return None  # nobody has written into it yet

    def _note(self, text: str) -> None:
        if self._lock is not None:
            with suppress(OSError):  # a full disk: the service matters more
                os.pwrite(self._lock, text.ljust(_LENGTH).encode("ascii"), 0)


@contextmanager
def turn(service: str) -> Iterator[Turn | None]:
    """Our turn while inside; None when somebody else on this host restarts that service.

    It rests on a lock that the kernel lets go of when its holder dies. Where none can be had (a
    full disk) it is everybody's turn: two copies are better than none.
    """
    try:
        lock = _opened(service)
    except OSError:
        yield Turn(None)
        return
    try:
        yield Turn(lock) if _taken(lock) else None
    finally:
        os.close(lock)


def _opened(service: str) -> int:
    digest = hashlib.sha256(service.encode()).hexdigest()[:16]
    file = Path(tempfile.gettempdir()) / f"gameday-restart-{os.getuid()}-{digest}.lock"
    return os.open(file, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
