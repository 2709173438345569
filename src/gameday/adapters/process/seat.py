"""What a worker process does first, before it may do anything else.

It leads a session and process group of its own, so that it can be killed with everything it
starts; it waits for its task, which the guardian sends only once it knows the pid; and it
dies with its whole group as soon as the guardian is gone.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
from importlib import import_module

from gameday.adapters.process.channel import Channel, ChannelClosed, Message


class Seat:
    """A worker's place: what it hears from the conductor and says to it."""

    def __init__(self, fd: int) -> None:
        self._channel = Channel(fd)
        self._inbox: queue.SimpleQueue[Message] = queue.SimpleQueue()
        self._sending = threading.Lock()
        threading.Thread(target=self._listen, name="gameday-seat", daemon=True).start()

    def hear(self) -> Message:
        """The next message; waits for it as long as the guardian lives."""
        return self._inbox.get()

    def say(self, message: Message) -> None:
        """Tell the conductor. Safe from any thread; without a guardian it ends this process."""
        with self._sending:
            try:
                self._channel.send(message)
            except ChannelClosed:
                end_group()

    def _listen(self) -> None:
        while True:
            try:
                messages = self._channel.wait()
            except ChannelClosed:
                end_group()
                return
            for message in messages:
                self._inbox.put(message)


def end_group() -> None:
    """End this process and everything it started: nobody is left to stop them later."""
    os.killpg(os.getpgrp(), signal.SIGKILL)


def enter(fd: int) -> None:
    """Entry of every worker process: take the seat, wait for the task, do it."""
    os.setsid()
    seat = Seat(fd)
    task = seat.hear()
    module, _, name = str(task["target"]).partition(":")
    getattr(import_module(module), name)(task, seat)
    seat.hear()  # the guardian ends the group: what the worker started must not outlive it
