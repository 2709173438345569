"""The one undo: abort, hold, guardian and recovery all come through here.

For each fault alone: kill its worker's whole process group, play every inverse, and call it
undone only when each is proved. If a worker was cut off in mid-call, or died with a conductor
before it could say how far it was, its request may still land: wait out the call's time-out,
then undo and look again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from gameday.core.errors import StoreFailure, WorkerFailure
from gameday.core.instant import NANOSECONDS
from gameday.core.log.events import UndoStep
from gameday.core.run.commands import BeginUndo, ReportStuck, ReportUndone
from gameday.core.run.state import FaultState, FaultStatus
from gameday.core.words import Cause
from gameday.engine.ports import Clock, StepOutcome, Workers
from gameday.engine.stream import RunStream

STEP_TIMEOUT = 30.0
"""Seconds one inverse may take before its worker is killed and it is tried again."""
BACK_OFF = (0.2, 0.5, 1.0, 2.0)
"""Seconds between tries; after the last one the fault is stuck, loudly."""
ROLLBACK_PATIENCE = 5.0
"""Seconds for which the inverses of faults wait for the rollbacks of their file."""


async def undo_fault(fault: FaultState, stream: RunStream, workers: Workers) -> None:
    """Take one fault out and write down the proof, or that it is stuck and why."""
    cut_off = await workers.kill(fault.id)
    steps = fault.intent.undo if fault.intent else ()
    outcomes = await _play(steps, workers, stream.clock)
    # that an action began is no proof that it returned
    may_still_land = not fault.returned if cut_off is None else cut_off
    if may_still_land:
        await _sleep(stream.clock, max((o.call_timeout for o in outcomes), default=0.0))
        outcomes = await _play(steps, workers, stream.clock)
    await stream.record_undo(_report(fault, outcomes))


async def undo_all(stream: RunStream, workers: Workers, cause: Cause) -> None:
    """Take out everything outstanding, each fault alone, all at the same time."""
    faults = stream.state.outstanding
    failures: list[BaseException] = []
    for fault in faults:
        if fault.status is not FaultStatus.UNDOING:
            try:
                await stream.record_undo(BeginUndo(fault.id, cause))
            except StoreFailure as failure:  # a full disk must not keep a fault in
                failures.append(failure)
                break  # nor must the others wait, each in turn, for a store that is locked
    undos = (undo_fault(fault, stream, workers) for fault in faults)
    outcomes = await asyncio.gather(*undos, return_exceptions=True)
    failures += [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    if failures:  # only now: one that fails never stops the others
        raise failures[0]


async def _play(
    steps: Sequence[UndoStep], workers: Workers, clock: Clock
) -> tuple[StepOutcome, ...]:
    """A file's rollbacks in its order, then the faults' own inverses, which restore exactly
    and prove it. Rollbacks that hang do not keep a fault in: after a while the inverses go
    ahead, and once more at the end."""
    rollbacks = [step for step in steps if step.kind == "rollback"]
    inverses = [step for step in steps if step.kind != "rollback"]
    async with asyncio.TaskGroup() as group:
        playing = group.create_task(_in_order(rollbacks, workers, clock))
        if inverses:
            await asyncio.wait([playing], timeout=ROLLBACK_PATIENCE)
            if not playing.done():
                await _side_by_side(inverses, workers, clock)
    played, restored = playing.result(), await _side_by_side(inverses, workers, clock)
    if inverses and not all(outcome.proof for outcome in played):
        played = await _unproved_again(rollbacks, played, workers)
        restored = await _side_by_side(inverses, workers, clock)
    return (*played, *restored)


async def _unproved_again(
    steps: Sequence[UndoStep], outcomes: Sequence[StepOutcome], workers: Workers
) -> list[StepOutcome]:
    """A rollback may have found nothing to work on until an inverse had put it back."""
    return [
        outcome if outcome.proof else await _try(step, workers)
        for step, outcome in zip(steps, outcomes, strict=True)
    ]


async def _side_by_side(
    steps: Sequence[UndoStep], workers: Workers, clock: Clock
) -> list[StepOutcome]:
    """All at once; those on one target one after the other, the last applied first."""
    by_target: dict[str, list[UndoStep]] = {}
    for step in reversed(steps):
        by_target.setdefault(step.target, []).append(step)
    chains = (_in_order(chain, workers, clock) for chain in by_target.values())
    return [outcome for chain in await asyncio.gather(*chains) for outcome in chain]


async def _in_order(steps: Sequence[UndoStep], workers: Workers, clock: Clock) -> list[StepOutcome]:
    return [await _persist(step, workers, clock) for step in steps]


async def _persist(step: UndoStep, workers: Workers, clock: Clock) -> StepOutcome:
    """Try one inverse until it is proved or the tries are used up."""
    outcome = await _try(step, workers)
    for pause in BACK_OFF:
        if outcome.proof:
            break
        await _sleep(clock, pause)
        outcome = await _try(step, workers)
    return outcome


async def _try(step: UndoStep, workers: Workers) -> StepOutcome:
    try:
        return await workers.undo(step, STEP_TIMEOUT)
    except WorkerFailure as failure:
        return StepOutcome(step.label, reason=str(failure))


def _report(fault: FaultState, outcomes: Sequence[StepOutcome]) -> ReportUndone | ReportStuck:
    unproved = [f"{o.label}: {o.reason}" for o in outcomes if not o.proof]
    if unproved:
        return ReportStuck(fault.id, tuple(unproved))
    if not outcomes:
        return ReportUndone(
            fault.id, ("nothing was declared to undo: gameday cannot tell what it left",)
        )
    return ReportUndone(fault.id, tuple(f"{o.label}: {o.proof}" for o in outcomes))


async def _sleep(clock: Clock, seconds: float) -> None:
    await clock.sleep_until(clock.now().boot + round(seconds * NANOSECONDS))
