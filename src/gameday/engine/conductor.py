"""The conductor: carries out what the agenda says is due, and what the log's events ask for.

It holds no knowledge of its own. Everything it decides comes from the run's state, and
everything it does ends as an event, so a reader can follow a drill in the log alone.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gameday.core.agenda import agenda
from gameday.core.errors import IllegalCommand, WorkerFailure
from gameday.core.instant import NANOSECONDS
from gameday.core.log import events as e
from gameday.core.log.events import Record, Sample, UndoStep
from gameday.core.run.commands import (
    Command,
    ObserveFault,
    RecordSamples,
    RefuseRun,
    Respond,
    RollBack,
)
from gameday.core.run.state import FaultState, FaultStatus, RunState
from gameday.core.words import Cause
from gameday.engine.injection import inject_fault
from gameday.engine.notices import Notices
from gameday.engine.ports import Experiment, ExperimentOrder, Notifier, Workers
from gameday.engine.sampler import Sampler, Sampling
from gameday.engine.standstill import BEAT, Standstill
from gameday.engine.stream import RunStream
from gameday.engine.undo import STEP_TIMEOUT, undo_fault

_IN = (FaultStatus.INTENDED, FaultStatus.INJECTED)


@dataclass(frozen=True, slots=True)
class Cast:
    """Everything a run needs from outside, made by bootstrap."""

    workers: Workers
    probes: Mapping[str, Sampling]
    orders: Mapping[str, ExperimentOrder]
    notifiers: tuple[Notifier, ...] = ()
    # Players run beside the exercise: scripted responders today, other sources later.
    players: tuple[Coroutine[Any, Any, None], ...] = field(default=())


class Conductor:
    """Runs one game day from scheduled to its end."""

    def __init__(self, stream: RunStream, cast: Cast) -> None:
        self._stream = stream
        self._cast = cast
        self._wake = asyncio.Event()
        self._armed: dict[str, Experiment] = {}
        self._inbox: asyncio.Queue[Record] = asyncio.Queue()
        self._chunks: asyncio.Queue[RecordSamples] = asyncio.Queue()
        self._next_chunk = itertools.count()
        self._tasks: asyncio.TaskGroup | None = None
        self._notices = Notices(cast.notifiers, self._complain)

    async def run(self) -> RunState:
        """Conduct until the run has ended; returns its last state.

        An exception leaves the log as it is and closes nothing: whoever owns the workers
        (the guardian) sees the connection drop and takes every fault out.
        """
        self._stream.subscribe(self._arrived)
        async with asyncio.TaskGroup() as group:
            self._tasks = group
            await self._stream.refresh()
            telling = self._notices.start(group)
            background = [
                group.create_task(self._stream.follow()),
                group.create_task(self._record_samples()),
                *(group.create_task(self._exercise(*part)) for part in self._parts()),
            ]
            try:
                await self._arm()
                await self._conduct()
                await self._notices.farewell(telling)
            finally:
                for task in (*background, *telling):
                    task.cancel()
        return self._stream.state

    def _parts(self) -> Iterator[tuple[str, Coroutine[Any, Any, None]]]:
        """What makes the exercise, apart from what keeps it safe."""
        yield "the sampler", Sampler(self._cast.probes, self._clock, self._sampled).run()
        for player in self._cast.players:
            yield "a player", player

    async def _exercise(self, what: str, part: Coroutine[Any, Any, None]) -> None:
        """A part of the exercise that fails ends the exercise; holds, stops and undos go on."""
        try:
            await part
        except Exception as error:  # noqa: BLE001 - whatever it was, the faults come out first
            reason = f"{what} failed: {_say(error)}"
            await self._stream.try_execute(RollBack(Cause.FAILED, reason, "gameday"))

    async def abort(self, reason: str, by: str) -> None:
        """Stop the exercise and roll back; a run that is rolling back already goes on with it."""
        await self._stream.try_execute(RollBack(Cause.ABORT, reason, by))

    @property
    def state(self) -> RunState:
        """The run as it is now."""
        return self._stream.state

    @property
    def outstanding(self) -> Sequence[FaultState]:
        """Faults that may be in their targets."""
        return self._stream.state.outstanding

    @property
    def _clock(self) -> Any:
        return self._stream.clock

    # --- the loop ---------------------------------------------------------------------

    async def _conduct(self) -> None:
        standstill = Standstill(self._clock)
        while True:
            self._wake.clear()
            if reason := standstill.reason():  # before anything that is overdue by now
                await self.abort(reason, "gameday")
            while not self._inbox.empty():
                self._react(self._inbox.get_nowait())
            phase = self._stream.state.phase
            if phase is not None and phase.ended:
                return
            items = agenda(self._stream.state)
            if items and items[0].at <= self._clock.now().boot:
                await self._carry_out(items[0].command)
            else:
                await self._sleep(items[0].at if items else None)

    async def _carry_out(self, command: Command) -> None:
        """Others write to the same log: an agenda item may be overtaken, but only by an event."""
        before = self._stream.state.seq
        if not await self._stream.try_execute(command) and self._stream.state.seq == before:
            raise IllegalCommand(f"{command} is due but not possible: this is a defect")

    async def _sleep(self, until: int | None) -> None:
        nap = self._clock.now().boot + round(BEAT * NANOSECONDS)
        until = nap if until is None else min(nap, until)
        waits = [
            asyncio.ensure_future(self._wake.wait()),
            asyncio.ensure_future(self._clock.sleep_until(until)),
        ]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    def _arrived(self, record: Record) -> None:
        self._inbox.put_nowait(record)
        self._notices.post(record)
        self._wake.set()

    # --- effects ----------------------------------------------------------------------

    def _react(self, record: Record) -> None:
        event = record.event
        if isinstance(event, e.InjectSent) and event.fault:
            self._spawn(self._inject(event))
        elif isinstance(event, e.FaultUndoing):
            self._spawn(undo_fault(self._fault(event.fault), self._stream, self._cast.workers))
        elif isinstance(event, e.ImpactEnded):
            self._spawn(self._observe())

    async def _complain(self, text: str) -> None:
        note = e.NoteAdded(by="gameday", text=text, channel="engine")
        await self._stream.try_execute(Respond(note))

    def _spawn(self, effect: Coroutine[Any, Any, Any]) -> None:
        assert self._tasks is not None
        self._tasks.create_task(effect)

    def _fault(self, name: str) -> Any:
        return self._stream.state.faults[name]

    async def _inject(self, event: e.InjectSent) -> None:
        order = self._cast.orders[event.inject]
        experiment = self._armed.pop(event.inject)
        await inject_fault(order, experiment, self._stream, event.planned)

    async def _observe(self) -> None:
        """Steady state is back: is the fault still in? That decides who gets the credit."""
        for fault in self._stream.state.outstanding:
            if fault.status not in _IN or fault.intent is None:
                continue
            steps = [step for step in fault.intent.undo if step.kind == "fault"]
            if not steps:
                await self._stream.try_execute(ObserveFault(fault.id, None, "nothing to look at"))
            for step in steps:
                present, detail = await self._look(step)
                await self._stream.try_execute(ObserveFault(fault.id, present, detail))

    async def _look(self, step: UndoStep) -> tuple[bool | None, str]:
        """Only a fault that was seen is there; not being able to look says nothing."""
        try:
            outcome = await self._cast.workers.verify(step, STEP_TIMEOUT)
        except WorkerFailure as failure:
            return None, str(failure)
        if outcome.proof:
            return False, outcome.proof
        return (True if outcome.seen else None), outcome.reason

    # --- before the start -------------------------------------------------------------

    async def _arm(self) -> None:
        """A worker for every experiment, loaded and waiting, so that injects fire on time."""
        try:
            for fault, order in self._cast.orders.items():
                self._armed[fault] = await self._cast.workers.arm(order)
            await asyncio.gather(*(one.identify() for one in self._armed.values()))
        except WorkerFailure as failure:
            await self._stream.try_execute(RefuseRun(str(failure)))

    # --- samples ----------------------------------------------------------------------

    def _sampled(self, samples: tuple[Sample, ...]) -> None:
        self._chunks.put_nowait(RecordSamples(next(self._next_chunk), samples))

    async def _record_samples(self) -> None:
        while True:
            await self._stream.try_execute(await self._chunks.get())


def _say(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
