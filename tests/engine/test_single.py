"""A single experiment in virtual time: stopped from here, or from another process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from gameday.core.errors import StoreFailure, WorkerFailure
from gameday.core.log import events as e
from gameday.core.log.events import Draft, Record
from gameday.core.run.commands import RollBack
from gameday.core.run.state import FaultStatus
from gameday.core.words import Cause, RunPhase
from gameday.engine.ports import Experiment, ExperimentOrder
from gameday.engine.single import SingleExperiment, SingleRun
from gameday.engine.stream import RunStream, submit
from gameday.testing import (
    InlineExecutor,
    SimulatedSystem,
    SimulatedWorkers,
    VirtualClock,
    run_virtual,
)
from tests.engine.full_disk import FullDisk


class _Store(FullDisk):
    """While ``mute`` it does not say what others have appended."""

    mute = False

    def transact(
        self, run_id: str, after: int, decide: Callable[[Sequence[Record]], Sequence[Draft]]
    ) -> Sequence[Record]:
        def within(records: Sequence[Record]) -> Sequence[Draft]:
            drafts = decide(records)
            if self.mute and not drafts:
                raise StoreFailure("the store is locked")
            return drafts

        return super().transact(run_id, after, within)


class _Unkillable(SimulatedWorkers):
    """Its worker hangs in the kernel."""

    async def kill(self, fault: str) -> bool | None:
        raise WorkerFailure("the worker's process group was not gone 5 s after SIGKILL")


class _SlowToArm(SimulatedWorkers):
    async def arm(self, order: ExperimentOrder) -> Experiment:
        await asyncio.sleep(2)
        return await super().arm(order)


@dataclass
class _Scene:
    single: SingleExperiment
    log: _Store
    clock: VirtualClock
    workers: SimulatedWorkers
    running: asyncio.Task[SingleRun]

    def stop_from_elsewhere(self) -> None:
        submit(self.log, self.clock, "r", RollBack(Cause.ABORT, "stop", "another terminal"))


Play = Callable[[_Scene], Coroutine[Any, Any, None]]


def _play(
    scene: Play,
    kind: type[SimulatedWorkers] = SimulatedWorkers,
    sticky: frozenset[str] = frozenset(),
) -> tuple[SingleRun, SimulatedWorkers]:
    async def main() -> tuple[SingleRun, SimulatedWorkers]:
        clock = VirtualClock()
        log = _Store(clock)
        scheduled = e.RunScheduled(title="t", scenario={}, source="s", digest="0")
        log.transact("r", 0, lambda _: [e.Draft(scheduled, clock.now())])
        workers = kind(SimulatedSystem(), clock, method_seconds=60, sticky=sticky)
        stream = RunStream(log, clock, "r", InlineExecutor())
        single = SingleExperiment(ExperimentOrder("f", "f.yaml", ""), stream, workers)
        running = asyncio.create_task(single.run())
        await scene(_Scene(single, log, clock, workers, running))
        return await running, workers

    return run_virtual(main())


def test_stopped_before_it_was_armed_it_touches_nothing() -> None:
    async def scene(on: _Scene) -> None:
        await asyncio.sleep(1)
        await on.single.abort("Ctrl-C", "terminal")

    done, workers = _play(scene, _SlowToArm)
    assert "inject f" not in workers.log
    assert done.state.phase is RunPhase.ABORTED


def test_an_abort_from_another_process_cuts_the_method_off_and_undoes() -> None:
    async def scene(on: _Scene) -> None:
        await asyncio.sleep(5)
        on.stop_from_elsewhere()
        await asyncio.sleep(5)
        assert on.workers.log[-1] == "undo f", "the method went on"

    done, workers = _play(scene)
    assert not workers.system.faults
    assert done.state.phase is RunPhase.ABORTED


def test_an_abort_is_heard_also_after_the_store_did_not_answer() -> None:
    async def scene(on: _Scene) -> None:
        await asyncio.sleep(5)
        on.log.mute = True
        on.stop_from_elsewhere()
        await asyncio.sleep(3)
        assert "undo f" not in on.workers.log
        on.log.mute = False
        await asyncio.sleep(2)
        assert on.workers.log[-1] == "undo f", "the method went on"

    assert _play(scene)[0].state.phase is RunPhase.ABORTED


@pytest.mark.parametrize("how", ["from elsewhere", "machine slept"])
def test_a_stop_that_does_not_succeed_hands_over_to_the_guardian(how: str) -> None:
    """The run does not go on as if nobody had asked: it fails, and the guardian takes it."""

    async def scene(on: _Scene) -> None:
        await asyncio.sleep(5)
        if how == "from elsewhere":
            on.stop_from_elsewhere()
        else:
            on.clock.suspend(100)
        await asyncio.sleep(5)
        assert on.running.done(), "the method went on"

    with pytest.raises(ExceptionGroup) as failed:
        _play(scene, _Unkillable)
    assert failed.group_contains(WorkerFailure)


@pytest.mark.parametrize("stopped", [False, True])
def test_a_disk_that_fills_up_meanwhile_keeps_no_fault_in(stopped: bool) -> None:
    """The space set aside is for the records that come before an undo too."""

    async def scene(on: _Scene) -> None:
        await asyncio.sleep(5)
        on.log.full = on.log.ballast = True
        if stopped:
            await on.single.abort("Ctrl-C", "terminal")

    done, workers = _play(scene)
    assert not workers.system.faults
    assert done.state.faults["f"].status is FaultStatus.UNDONE


def test_left_alone_it_runs_to_its_end() -> None:
    async def scene(on: _Scene) -> None:
        pass

    done, workers = _play(scene)
    assert done.state.phase is RunPhase.COMPLETED
    assert not workers.system.faults


@pytest.mark.parametrize("stopped", [False, True])
def test_a_fault_that_nobody_can_take_out_is_stuck_in_the_end(stopped: bool) -> None:
    """And not, for ever, about to be taken out."""

    async def scene(on: _Scene) -> None:
        await asyncio.sleep(5)
        if stopped:
            await on.single.abort("SIGTERM", "terminal")

    done, workers = _play(scene, sticky=frozenset({"f"}))
    assert workers.system.faults
    assert done.state.faults["f"].status is FaultStatus.STUCK
    assert done.state.phase is (RunPhase.ABORTED if stopped else RunPhase.COMPLETED)
