"""Start the guardian as early as possible: this module imports next to nothing.

The first worker is there some 110 ms after this, beside whatever the conductor does
meanwhile, so the command line calls :func:`launch` before anything else. Importing
subprocess, dataclasses and pathlib for it would cost 15 ms of those.
"""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Sequence

_STEP = 0.001


class Launched:
    """A guardian process, child of this one, and our end of the channel to it."""

    __slots__ = ("_code", "channel", "pid")

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.pid = pid
        self.channel = channel
        self._code: int | None = None

    def ended(self) -> bool:
        """It is no more (and has been reaped)."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code is not None

    def wait(self, within: float) -> bool:
        """Wait for its end; False when it still runs after that many seconds."""
        deadline = time.monotonic() + within
        while not self.ended():
            if time.monotonic() >= deadline:
                return False
            time.sleep(_STEP)
        return True

    def dismiss(self) -> None:
        """End it in good order before anybody has worked with it: nothing is lost."""
        with self.channel:
            self.channel.sendall(b'{"do":"done"}\n')

    def kill(self) -> None:
        """SIGKILL; its workers die with it, because they watch it."""
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)


def launch(command: Sequence[str], log: str | os.PathLike[str] | None = None) -> Launched:
    """Start ``command --fd N`` in a session of its own; does not wait for it to be ready.

    A new session keeps it alive through Ctrl-C, SIGHUP and a closed terminal. What it prints
    goes to ``log``, else nowhere. Raises OSError when the command cannot be started.
    """
    ours, theirs = socket.socketpair()
    output = os.devnull if log is None else os.fspath(log)
    appending = os.O_WRONLY | os.O_CREAT | os.O_APPEND
    with theirs:
        os.set_inheritable(theirs.fileno(), True)
        try:
            pid = os.posix_spawnp(
                command[0],
                [*command, "--fd", str(theirs.fileno())],
                os.environ,
                file_actions=(
                    (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
                    (os.POSIX_SPAWN_OPEN, 1, output, appending, 0o600),
                    (os.POSIX_SPAWN_DUP2, 1, 2),
                ),
                setsid=True,
            )
        except OSError:
            ours.close()
            raise
    return Launched(pid, ours)
