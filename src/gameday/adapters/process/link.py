"""The conductor's end of the channel to the guardian, on asyncio."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from typing import Any

from gameday.adapters.process.channel import Message, encode
from gameday.adapters.process.groups import kill_group
from gameday.adapters.process.launch import Launched
from gameday.core.errors import WorkerFailure

BEAT = 1.0
"""Seconds between two signs of life."""

_STEP = 0.001
_LIMIT = 1 << 26  # bytes of one message; a journal is never sent, only what is to be told
_HINT = "the guardian's log, guardian.log in the run's directory, says more"


class Hand:
    """One worker as the conductor sees it.

    pid: 0 until the guardian has registered it. ended: None while it lives, else how it ended.
    """

    def __init__(self, number: int, on_news: Callable[[Message], None] | None = None) -> None:
        self.number = number
        self.pid = 0
        self.ended: str | None = None
        self._on_news = on_news
        self._news: asyncio.Queue[Message | None] = asyncio.Queue()
        self._changed = asyncio.Event()

    def note(self, message: Message) -> None:
        """What the guardian said of this worker."""
        match message["is"]:
            case "started":
                self.pid = message["pid"]
            case "refused":
                self.end(message["reason"])
            case "ended":
                left = "" if message["gone"] else "; processes of its group may still run"
                self.end(f"the worker process ended (exit code {message['code']}){left}")
            case "said" if self._on_news is not None and "news" in message["body"]:
                self._on_news(message["body"])
            case "said":
                self._news.put_nowait(message["body"])
        self._changed.set()

    def end(self, how: str) -> None:
        """It is no more."""
        if self.ended is None:
            self.ended = how
            self._news.put_nowait(None)
        self._changed.set()

    async def started(self) -> None:
        """Return once the guardian knows its pid; raises WorkerFailure when it never will."""
        while not self.pid and self.ended is None:
            self._changed.clear()
            await self._changed.wait()
        if self.ended is not None and not self.pid:
            raise WorkerFailure(self.ended, hint=_HINT)

    async def gone(self) -> None:
        """Return once its whole group is dead."""
        while self.ended is None:
            self._changed.clear()
            await self._changed.wait()

    async def answer(self) -> Message:
        """The next thing it says; raises WorkerFailure when it died instead."""
        body = await self._news.get()
        if body is None:
            self._news.put_nowait(None)
            raise WorkerFailure(self.ended or "the worker process ended", hint=_HINT)
        return body


class Link:
    """A connection to one guardian. ``alive`` until the guardian is gone."""

    def __init__(self, launched: Launched, on_beat: Callable[[], None]) -> None:
        self._launched = launched
        self._on_beat = on_beat
        self._hands: dict[int, Hand] = {}
        self._last = 0
        self._ready = asyncio.Event()
        self._tasks: tuple[asyncio.Task[None], ...] = ()
        self.alive = True

    async def open(self, charge: Mapping[str, str], within: float) -> None:
        """Say what to guard and wait until the guardian is ready.

        Raises WorkerFailure when it is not in time.
        """
        launched = self._launched
        launched.taken = True
        reader, self._writer = await asyncio.open_unix_connection(
            sock=launched.channel, limit=_LIMIT
        )
        self._send({"do": "guard", "charge": dict(charge)})
        self._tasks = (asyncio.create_task(self._listen(reader)), asyncio.create_task(self._beat()))
        try:
            await asyncio.wait_for(self._ready.wait(), within)
        except TimeoutError:
            await self.close()
            raise WorkerFailure(f"the guardian was not ready in {within:g} s", hint=_HINT) from None
        if not self.alive:
            await self.close()
            raise WorkerFailure("the guardian ended before it was ready", hint=_HINT)

    def start(
        self, task: Mapping[str, Any], on_news: Callable[[Message], None] | None = None
    ) -> Hand:
        """Ask for a worker with that task; messages with ``news`` go to ``on_news`` at once."""
        self._last += 1
        hand = self._hands[self._last] = Hand(self._last, on_news)
        self._send({"do": "start", "worker": hand.number, "task": dict(task)})
        if not self.alive:
            hand.end("the guardian is gone")
        return hand

    def tell(self, hand: Hand, body: Message) -> None:
        """Say something to a worker."""
        self._send({"do": "tell", "worker": hand.number, "body": body})

    async def kill(self, hand: Hand, within: float) -> None:
        """End its group; returns when it is gone, raises WorkerFailure when it is not in time."""
        if hand.ended is None:
            self._send({"do": "kill", "worker": hand.number})
        try:
            await asyncio.wait_for(hand.gone(), within)
        except TimeoutError:
            raise WorkerFailure(
                f"the worker's process group {hand.pid} was not gone {within:g} s after SIGKILL",
                hint="look for processes stuck in the kernel (state D)",
            ) from None
        self._hands.pop(hand.number, None)

    async def close(self, within: float = 5.0) -> None:
        """Tell the guardian that all is done, and wait for its end.

        One that has already left us is not waited for: it may be undoing our faults.
        """
        if not self.alive:
            await self._stop()
            self._launched.ended()  # reap it if it is dead
            return
        self._send({"do": "done"})
        guardian = self._launched
        try:
            if not await _ended(guardian, within):
                guardian.kill()
                await _ended(guardian, within)
                raise WorkerFailure(f"the guardian did not end within {within:g} s", hint=_HINT)
        finally:
            await self._stop()

    async def _stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._writer.close()
        self._lost()

    def _send(self, message: Message) -> None:
        if self.alive:
            self._writer.write(encode(message))

    async def _beat(self) -> None:
        while True:
            self._send({"do": "beat"})
            self._on_beat()
            await asyncio.sleep(BEAT)

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        try:
            while line := await reader.readline():
                self._hear(json.loads(line))
        except (OSError, ValueError):
            pass  # as good as gone: what follows is the same
        self._lost()

    def _hear(self, message: Message) -> None:
        if message["is"] == "ready":
            self._ready.set()
        elif (hand := self._hands.get(message.get("worker", 0))) is not None:
            hand.note(message)

    def _lost(self) -> None:
        if not self.alive:
            return
        self.alive = False
        self._ready.set()
        for hand in self._hands.values():
            if hand.pid and hand.ended is None:
                kill_group(hand.pid)  # the guardian can no longer do it
            hand.end("the guardian is gone")


async def _ended(guardian: Launched, within: float) -> bool:
    """Wait for its end. Polled: a thread or a child watcher costs more than the few steps."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while not guardian.ended():
        if loop.time() >= deadline:
            return False
        await asyncio.sleep(_STEP)
    return True
