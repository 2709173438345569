"""The fork server: one process that has loaded chaoslib and forks a worker for each request.

Ours and not multiprocessing's: the first worker waits for chaoslib, so this one is started
before anything else is imported, by whoever is there first; it needs no resource tracker (one
more interpreter); and it tells the guardian of each worker's end. It does nothing but fork: it
has no threads, and it ends when the guardian does.

A request is one byte, which says what the worker needs beside, with the worker's end of its
channel. Answers are JSON lines, in order:
``born`` pid or ``stillborn`` reason to each request, ``dead`` pid and code when one has ended.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sys
from collections.abc import Iterable, Sequence

WARM = ("gameday.adapters.process.warm",)
"""What every worker needs."""

PLAIN, TOXIPROXY = b".", b"t"
KITS = {
    PLAIN: (),
    TOXIPROXY: ("gameday.adapters.toxiproxy.warm",),
}
"""What some workers need beside, by the byte they are asked for with: loaded before the first of
them is forked, so that what costs each of them 40 ms is paid once, and by nobody else."""

_CODE = (
    "import sys; sys.path[:] = {path!r}; "
    "from gameday.adapters.process.forkserver import main; main({fd}, {preload!r})"
)


def start(preload: Sequence[str]) -> socket.socket:
    """Start one that loads these modules first; its requests go to this socket.

    It and its workers print where this process does.
    """
    ours, theirs = socket.socketpair()
    silence = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    with theirs:
        os.set_inheritable(theirs.fileno(), True)
        code = _CODE.format(
            path=[entry or os.getcwd() for entry in sys.path],  # noqa: PTH109  # pathlib costs 2 ms
            fd=theirs.fileno(),
            preload=list(preload),
        )
        command = [sys.executable, "-c", code]
        os.posix_spawn(sys.executable, command, os.environ, file_actions=[silence], setsid=True)
    return ours


def main(fd: int, preload: Sequence[str]) -> None:
    """Load, then fork on request until the guardian is gone."""
    os.set_inheritable(fd, False)
    _load((*preload, "gameday.adapters.process.seat"))
    _Server(socket.socket(fileno=fd)).serve()
    os._exit(0)


def _load(modules: Iterable[str]) -> None:
    from importlib import import_module

    for module in modules:
        try:
            import_module(module)
        except Exception:  # noqa: BLE001 - a broken installation raises anything
            continue  # whoever needs it says so, with a reason, in its own worker


class _Server:
    def __init__(self, guardian: socket.socket) -> None:
        self._guardian = guardian
        self._loaded = {PLAIN}
        self._bell, self._ring = os.pipe()
        for end in (self._bell, self._ring):
            os.set_blocking(end, False)
        signal.set_wakeup_fd(self._ring, warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def serve(self) -> None:
        import select

        ready = select.poll()
        ready.register(self._bell, select.POLLIN)
        ready.register(self._guardian, select.POLLIN)
        try:
            while True:
                readable = [fd for fd, _ in ready.poll()]
                if self._bell in readable:
                    os.read(self._bell, 4096)
                    self._bury()
                if self._guardian.fileno() in readable:
                    self._fork()
        except (OSError, EOFError):
            return  # the guardian is gone, and the workers see it too

    def _fork(self) -> None:
        asked, fds, _, _ = socket.recv_fds(self._guardian, 1, 1)
        if not asked:
            raise EOFError
        (fd,) = fds
        os.set_inheritable(fd, False)
        self._equip(asked)
        try:
            pid = os.fork()
        except OSError as error:
            self._say({"stillborn": f"no worker process could be started: {error}"})
        else:
            if not pid:
                self._live(fd)
            self._say({"born": pid})
        os.close(fd)

    def _equip(self, kit: bytes) -> None:
        if kit not in self._loaded:
            self._loaded.add(kit)
            _load(KITS[kit])
            gc.freeze()  # as in warm.py

    def _bury(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            self._say({"dead": pid, "code": os.waitstatus_to_exitcode(status)})

    def _say(self, message: dict[str, object]) -> None:
        import json

        self._guardian.sendall(json.dumps(message).encode() + b"\n")

    def _live(self, fd: int) -> None:
        """What the child does, and nothing after it."""
        code = 1
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            self._guardian.close()
            os.close(self._bell)
            os.close(self._ring)
            from gameday.adapters.process.seat import enter

            enter(fd)
            code = 0
        except BaseException:  # noqa: BLE001 - nothing may return into the server's loop
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
