"""Process groups: end one for certain, and know that it is gone."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

_STEP = 0.001


def kill_group(pgid: int) -> None:
    """SIGKILL to every process of the group, and to its leader where it has no group yet."""
    for send in (os.killpg, os.kill):
        # its members may have ended, or belong to somebody else after a setuid
        with contextlib.suppress(ProcessLookupError, PermissionError):
            send(pgid, signal.SIGKILL)


def await_group_gone(pgid: int, within: float) -> bool:
    """Wait until no process of the group runs any more; False when one still does then.

    A zombie runs no more; its parent may never collect it, so it does not count.
    """
    deadline = time.monotonic() + within
    while True:
        try:
            os.killpg(pgid, 0)
        except (ProcessLookupError, PermissionError):
            return True
        if not any(_running(pgid)):
            return True
        if time.monotonic() >= deadline:
            return False
        time.sleep(_STEP)


def _running(pgid: int) -> Iterator[int]:
    processes = Path("/proc")
    if not processes.is_dir():
        yield pgid  # no way to tell it from a zombie here
        return
    for entry in processes.iterdir():
        if not entry.name.isdigit():
            continue
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            if int(fields[2]) == pgid and fields[0] not in "ZX":
                yield int(entry.name)
