"""Start the guardian as early as possible: this module imports next to nothing.

The first worker is there some 110 ms after this, beside whatever the conductor does
meanwhile, so the command line calls :func:`launch` before anything else. Importing
subprocess, dataclasses and pathlib for it would cost 15 ms of those.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Sequence

from gameday.adapters.process.forkserver import WARM, main

_STEP = 0.001


class Launched:
    """A guardian process, child of this one, and our end of the channel to it. ``taken``:
    somebody works with it, or has dismissed it; from then on only they may call it done."""

    __slots__ = ("_code", "channel", "pid", "taken")

    def __init__(self, pid: int, channel: socket.socket) -> None:
        self.pid = pid
        self.channel = channel
        self.taken = False
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
        self.taken = True
        with self.channel:
            self.channel.sendall(b'{"do":"done"}\n')

    def kill(self) -> None:
        """SIGKILL; its workers die with it, because they watch it."""
        if not self.ended():
            os.kill(self.pid, signal.SIGKILL)


def launch_early(guard: Callable[[int, int], None]) -> Launched:
    """Fork a fork server and its guardian off a process that has done next to nothing yet.

    The first worker is there 20 ms sooner than from fresh interpreters. Only for the very
    beginning: no thread runs, and nothing is open or imported that they would have to undo.
    guard: called in the guardian with its channel and the fork server's socket.
    """
    to_server, servers_end = socket.socketpair()
    ours, guardians_end = socket.socketpair()
    with to_server, servers_end, guardians_end:
        _fork_off((servers_end.fileno(),), lambda: main(servers_end.fileno(), WARM))
        import json  # noqa: F401  # we and the guardian both need these; so they are read once
        import selectors  # noqa: F401

        fds = (guardians_end.fileno(), to_server.fileno())
        pid = _fork_off(fds, lambda: guard(*fds))
    return Launched(pid, ours)


def _fork_off(keep: tuple[int, ...], work: Callable[[], None]) -> int:
    """Do ``work`` in a session of its own, with only these descriptors; returns its pid."""
    pid = os.fork()
    if pid:
        return pid
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nowhere, standard)
        for fd in map(int, os.listdir("/dev/fd")):  # noqa: PTH208
            if fd > 2 and fd not in keep:
                with contextlib.suppress(OSError):  # the listing's own descriptor
                    os.close(fd)
        sys.path[0] = os.getcwd()  # noqa: PTH109  # as `python -m` has it
        work()
    finally:
        os._exit(1)  # work does not return


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
