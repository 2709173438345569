"""One run's log as a writer sees it: fold, decide and append in one transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Executor

from gameday.core.errors import IllegalCommand, LeaseLost, NothingToDo, StoreFailure
from gameday.core.log.events import Draft, Record
from gameday.core.run.commands import Command, TakeLease
from gameday.core.run.decide import decide
from gameday.core.run.evolve import evolve_all
from gameday.core.run.state import RunState
from gameday.engine.ports import Clock, EventLog

Subscriber = Callable[[Record], None]


def submit(log: EventLog, clock: Clock, run_id: str, command: Command) -> Sequence[Record]:
    """One command to a run, from any process; returns what was appended, which is durable.

    Empty when there was nothing to do, or the command's key was on record already. Raises
    IllegalCommand or NothingToDo when the run does not allow it, StoreFailure when the store
    does not answer.
    """
    state = evolve_all(RunState(run_id), log.read(run_id))
    if state.phase is None:
        raise NothingToDo(f"no run {run_id!r}", hint="`gameday get runs` lists them")
    meanwhile: list[Record] = []

    def within(records: Sequence[Record]) -> Sequence[Draft]:
        # Only what came since is folded while others wait for the store.
        meanwhile[:] = records
        return decide(evolve_all(state, records), command, clock.now())

    return log.transact(run_id, state.seq, within)[len(meanwhile) :]


class RunStream:
    """A run's state, kept up to date, and its subscribers: each record reaches each one once.

    Commits run in ``executor`` so that a slow disk never delays the event loop. Once it has
    taken the lease it writes for one epoch only.
    """

    def __init__(self, log: EventLog, clock: Clock, run_id: str, executor: Executor) -> None:
        self.state = RunState(run_id)
        self.clock = clock
        self._log = log
        self._executor = executor
        self._lock = asyncio.Lock()
        self._subscribers: list[Subscriber] = []
        self._epoch: int | None = None

    def subscribe(self, subscriber: Subscriber) -> None:
        """Call ``subscriber`` with every record from now on, in order, on the event loop."""
        self._subscribers.append(subscriber)

    async def take_lease(self, host: str, pid: int) -> None:
        """Write as the owner from now on; whoever owned the run before writes nothing more."""
        state = await self.record_undo(TakeLease(host, pid))
        self._epoch = state.epoch

    async def execute(self, command: Command) -> RunState:
        """Decide and append; returns the state afterwards. Raises like :func:`submit`, and
        LeaseLost when another process has taken the run over."""
        async with self._lock:
            state = self.state

            def within(records: Sequence[Record]) -> Sequence[Draft]:
                current = evolve_all(state, records)
                self._check(current)
                return decide(current, command, self.clock.now())

            return await self._advance(within)

    async def record_undo(self, command: Command) -> RunState:
        """Like execute, for what an undo has to write: on a full disk the space that was set
        aside for it is freed. Raises StoreFailure when that does not help either."""
        try:
            return await self.execute(command)
        except StoreFailure:
            loop = asyncio.get_running_loop()
            await loop.run_in_executor(self._executor, self._log.release_ballast)
            return await self.execute(command)

    async def try_execute(self, command: Command) -> bool:
        """Like execute; False when somebody else's entry has made the command pointless."""
        return await self._tried(self.execute(command))

    async def try_record_undo(self, command: Command) -> bool:
        """Like record_undo; False when somebody else's entry has made the command pointless."""
        return await self._tried(self.record_undo(command))

    async def _tried(self, recording: Awaitable[object]) -> bool:
        try:
            await recording
        except IllegalCommand:
            await self.refresh()
            return False
        return True

    async def refresh(self) -> RunState:
        """Take in what other processes have appended."""
        async with self._lock:
            return await self._advance(lambda _: ())

    async def look(self) -> RunState:
        """Like refresh, without waiting for whoever writes: reading is never locked out."""
        async with self._lock:
            loop = asyncio.get_running_loop()
            return self._take_in(
                await loop.run_in_executor(
                    self._executor, self._log.read, self.state.run_id, self.state.seq
                )
            )

    async def follow(self) -> None:
        """Refresh whenever anyone appends, until cancelled."""
        async for _ in self._log.changes():
            await self.refresh()

    def _check(self, current: RunState) -> None:
        if self._epoch is not None and current.epoch != self._epoch:
            raise LeaseLost(
                f"run {current.run_id} is owned by another process since epoch {current.epoch}",
                hint="this process writes nothing more; what it began is undone by the other",
            )

    async def _advance(self, within: Callable[[Sequence[Record]], Sequence[Draft]]) -> RunState:
        loop = asyncio.get_running_loop()
        run_id, after = self.state.run_id, self.state.seq
        records = await loop.run_in_executor(
            self._executor, self._log.transact, run_id, after, within
        )
        return self._take_in(records)

    def _take_in(self, records: Sequence[Record]) -> RunState:
        for record in records:
            self.state = evolve_all(self.state, (record,))
            for subscriber in self._subscribers:
                subscriber(record)
        return self.state
