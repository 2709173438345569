"""Whose turn it is to restart a service: several undos of one fault may run side by side, and each
would start a copy of its own while a slow one does not answer yet."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from gameday.adapters.process.procfs import Seen, boot_id, look

_LENGTH = 80


class Turn:
    """A turn that is ours. What is started in it is noted, so that whoever has the next turn finds
    what one that died has left half started."""

    def __init__(self, locks: Sequence[int]) -> None:
        self._locks = locks

    def begun(self, pid: int) -> None:
        """A process was started."""
        seen = look(pid)
        self._note(f"{pid} {seen.born} {boot_id()}" if seen is not None else "")

    def ended(self) -> None:
        """It has come up, or is no more."""
        self._note("")

    def left(self) -> Seen | None:
        """What the last one has begun and not ended, if it lives."""
        for lock in self._locks:
            with suppress(OSError, ValueError):
                pid, born, boot = os.pread(lock, _LENGTH, 0).decode("ascii").split()
                seen = look(int(pid)) if boot == boot_id() else None
                if seen is not None and seen.born == int(born) and not seen.dead:
                    return seen
        return None

    def _note(self, text: str) -> None:
        for lock in self._locks:
            with suppress(OSError):  # a full disk: the service matters more
                os.pwrite(lock, text.ljust(_LENGTH).encode("ascii"), 0)


@contextmanager
def turn(services: Collection[str]) -> Iterator[Turn | None]:
    """Our turn while inside; None when somebody else on this host restarts any of these services.

    It rests on locks that the kernel lets go of when their holder dies. Where none can be had (a
    full disk) it is everybody's turn: two copies are better than none.
    """
    with ExitStack() as held:
        locks = []
        for service in sorted(services):
            with suppress(OSError):
                locks.append(_opened(service))
                held.callback(os.close, locks[-1])
        yield Turn(locks) if all(map(_taken, locks)) else None


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
