"""The undo in virtual time: with a store that cannot be written, and with rollbacks that hang."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import pytest

from gameday.adapters.event_log.memory import MemoryEventLog
from gameday.core.errors import StoreFailure
from gameday.core.log import events as e
from gameday.core.log.events import Draft, Record, UndoStep
from gameday.core.run import commands as c
from gameday.core.run.evolve import fold
from gameday.core.run.state import FaultStatus, RunState
from gameday.core.words import Cause, RunPhase
from gameday.engine.ports import StepOutcome
from gameday.engine.recovery import recover
from gameday.engine.stream import RunStream
from gameday.engine.undo import ROLLBACK_PATIENCE, undo_all
from gameday.testing import (
    InlineExecutor,
    SimulatedSystem,
    SimulatedWorkers,
    VirtualClock,
    run_virtual,
)


class _Disk(MemoryEventLog):
    """A store whose disk may be full."""

    full = False
    ballast = False

    def release_ballast(self) -> None:
        self.full = self.full and not self.ballast

    def transact(
        self, run_id: str, after: int, decide: Callable[[Sequence[Record]], Sequence[Draft]]
    ) -> Sequence[Record]:
        def within(records: Sequence[Record]) -> Sequence[Draft]:
            drafts = decide(records)
            if drafts and self.full:
                raise StoreFailure("the disk is full")
            return drafts

        return super().transact(run_id, after, within)


def _step(label: str, kind: str = "fault", target: str = "") -> UndoStep:
    return UndoStep(label=label, kind=kind, target=target or f"sim/{label}", spec={"fault": label})


async def _broken(*steps: UndoStep, log: MemoryEventLog, clock: VirtualClock) -> RunStream:
    """A run that has a fault in it, with these inverses."""
    scheduled = e.RunScheduled(title="t", scenario={}, source="s", digest="0")
    log.transact("r", 0, lambda _: [Draft(scheduled, clock.now())])
    stream = RunStream(log, clock, "r", InlineExecutor())
    await stream.refresh()
    await stream.execute(c.StartRun())
    await stream.execute(c.IntendFault("f", "f.yaml", "t", ("sim/f",), steps))
    await stream.execute(c.ReportInjected("f", clock.now(), clock.now()))
    return stream


@pytest.mark.parametrize("by", ["recovery", "undo_all"])
def test_a_full_disk_keeps_no_fault_in(by: str) -> None:
    async def main() -> set[str]:
        clock, system = VirtualClock(), SimulatedSystem({"f"})
        log = _Disk(clock)
        stream = await _broken(_step("f"), log=log, clock=clock)
        workers = SimulatedWorkers(system, clock)
        log.full = True
        with pytest.raises(StoreFailure):
            await (recover if by == "recovery" else _all)(stream, workers)
        return system.faults

    assert run_virtual(main()) == set()


def test_the_ballast_makes_room_for_the_records_of_an_undo() -> None:
    async def main() -> RunState:
        clock, system = VirtualClock(), SimulatedSystem({"f"})
        log = _Disk(clock)
        stream = await _broken(_step("f"), log=log, clock=clock)
        log.full = log.ballast = True
        await stream.take_lease("here", 1)
        await recover(stream, SimulatedWorkers(system, clock))
        return fold("r", log.read("r"))

    state = run_virtual(main())
    assert state.faults["f"].status is FaultStatus.UNDONE
    assert state.phase is RunPhase.ABORTED


async def _all(stream: RunStream, workers: SimulatedWorkers) -> None:
    await undo_all(stream, workers, Cause.ABORT)


class _Order(SimulatedWorkers):
    """Remembers when each inverse began; ``hang`` never ends."""

    async def undo(self, step: UndoStep, timeout: float) -> StepOutcome:
        self.log.append(f"{step.label} at {self.clock.now().boot / 1e9:.0f}")
        if step.label == "hang":
            await asyncio.sleep(timeout)
            return StepOutcome(step.label, reason="hung")
        return await super().undo(step, timeout)


def _undo(*steps: UndoStep) -> list[str]:
    async def main() -> list[str]:
        clock = VirtualClock()
        stream = await _broken(*steps, log=MemoryEventLog(clock), clock=clock)
        workers = _Order(SimulatedSystem({s.label for s in steps}), clock)
        await undo_all(stream, workers, Cause.ABORT)
        return [line for line in workers.log if " at " in line]

    return run_virtual(main())


def test_a_rollback_that_hangs_does_not_keep_the_fault_in() -> None:
    begun = _undo(_step("hang", "rollback"), _step("f"))
    assert begun[:2] == ["hang at 0", f"f at {ROLLBACK_PATIENCE:.0f}"]
    assert begun[-1].startswith("f at"), "the inverse is played and proved once more at the end"


class _NeedsItsTarget(_Order):
    """A rollback that fails until the fault's own inverse has restored its target."""

    async def undo(self, step: UndoStep, timeout: float) -> StepOutcome:
        if step.kind == "rollback" and "f" in self.system.faults:
            return StepOutcome(step.label, reason="its target is not there")
        return await super().undo(step, timeout)


def test_a_rollback_whose_target_an_inverse_restores_is_tried_again() -> None:
    async def main() -> FaultStatus:
        clock = VirtualClock()
        steps = (_step("undo", "rollback"), _step("f"))
        stream = await _broken(*steps, log=MemoryEventLog(clock), clock=clock)
        await undo_all(stream, _NeedsItsTarget(SimulatedSystem({"f"}), clock), Cause.ABORT)
        return stream.state.faults["f"].status

    assert run_virtual(main()) is FaultStatus.UNDONE


def test_rollbacks_go_first_and_faults_on_one_target_come_out_last_in_first() -> None:
    steps = (_step("a", target="x"), _step("b", target="x"), _step("undo", "rollback"))
    assert [line.split()[0] for line in _undo(*steps)] == ["undo", "b", "a"]
