"""Whose turn it is to restart a service: several undos of one fault may run side by side, and each
would start a copy of its own while a slow one does not answer yet."""

from __future__ import annotations

import fcntl
import hashlib
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path


@contextmanager
def turn(services: Collection[str]) -> Iterator[bool]:
    """Whether it is ours while inside; False when somebody else on this host restarts any of them.

    It rests on locks that the kernel lets go of when their holder dies.
    """
    with ExitStack() as held:
        yield all(_taken(service, held) for service in sorted(services))


def _taken(service: str, held: ExitStack) -> bool:
    try:
        lock = os.open(_file(service), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError:
        return True  # no lock can be had on a full disk: two copies are better than none
    held.callback(os.close, lock)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _file(service: str) -> Path:
    digest = hashlib.sha256(service.encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"gameday-restart-{os.getuid()}-{digest}.lock"
