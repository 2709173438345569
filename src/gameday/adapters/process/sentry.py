"""The guardian's loop: relay, start, kill, bury, and notice when the conductor is gone."""

from __future__ import annotations

import contextlib
import selectors
import time
from collections.abc import Iterable, Mapping
from functools import partial

from gameday.adapters.process.channel import Channel, ChannelClosed, Message
from gameday.adapters.process.forkserver import PLAIN
from gameday.adapters.process.groups import await_group_gone, kill_group
from gameday.adapters.process.nursery import Born, Died, Nursery, Stillborn, Worker

REAP_WITHIN = 2.0
"""Seconds we wait for a killed group to be gone; SIGKILL needs microseconds."""


class Sentry:
    """Stands between one conductor and its workers. ``charge``: what it is to guard, once told."""

    def __init__(self, conductor: Channel, nursery: Nursery, silence: float) -> None:
        self._conductor = conductor
        self._nursery = nursery
        self._silence = silence
        self._workers: dict[int, Worker] = {}
        self._numbers: dict[int, int] = {}  # of the workers, by pid
        self._selector = selectors.DefaultSelector()
        self._selector.register(conductor, selectors.EVENT_READ, self._hear_conductor)
        self._selector.register(nursery, selectors.EVENT_READ, self._hear_nursery)
        self._heard = time.monotonic()
        self._tasks: dict[int, Message] = {}
        self.charge: Mapping[str, str] | None = None
        self._done = False
        self._deaf = False

    def run(self) -> bool:
        """Work until the conductor is done (True) or lost (False)."""
        while not self._done:
            left = self._heard + self._silence - time.monotonic()
            if left <= 0:
                return False
            for key, _ in self._selector.select(left):
                # an earlier event of the same batch may have ended this worker
                if self._selector.get_map().get(key.fd) is not key:
                    continue
                try:
                    key.data()
                except ChannelClosed:
                    return False
        return True

    def report(self, message: Message) -> None:
        """Tell the conductor, unless it does not listen any more.

        That alone decides nothing: what it said last may still be unread, and may be "done".
        """
        if self._deaf:
            return
        try:
            self._conductor.send(message)
        except ChannelClosed:
            self._deaf = True

    def kill_all(self) -> None:
        """Kill every group at once, then see each of them gone."""
        for worker in self._workers.values():
            kill_group(worker.pid)
        for worker in self._workers.values():
            await_group_gone(worker.pid, REAP_WITHIN)

    def _hear_conductor(self) -> None:
        for message in self._conductor.receive():
            self._heard = time.monotonic()
            self._obey(message)

    def _obey(self, message: Message) -> None:
        order, number = message["do"], message.get("worker", 0)
        worker = self._workers.get(number)
        if order == "done":
            self._done = True
        elif order == "guard":
            self.charge = message["charge"]
        elif order == "start":
            self._tasks[number] = message["task"]
            self._nursery.ask(number, message["task"].get("kit", PLAIN.decode()).encode())
        elif order == "tell" and worker is not None:
            self._tell(worker, message["body"])
        elif order == "kill":
            self._tasks.pop(number, None)
            if worker is not None:
                kill_group(worker.pid)

    def _hear_nursery(self) -> None:
        before = self._nursery.fileno()
        for news in self._nursery.news():
            match news:
                case Born(number, worker):
                    self._register(number, worker)
                case Stillborn(number, reason):
                    self._tasks.pop(number, None)
                    self.report({"is": "refused", "worker": number, "reason": reason})
                case Died(pid, code):
                    self._bury(self._numbers[pid], code)
        if self._nursery.fileno() != before:
            self._selector.unregister(before)
            self._selector.register(self._nursery, selectors.EVENT_READ, self._hear_nursery)

    def _register(self, number: int, worker: Worker) -> None:
        self._workers[number] = worker
        self._numbers[worker.pid] = number
        hear = partial(self._hear_worker, number)
        self._selector.register(worker.channel, selectors.EVENT_READ, hear)
        self.report({"is": "started", "worker": number, "pid": worker.pid})
        task = self._tasks.pop(number, None)
        if task is None:  # killed before it was born
            kill_group(worker.pid)
        else:
            self._tell(worker, task)

    def _tell(self, worker: Worker, body: Message) -> None:
        try:
            worker.channel.send(body)
        except ChannelClosed:
            kill_group(worker.pid)  # it does not listen; its end is reported when it is seen

    def _hear_worker(self, number: int) -> None:
        worker = self._workers[number]
        try:
            self._relay(number, worker.channel.receive())
        except (ChannelClosed, ValueError):  # ValueError: it said something that is not JSON
            self._selector.unregister(worker.channel)
            kill_group(worker.pid)

    def _relay(self, number: int, bodies: Iterable[Message]) -> None:
        for body in bodies:
            self.report({"is": "said", "worker": number, "body": body})

    def _bury(self, number: int, code: int | None) -> None:
        worker = self._workers.pop(number)
        del self._numbers[worker.pid]
        if worker.channel.fileno() in self._selector.get_map():
            self._selector.unregister(worker.channel)
            with contextlib.suppress(ValueError):  # cut off in the middle of a word
                self._relay(number, worker.channel.drain())
        kill_group(worker.pid)
        gone = await_group_gone(worker.pid, REAP_WITHIN)
        worker.link.close()
        self.report({"is": "ended", "worker": number, "code": code, "gone": gone})
