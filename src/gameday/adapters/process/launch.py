"""Start the guardian as early as possible: this module imports next to nothing.

The guardian needs some 15 ms and its forkserver 150 ms more, both beside whatever the
conductor does meanwhile, so the command line calls :func:`launch` before anything else.
"""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Launched:
    """A guardian process and our end of the channel to it."""

    process: subprocess.Popen[bytes]
    channel: socket.socket


def launch(command: Sequence[str], log: Path | None = None) -> Launched:
    """Start ``command --fd N`` in a session of its own; does not wait for it to be ready.

    A new session keeps it alive through Ctrl-C, SIGHUP and a closed terminal. What it prints
    goes to ``log``, else nowhere. Raises OSError when the command cannot be started.
    """
    ours, theirs = socket.socketpair()
    with theirs:
        number = theirs.fileno()
        argv = [*command, "--fd", str(number)]
        try:
            if log is None:
                process = _start(argv, number, subprocess.DEVNULL)
            else:
                with log.open("ab") as stream:
                    process = _start(argv, number, stream.fileno())
        except OSError:
            ours.close()
            raise
    return Launched(process, ours)


def _start(argv: Sequence[str], fd: int, output: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        pass_fds=(fd,),
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
    )
