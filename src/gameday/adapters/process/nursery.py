"""The guardian's end of its fork server: ask for workers, hear of their births and deaths.

Nothing here waits: the fork server may still be loading chaoslib, or may hang, and the
guardian's loop must not wait with it. A worker born too late is never given a task, and a
worker without a task does nothing and dies with its channel.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Sequence
from typing import NamedTuple

from gameday.adapters.process import forkserver
from gameday.adapters.process.channel import Channel, ChannelClosed, Message

_AT_ONCE = 64
"""Requests that are under way: each holds a descriptor in the socket until it is served."""


_BARREN = 3
"""Fork servers that may die one after the other before a worker is given up."""


class Worker(NamedTuple):
    """A worker process and the guardian's end of the channel to it."""

    pid: int
    link: socket.socket
    channel: Channel


class Born(NamedTuple):
    """The worker asked for under that number has been started."""

    number: int
    worker: Worker


class Stillborn(NamedTuple):
    """No worker could be started for that number."""

    number: int
    reason: str


class Died(NamedTuple):
    """A worker process has ended; its exit code, None when nobody could tell."""

    pid: int
    code: int | None


class Nursery:
    """Workers from a fork server, which is started again should it die.

    server: one that was started before; by default one is started now.
    """

    def __init__(self, preload: Sequence[str], server: socket.socket | None = None) -> None:
        self._preload = tuple(preload)
        self._asked: deque[tuple[int, bytes]] = deque()
        self._due: deque[tuple[int, bytes, socket.socket]] = deque()
        self._barren = 0
        self._living: set[int] = set()
        self._take(server or forkserver.start(preload))

    def fileno(self) -> int:
        """Readable when :meth:`news` has something; another one once the server has died."""
        return self._channel.fileno()

    def ask(self, number: int, kit: bytes = forkserver.PLAIN) -> None:
        """Start a worker when its turn comes. kit: what it needs beside, of the fork server's."""
        self._asked.append((number, kit))
        self._send()

    def news(self) -> list[Born | Stillborn | Died]:
        """What has happened since the last call."""
        try:
            heard = self._channel.receive()
        except ChannelClosed:
            return self._start_again()
        news = [self._one(message) for message in heard]
        self._send()
        return news

    def close(self) -> None:
        """Let the fork server go: it ends, and so do requests that were under way."""
        self._server.close()
        for *_, link in self._due:
            link.close()

    def _take(self, server: socket.socket) -> None:
        self._server = server
        self._channel = Channel(server.fileno())

    def _send(self) -> None:
        while self._asked and len(self._due) < _AT_ONCE:
            number, kit = self._asked[0]
            ours, theirs = socket.socketpair()
            try:
                with theirs:
                    socket.send_fds(self._server, [kit], [theirs.fileno()])
            except OSError:
                ours.close()
                return  # the server is gone: the next news say so, and it is asked again
            self._asked.popleft()
            self._due.append((number, kit, ours))

    def _one(self, message: Message) -> Born | Stillborn | Died:
        if "dead" in message:
            self._living.discard(message["dead"])
            return Died(message["dead"], message["code"])
        number, _, link = self._due.popleft()
        if "stillborn" in message:
            link.close()
            return Stillborn(number, message["stillborn"])
        pid: int = message["born"]
        self._living.add(pid)
        self._barren = 0
        return Born(number, Worker(pid, link, Channel(link.fileno())))

    def _start_again(self) -> list[Born | Stillborn | Died]:
        """Workers of a dead server are given up: nobody would tell of their end."""
        lost: list[Born | Stillborn | Died] = [Died(pid, None) for pid in self._living]
        self._living.clear()
        for number, kit, link in reversed(self._due):
            link.close()
            self._asked.appendleft((number, kit))
        self._due.clear()
        self._barren += 1
        if self._barren > _BARREN:  # somebody may ask again; but not without end
            reason = f"no worker process could be started: {_BARREN} fork servers died at once"
            lost += [Stillborn(number, reason) for number, _ in self._asked]
            self._asked.clear()
        dead = self._server  # closed last: whoever listens tells the two apart by their number
        self._take(forkserver.start(self._preload))
        dead.close()
        self._send()
        return lost
