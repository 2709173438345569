"""Workers are born here: from one warm forkserver, on a thread of its own.

Starting a worker waits for the forkserver, which may still be loading chaoslib or may hang;
the guardian's loop must not wait with it. A worker born too late is never given a task, and
a worker without a task does nothing and dies with its channel.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import threading
from collections.abc import Sequence
from multiprocessing import forkserver, resource_tracker
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from typing import NamedTuple

from gameday.adapters.process.channel import Channel
from gameday.adapters.process.hatch import Hatched
from gameday.adapters.process.seat import enter


class Worker(NamedTuple):
    """A worker process and the guardian's end of the channel to it."""

    process: ForkServerProcess
    link: Connection
    channel: Channel
    pid: int


Born = tuple[int, Worker | str]
"""The number asked for, and the worker or why there is none."""


class Nursery:
    """Starts workers in the order asked for; readable when one has been born."""

    def __init__(self, preload: Sequence[str], hatched: Hatched | None = None) -> None:
        _spare_the_tracker()
        if hatched is not None:
            hatched.adopt()
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(list(preload))
        self._asked: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._born: queue.SimpleQueue[Born] = queue.SimpleQueue()
        self._bell, self._ring = os.pipe()
        threading.Thread(target=self._work, name="gameday-nursery", daemon=True).start()

    def fileno(self) -> int:
        """Readable when :meth:`born` has something."""
        return self._bell

    def ask(self, number: int) -> None:
        """Start a worker when its turn comes."""
        self._asked.put(number)

    def born(self) -> list[Born]:
        """Those started, or not, since the last call."""
        count = len(os.read(self._bell, 4096))
        return [self._born.get() for _ in range(count)]

    def _work(self) -> None:
        forkserver.ensure_running()  # it warms up while the conductor does other things
        while True:
            number = self._asked.get()
            try:
                self._born.put((number, self._start(number)))
            except (OSError, EOFError) as error:
                self._born.put((number, f"no worker process could be started: {error}"))
            os.write(self._ring, b".")

    def _start(self, number: int) -> Worker:
        ours, theirs = multiprocessing.Pipe()
        process = self._context.Process(target=enter, args=(theirs,), name=f"worker-{number}")
        with theirs:
            process.start()
        assert process.pid is not None
        return Worker(process, ours, Channel(ours.fileno()), process.pid)


def _spare_the_tracker() -> None:
    # A forkserver brings a resource tracker, one more interpreter for shared memory and
    # semaphores left behind. We have none, and its 20 ms would be taken from the conductor.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    resource_tracker.ensure_running = lambda: None
    resource_tracker.getfd = lambda: nowhere
