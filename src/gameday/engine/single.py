"""One Chaos Toolkit experiment under the ledger's guarantees: inject, look, undo, prove."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from gameday.core.errors import StoreFailure
from gameday.core.instant import NANOSECONDS
from gameday.core.log.events import Record, RollbackStarted
from gameday.core.run.commands import BeginUndo, EndRun, RollBack, StartRun
from gameday.core.run.state import FaultState, FaultStatus, RunState
from gameday.core.words import Cause
from gameday.engine.injection import inject_fault
from gameday.engine.ports import Experiment, ExperimentOrder, Injection, Workers
from gameday.engine.standstill import BEAT, Standstill
from gameday.engine.stream import RunStream
from gameday.engine.undo import undo_fault

_NOT_RUN = "the experiment was not run"


@dataclass(frozen=True, slots=True)
class SingleRun:
    """How it went: the run's last state, and the injection unless it was refused."""

    state: RunState
    injection: Injection | None


class SingleExperiment:
    """Runs one experiment; ``abort`` from a signal takes the fault out at once."""

    def __init__(self, order: ExperimentOrder, stream: RunStream, workers: Workers) -> None:
        self._order = order
        self._stream = stream
        self._workers = workers
        self._aborted = ""
        self._tasks: asyncio.TaskGroup | None = None

    async def run(self) -> SingleRun:
        """Hypothesis, method, hypothesis, then every rollback alone. Raises WorkerFailure when
        the experiment could not even be armed; nothing was touched then.

        Anything else that fails, also a stop that does not succeed, comes out of here at once:
        whoever owns the workers (the guardian) sees the connection drop and takes the fault out.
        """
        await self._stream.refresh()
        experiment = await self._workers.arm(self._order)
        async with asyncio.TaskGroup() as group:
            self._tasks = group
            self._stream.subscribe(self._heard)
            background = [group.create_task(self._follow()), group.create_task(self._watch())]
            try:
                return await self._play(experiment)
            finally:
                for task in background:
                    task.cancel()

    @property
    def outstanding(self) -> Sequence[FaultState]:
        """Faults that may be in their targets."""
        return self._stream.state.outstanding

    async def abort(self, reason: str, by: str) -> None:
        """Kill the worker in mid-method; the undo follows at once."""
        self._aborted = f"{reason} ({by})"
        await self._workers.kill(self._order.fault)

    async def _play(self, experiment: Experiment) -> SingleRun:
        injection = await self._inject(experiment)
        await self._roll_back(injection)
        await self._take_out()
        return SingleRun(await self._stream.execute(EndRun(recovered=None)), injection)

    async def _inject(self, experiment: Experiment) -> Injection | None:
        """None when somebody asked to stop before there was anything to kill."""
        if self._aborted or not await self._stream.try_execute(StartRun()):
            await experiment.kill()
            return None
        return await inject_fault(self._order, experiment, self._stream, None)

    async def _follow(self) -> None:
        """Hear `gameday abort` also after the store did not answer for a while."""
        clock = self._stream.clock
        while True:
            with contextlib.suppress(StoreFailure):
                await self._stream.follow()
            await clock.sleep_until(clock.now().boot + round(BEAT * NANOSECONDS))

    async def _watch(self) -> None:
        await self.abort(await Standstill(self._stream.clock).awaited(), "gameday")

    def _heard(self, record: Record) -> None:
        """`gameday abort` in another process: its word is in the log."""
        event = record.event
        if isinstance(event, RollbackStarted) and event.cause is Cause.ABORT and not self._aborted:
            assert self._tasks is not None
            self._tasks.create_task(self.abort(event.reason, event.by))

    async def _take_out(self) -> None:
        fault = self._stream.state.faults.get(self._order.fault)
        if fault is None or not fault.status.outstanding:
            return
        if fault.status is not FaultStatus.UNDOING:
            cause = Cause.ABORT if self._aborted else Cause.FINISHED
            await self._stream.record_undo(BeginUndo(fault.id, cause))
        await undo_fault(self._stream.state.faults[fault.id], self._stream, self._workers)

    async def _roll_back(self, injection: Injection | None) -> None:
        """Say that it ends, and why; before the undo, whose outcome is then the last word."""
        if self._stream.state.rollback is not None:
            return  # asked for in the log, and begun
        cause, reason = Cause.FINISHED, "the experiment is done"
        if self._aborted:
            cause, reason = Cause.ABORT, self._aborted
        elif injection is None or injection.reason:
            cause, reason = Cause.FAILED, injection.reason if injection else _NOT_RUN
        await self._stream.try_record_undo(RollBack(cause, reason))  # somebody may be faster
