"""Ledger and lease under any interleaving: two owners, crashes, take-overs and recoveries.

A state machine on virtual time. Requests are harsh: one that is in the air lands whatever
happens to who sent it. The negative controls leave out one safeguard each and must be caught.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from gameday.adapters.event_log.memory import MemoryEventLog
from gameday.core.errors import GamedayError
from gameday.core.log import events as e
from gameday.core.run.commands import BeginUndo, StartRun
from gameday.core.run.evolve import fold
from gameday.core.words import Cause, RunPhase
from gameday.engine.injection import inject_fault
from gameday.engine.ports import Experiment, ExperimentOrder, Injection, StepOutcome
from gameday.engine.recovery import recover
from gameday.engine.stream import RunStream
from gameday.engine.undo import undo_fault
from gameday.testing import (
    InlineExecutor,
    SimulatedExperiment,
    SimulatedSystem,
    SimulatedWorkers,
    VirtualClock,
    VirtualLoop,
)

Work = Callable[[], Coroutine[Any, Any, Any]]

CALL = 2.0
"""Seconds a request may be in the air: its time-out."""


class _Airborne(SimulatedExperiment):
    """Its request leaves a moment after it was told to, and lands whoever dies meanwhile."""

    async def inject(self) -> Injection:
        workers, fault = self.workers, self.order.fault
        assert isinstance(workers, _Workers)
        await asyncio.sleep(workers.dispatch)  # the order is on its way to the worker
        began = workers.clock.now()
        workers.in_the_air.add(fault)
        landing = asyncio.get_running_loop().call_later(workers.flight, workers.land, fault)
        while not landing.cancelled() and fault in workers.in_the_air:
            if await workers.is_killed_within(fault, 0.05):
                return Injection(began, workers.clock.now(), reason="killed", interrupted=True)
        return Injection(began, workers.clock.now())


class _Workers(SimulatedWorkers):
    flight = CALL * 0.9
    dispatch = 0.1
    call_timeout = CALL

    def __init__(self, system: SimulatedSystem, clock: VirtualClock) -> None:
        super().__init__(system, clock)
        self.in_the_air: set[str] = set()

    def land(self, fault: str) -> None:
        self.in_the_air.discard(fault)
        self.system.faults.add(fault)

    async def arm(self, order: ExperimentOrder) -> Experiment:
        return _Airborne(order, self)

    async def undo(self, step: e.UndoStep, timeout: float) -> StepOutcome:
        found = await super().undo(step, timeout)
        return StepOutcome(found.label, found.proof, found.reason, found.seen, self.call_timeout)


class _Owner:
    """One process: its stream, its workers, and everything it is doing."""

    def __init__(self, log: MemoryEventLog, clock: VirtualClock, workers: _Workers) -> None:
        self.stream = RunStream(log, clock, "r", InlineExecutor())
        self.workers = workers
        self.doing: list[asyncio.Task[Any]] = []

    def do(self, loop: VirtualLoop, work: Work) -> None:
        self.doing.append(loop.create_task(_refusable(work)))

    def kill(self) -> None:
        for task in self.doing:
            task.cancel()
        self.doing.clear()


async def _refusable(work: Work) -> None:
    with contextlib.suppress(GamedayError):  # too late, or owned by another: said, and no more
        await work()


class Ownership(RuleBasedStateMachine):
    """What the real thing does; the controls below change one of its two knobs."""

    kills_the_old_owner = True
    waits_out_calls = True

    def __init__(self) -> None:
        super().__init__()
        self.loop = VirtualLoop()
        self.owners: list[_Owner] = []
        self.count = 0
        self._run(self._set_up())

    async def _set_up(self) -> None:
        self.clock, self.system = VirtualClock(), SimulatedSystem()
        self.log = MemoryEventLog(self.clock)
        scheduled = e.RunScheduled(title="t", scenario={}, source="s", digest="0")
        self.log.transact("r", 0, lambda _: [e.Draft(scheduled, self.clock.now())])

    def _run(self, work: Coroutine[Any, Any, Any]) -> None:
        self.loop.run_until_complete(work)

    def _new_owner(self) -> _Owner:
        if self.kills_the_old_owner:
            for owner in self.owners:
                owner.kill()
        workers = _Workers(self.system, self.clock)
        workers.call_timeout = CALL if self.waits_out_calls else 0.0
        owner = _Owner(self.log, self.clock, workers)
        self._run(owner.stream.take_lease("here", len(self.owners)))
        self.owners.append(owner)
        return owner

    def _some(self, which: int) -> _Owner:
        return self.owners[which % len(self.owners)] if self.owners else self._new_owner()

    @rule()
    def somebody_takes_over(self) -> None:
        owner = self._new_owner()
        owner.do(self.loop, partial(owner.stream.execute, StartRun()))

    @rule(which=st.integers(0, 3), dispatch=st.sampled_from([0.1, 10.0]))
    def inject(self, which: int, dispatch: float) -> None:
        owner = self._some(which)
        owner.workers.dispatch = dispatch  # long: a process that the kernel had stopped
        self.count += 1
        order = ExperimentOrder(f"f{self.count}", "f.yaml", "")
        experiment = _Airborne(order, owner.workers)
        owner.do(self.loop, partial(inject_fault, order, experiment, owner.stream, None))

    @rule(which=st.integers(0, 3))
    def undo_one(self, which: int) -> None:
        owner = self._some(which)
        owner.do(self.loop, partial(self._undo_one, owner))

    async def _undo_one(self, owner: _Owner) -> None:
        state = await owner.stream.refresh()
        if state.outstanding:
            name = state.outstanding[0].id
            await owner.stream.execute(BeginUndo(name, Cause.MITIGATED))
            await undo_fault(owner.stream.state.faults[name], owner.stream, owner.workers)

    @rule(which=st.integers(0, 3))
    def crash(self, which: int) -> None:
        self._some(which).kill()

    @rule()
    def somebody_recovers(self) -> None:
        owner = self._new_owner()
        owner.do(self.loop, partial(recover, owner.stream, owner.workers))

    @rule(seconds=st.sampled_from([0.0, 0.05, 0.15, 1.0, 3.0]))
    def time_passes(self, seconds: float) -> None:
        self._run(asyncio.sleep(seconds))

    def teardown(self) -> None:
        """The last one recovers; whatever is still in the air then lands."""
        try:
            last = self._new_owner()
            self._run(recover(last.stream, last.workers))
            self._run(asyncio.sleep(10 * CALL))
            state = fold("r", self.log.read("r"))
            assert not self.system.faults, f"orphans: {sorted(self.system.faults)}"
            assert not state.outstanding
            assert state.phase in (RunPhase.ABORTED, RunPhase.COMPLETED)
            assert self.log.verify("r").ok
        finally:
            for owner in self.owners:
                owner.kill()
            self._run(asyncio.sleep(0))
            self.loop.close()


BOUNDS = settings(
    max_examples=150,
    stateful_step_count=25,
    suppress_health_check=list(HealthCheck),
)


def test_no_fault_is_left_whatever_happens_in_whatever_order() -> None:
    run_state_machine_as_test(Ownership, settings=BOUNDS)


class _Fenced(Ownership):
    """The epoch is checked, and the old owner lives on."""

    kills_the_old_owner = False


class _Believing(Ownership):
    """ "Not there" is taken for undone at once."""

    waits_out_calls = False


@pytest.mark.parametrize("control", [_Fenced, _Believing])
def test_each_safeguard_is_needed(control: type[Ownership]) -> None:
    bounds = settings(BOUNDS, max_examples=400, phases=[Phase.generate], derandomize=True)
    with pytest.raises((AssertionError, ExceptionGroup), match=r"orphans|failures"):
        run_state_machine_as_test(control, settings=bounds)
