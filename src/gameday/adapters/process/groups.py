"""Process groups: end one for certain, and know that it is gone.

No pathlib: the guardian imports this while the first worker waits for the processor.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator

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
    try:
        pids = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    except OSError:
        yield pgid  # no way to tell it from a zombie here
        return
    for pid in pids:
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123
            fields = stat.read().rpartition(b")")[2].split()
            if int(fields[2]) == pgid and fields[0] not in b"ZX":
                yield int(pid)
