"""Telling others what happens, each at their own pace: who hangs or fails delays nobody."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from gameday.core.log.events import Record
from gameday.engine.ports import Notifier

FAREWELL = 2.0
"""Seconds after the end of a run for which we wait until everyone has been told."""

Complaint = Callable[[str], Awaitable[object]]


class Notices:
    """Hands every record to every notifier, in order, from a queue and a task of its own.

    ``complain`` is told once of a notifier that failed; that one is then left in peace.
    """

    def __init__(self, notifiers: Sequence[Notifier], complain: Complaint) -> None:
        self._complain = complain
        self._queues: list[tuple[Notifier, asyncio.Queue[Record | None]]]
        self._queues = [(notifier, asyncio.Queue()) for notifier in notifiers]

    def post(self, record: Record) -> None:
        """Queue a record for everyone; never waits."""
        for _, queue in self._queues:
            queue.put_nowait(record)

    def start(self, group: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        """One task a notifier, until :meth:`farewell` or cancelled."""
        return [group.create_task(self._tell(*pair)) for pair in self._queues]

    async def farewell(self, telling: Sequence[asyncio.Task[None]]) -> None:
        """Wait until what is queued has been told, for ``FAREWELL`` seconds at most."""
        for _, queue in self._queues:
            queue.put_nowait(None)
        if telling:
            await asyncio.wait(telling, timeout=FAREWELL)

    async def _tell(self, notifier: Notifier, queue: asyncio.Queue[Record | None]) -> None:
        while (record := await queue.get()) is not None:
            try:
                await notifier.notify(record)
            except Exception as error:  # noqa: BLE001 - a closed terminal, a full disk, a defect
                name = type(notifier).__name__
                await self._complain(f"{name} failed and is told nothing more: {error!r}")
                return
