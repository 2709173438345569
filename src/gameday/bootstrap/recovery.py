"""What dead runs have left: taken out on request, by a guardian, or before a new run begins."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from gameday.bootstrap.left_behind import left_by_the_dead
from gameday.bootstrap.runs import (
    Say,
    guarded_workers,
    owned_run,
    run_stream,
    say_when_stuck,
)
from gameday.bootstrap.store import clock, open_store
from gameday.core.errors import GamedayError, Refused, StoreFailure, UndoOutstanding

if TYPE_CHECKING:
    from gameday.core.log.events import Record
    from gameday.core.run.state import RunState
    from gameday.core.run.summary import RunSummary
    from gameday.engine.ports import EventLog
    from gameday.engine.stream import RunStream
    from gameday.settings import Settings


async def recover_run(
    settings: Settings,
    run_id: str,
    say: Say,
    told: Callable[[Record], None] = lambda _: None,
) -> RunState:
    """Take out what a run has left and close it. ``told`` gets each record as it is made;
    ``say`` a notice of what is stuck. Raises Refused when a living process owns the run."""
    from gameday.engine.recovery import recover

    with open_store(settings) as log, owned_run(settings, run_id) as lease:
        workers = guarded_workers(settings, run_id, lease)
        async with run_stream(log, run_id) as stream:
            await workers.start()
            try:
                await _take_over(stream)
                stream.subscribe(told)
                say_when_stuck(settings, stream, say)
                state = await recover(stream, workers)
            except Exception:
                # Our guardian would meet the same, and so would its guardian, without end. It
                # takes over only from a recovery that is killed or interrupted.
                await workers.close()
                raise
            await workers.close()
            return state


async def _take_over(stream: RunStream) -> None:
    try:
        await stream.take_lease(os.uname().nodename, os.getpid())
    except StoreFailure:  # the undo does not wait for the log
        await stream.look()


async def recover_at_last(
    settings: Settings, run_id: str, say: Say, told: Callable[[Record], None]
) -> RunState:
    """Like :func:`recover_run`, for a guardian: when the store does not answer, nobody else comes
    soon, so it tries again. Raises the last StoreFailure."""
    from gameday.engine.recovery import persist

    return await persist(lambda: recover_run(settings, run_id, say, told), clock(), say)


async def clear_the_way(settings: Settings, log: EventLog, say: Say) -> bool:
    """Take out what dead runs have left, before anything new is broken; whether there was any.

    Raises UndoOutstanding when something is still in after that.
    """
    left = left_by_the_dead(settings, log)
    stuck = [run.run_id for run in left if not await _cleared(settings, run, say)]
    if stuck:
        runs = ", ".join(stuck)
        raise UndoOutstanding(
            f"nothing was started: a fault of an earlier run is still in ({runs})",
            hint="put right what is said above, then `gameday recover`; `gameday faults` lists it",
        )
    return bool(left)


async def _cleared(settings: Settings, run: RunSummary, say: Say) -> bool:
    faults = ", ".join(run.faults)
    say(f"run {run.run_id} is dead and may have left in: {faults}; that is taken out first")
    try:
        state = await recover_run(settings, run.run_id, say)
    except Refused:
        say(f"run {run.run_id} is being recovered by another process")
        return True
    except GamedayError as failure:  # what it has left cannot be told, or not be reached
        say(f"run {run.run_id}: {failure}")
        return False
    if state.outstanding:
        return False
    say(f"run {run.run_id}: everything is out")
    return True
