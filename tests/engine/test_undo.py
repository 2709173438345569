"""The undo in virtual time: with a store that cannot be written, and with rollbacks that hang."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from gameday.adapters.event_log.memory import MemoryEventLog
from gameday.core.errors import StoreFailure
from gameday.core.log import events as e
from gameday.core.log.events import Draft, UndoStep
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
from tests.engine.full_disk import FullDisk


def _step(label: str, kind: str = "fault", target: str = "") -> UndoStep:
    return UndoStep(label=label, kind=kind, target=target or f"sim/{label}", spec={"fault": label})


async def _intended(*steps: UndoStep, log: MemoryEventLog, clock: VirtualClock) -> RunStream:
    """A run that may have a fault in it, with these inverses."""
    scheduled = e.RunScheduled(title="t", scenario={}, source="s", digest="0")
    log.transact("r", 0, lambda _: [Draft(scheduled, clock.now())])
    stream = RunStream(log, clock, "r", InlineExecutor())
    await stream.refresh()
    await stream.execute(c.StartRun())
    await stream.execute(c.IntendFault("f", "f.yaml", "t", ("sim/f",), steps))
    return stream


async def _broken(*steps: UndoStep, log: MemoryEventLog, clock: VirtualClock) -> RunStream:
    """A run that has a fault in it, with these inverses."""
    stream = await _intended(*steps, log=log, clock=clock)
    await stream.execute(c.ReportInjected("f", clock.now(), clock.now()))
    return stream


@pytest.mark.parametrize("by", ["recovery", "undo_all"])
def test_a_full_disk_keeps_no_fault_in(by: str) -> None:
    async def main() -> set[str]:
        clock, system = VirtualClock(), SimulatedSystem({"f"})
        log = FullDisk(clock)
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
        log = FullDisk(clock)
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


class _InTheAir(SimulatedWorkers):
    """The worker's request lands ``LANDS`` seconds after its worker has died. ``said``: what is
    known of it here."""

    said: bool | None = None

    async def kill(self, fault: str) -> bool | None:
        asyncio.get_running_loop().call_later(LANDS, self.system.faults.add, fault)
        return self.said

    async def undo(self, step: UndoStep, timeout: float) -> StepOutcome:
        return replace(await super().undo(step, timeout), call_timeout=2.0 * LANDS)


LANDS = 1.0
_INJECTED = (c.ReportInjected,)
_CUT_OFF = (c.ReportInjectionFailed,)
_CUT_OFF_BY_AN_UNDO = (c.BeginUndo, c.ReportInjectionFailed)


async def _reported(
    commands: Sequence[type[c.Command]], log: MemoryEventLog, clock: VirtualClock
) -> RunStream:
    """A run whose log says this of its fault."""
    stream = await _intended(_step("f"), log=log, clock=clock)
    now = clock.now()
    known = {
        c.ReportInjected: c.ReportInjected("f", now, now),
        c.ReportInjectionFailed: c.ReportInjectionFailed("f", "killed", "", now),
        c.BeginUndo: c.BeginUndo("f", Cause.ABORT),
    }
    for command in commands:
        await stream.execute(known[command])
    return stream


def _landing(said: bool | None, commands: Sequence[type[c.Command]]) -> tuple[set[str], float]:
    """What is in when all has landed that will, and how long the undo took."""

    async def main() -> tuple[set[str], float]:
        clock = VirtualClock()
        stream = await _reported(commands, MemoryEventLog(clock), clock)
        workers = _InTheAir(SimulatedSystem({"f"}), clock)
        workers.said = said
        began = clock.now().boot
        await undo_all(stream, workers, Cause.RECOVERY)
        took = (clock.now().boot - began) / 1e9
        await asyncio.sleep(2.0 * LANDS)
        return workers.system.faults, took

    return run_virtual(main())


@pytest.mark.parametrize("said", [True, None])
@pytest.mark.parametrize("known", [(), _CUT_OFF, _CUT_OFF_BY_AN_UNDO])
def test_what_may_be_in_the_air_is_waited_for(
    said: bool | None, known: Sequence[type[c.Command]]
) -> None:
    """Also when nobody is left to ask, and the log only says that an action began."""
    assert _landing(said, known)[0] == set()


@pytest.mark.parametrize(("said", "known"), [(None, _INJECTED), (False, ()), (False, _INJECTED)])
def test_nobody_waits_where_nothing_is_in_the_air(
    said: bool | None, known: Sequence[type[c.Command]]
) -> None:
    """A method that returned has nothing in the air, whoever died since."""
    assert _landing(said, known)[1] < LANDS


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
