"""The guardian: a small process that owns the workers and outlives the conductor.

It starts workers through a fork server that has chaoslib loaded, relays messages between them
and the conductor, and kills a worker's whole process group on request. When the conductor is
gone (end of file, also after SIGKILL) or has been silent for too long, it kills every worker
first and then calls ``on_lost`` once, which undoes what may be in. What it is to guard, its
charge, it is told over the channel, so it can be started before anybody knows.
"""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence

from gameday.adapters.process.forkserver import WARM, start

SILENCE = 15.0
"""Seconds without a sign of life after which the conductor counts as lost."""

_FAREWELLS = (signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGQUIT)


def serve(
    fd: int,
    on_lost: Callable[[Mapping[str, str]], None],
    preload: Sequence[str] = (),
    silence: float = SILENCE,
    forkserver: int | None = None,
) -> None:
    """Guard the conductor at the other end of ``fd``.

    When the conductor says that it is done, all workers are killed and this process ends
    there and then. on_lost: called exactly once with the charge, after every worker group is
    dead, when the conductor is lost instead; then this returns. A conductor lost before it
    gave a charge has injected nothing. preload: modules the workers will need
    beside chaoslib. silence: seconds without a message after which the conductor is lost.
    forkserver: the socket of one that was started before; it must have loaded the same.
    """
    _let_go_of_the_rest(fd, *(() if forkserver is None else (forkserver,)))
    _outlive_the_terminal()
    modules = (*WARM, *preload)
    # first of all: the first worker waits for it
    server = start(modules) if forkserver is None else socket.socket(fileno=forkserver)
    from gameday.adapters.process.channel import Channel
    from gameday.adapters.process.nursery import Nursery
    from gameday.adapters.process.sentry import Sentry

    sentry = Sentry(Channel(fd), Nursery(modules, server), silence)
    sentry.report({"is": "ready", "pid": os.getpid()})
    done = sentry.run()
    sentry.kill_all()
    if done:
        sentry.report({"is": "done"})
        os._exit(0)  # the conductor waits for our end, and Python's own takes 15 ms
    os.close(fd)
    if sentry.charge is not None:
        on_lost(sentry.charge)


def _outlive_the_terminal() -> None:
    # Not SIG_IGN: that would be inherited by workers and by everything they start.
    for number in _FAREWELLS:
        signal.signal(number, lambda *_: None)


def _let_go_of_the_rest(*ours: int) -> None:
    # What our parent was itself given (a pipe of its CI job, say) would stay open with us.
    for fd in ours:
        os.set_inheritable(fd, False)
    for other in map(int, os.listdir("/dev/fd")):  # noqa: PTH208
        try:
            if other > 2 and os.get_inheritable(other):
                os.close(other)
        except OSError:
            continue  # the listing's own descriptor
