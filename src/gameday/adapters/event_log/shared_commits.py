"""Appends of many asyncio tasks: one hop to a thread and one commit for all that wait."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gameday.adapters.event_log.group_commit import Request
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.errors import StoreFailure
from gameday.core.log.events import Record
from gameday.engine.ports import Decide


class SharedCommits:
    """A log's ``transact`` for the tasks of one event loop, for servers with many writers.

    A task that comes while nothing is under way is committed at once; those that come
    meanwhile go together in the next transaction.
    """

    def __init__(self, log: SqliteEventLog) -> None:
        self._log = log
        self._waiting: list[tuple[Request, asyncio.Future[Sequence[Record]]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def transact(self, run_id: str, after: int, decide: Decide) -> Sequence[Record]:
        """As the log's; a caller that is cancelled may have appended all the same."""
        future: asyncio.Future[Sequence[Record]] = asyncio.get_running_loop().create_future()
        self._waiting.append((Request(run_id, after, decide), future))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit())
        return await future

    async def _commit(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting, []
                await self._commit_all(group)
        finally:
            self._committing = None

    async def _commit_all(
        self, group: Sequence[tuple[Request, asyncio.Future[Sequence[Record]]]]
    ) -> None:
        try:
            await asyncio.to_thread(self._log.transact_all, [request for request, _ in group])
        except BaseException:
            for request, _ in group:
                request.failure = request.failure or StoreFailure("the commit was broken off")
            raise
        finally:
            for request, future in group:
                _resolve(request, future)


def _resolve(request: Request, future: asyncio.Future[Sequence[Record]]) -> None:
    if future.done():  # its caller was cancelled
        return
    if request.failure is not None:
        future.set_exception(request.failure)
    else:
        future.set_result(request.records)
