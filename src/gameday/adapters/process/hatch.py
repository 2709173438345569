"""Start multiprocessing's forkserver before multiprocessing itself is imported.

The forkserver needs 100 ms to load chaoslib and the first worker waits for it, so it is
started first of all: importing multiprocessing here costs 20 ms, which now pass beside it.
What :meth:`ForkServer.ensure_running` would do is done by hand; the same class then uses this
server, and starts another one in the usual way should it die. This knows how Python 3.11 to
3.13 do it; on any other version :func:`hatch` leaves it to multiprocessing.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from typing import Any

_KNOWN = ((3, 11), (3, 12), (3, 13))
_CODE = (
    "import sys; sys.path[:] = {path!r}; "
    "from multiprocessing.forkserver import main; main({listener}, {alive}, {preload!r})"
)


class Hatched:
    """A forkserver that is loading; it ends when ``alive`` is closed everywhere."""

    __slots__ = ("address", "alive", "pid")

    def __init__(self, address: str, alive: int, pid: int) -> None:
        self.address = address
        self.alive = alive
        self.pid = pid

    def adopt(self) -> None:
        """Make multiprocessing use it."""
        from multiprocessing import forkserver

        server: Any = forkserver._forkserver
        server._forkserver_address = self.address
        server._forkserver_alive_fd = self.alive
        server._forkserver_pid = self.pid

    def remove(self) -> None:
        """Take its socket out of the file system."""
        for take, path in ((os.unlink, self.address), (os.rmdir, self.address.rpartition("/")[0])):
            try:
                take(path)
            except OSError:
                return


def hatch(preload: Sequence[str]) -> Hatched | None:
    """Start a forkserver that loads these modules; None where only multiprocessing can."""
    if sys.version_info[:2] not in _KNOWN:
        return None
    # not an abstract socket: those have no permissions, and any local user could have us fork
    directory = f"/tmp/gameday-{os.getpid()}-{os.urandom(8).hex()}"
    os.mkdir(directory, 0o700)  # noqa: PTH102  # importing pathlib takes 2 ms, here and below
    address = f"{directory}/forkserver"
    readable, alive = os.pipe()
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen()
        code = _CODE.format(
            path=[entry or os.getcwd() for entry in sys.path],  # noqa: PTH109
            listener=listener.fileno(),
            alive=readable,
            preload=list(preload),
        )
        for fd in (listener.fileno(), readable):
            os.set_inheritable(fd, True)
        pid = os.posix_spawn(sys.executable, [sys.executable, "-c", code], os.environ)
    os.close(readable)
    return Hatched(address, alive, pid)
