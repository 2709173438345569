"""What is left to do for a run whose conductor is gone: undo everything, then close it."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable

from gameday.core.errors import IllegalCommand, StoreFailure
from gameday.core.instant import NANOSECONDS
from gameday.core.run.commands import EndRun, RollBack
from gameday.core.run.state import RunState
from gameday.core.words import Cause
from gameday.engine.ports import Clock, Workers
from gameday.engine.stream import RunStream
from gameday.engine.undo import undo_all

STORE_BACK_OFF = (1.0, 5.0, 15.0, 30.0, 60.0, 120.0)
"""Seconds between tries while the store does not answer; each try waits for it too. After the last
one the next `gameday` has to come."""


async def persist(
    attempt: Callable[[], Awaitable[RunState]], clock: Clock, say: Callable[[str], None]
) -> RunState:
    """Recover, and again when the store did not answer: what it could not say or keep, a later
    attempt finds and writes down."""
    for pause in STORE_BACK_OFF:
        try:
            return await attempt()
        except StoreFailure as failure:
            say(f"{failure}\n  trying again in {pause:g} s")
        await clock.sleep_until(clock.now().boot + round(pause * NANOSECONDS))
    return await attempt()


async def recover(stream: RunStream, workers: Workers) -> RunState:
    """Undo what is outstanding and end the run; returns its state.

    Steady state is not sampled here, and the log says so.
    """
    phase = stream.state.phase
    if phase is not None and not phase.ended and stream.state.rollback is None:
        reason = "the conductor is gone: recovery takes out what it left"
        # the undo below goes first, and says it again
        with contextlib.suppress(StoreFailure, IllegalCommand):
            await stream.record_undo(RollBack(Cause.RECOVERY, reason, "gameday"))
    await undo_all(stream, workers, Cause.RECOVERY)
    phase = stream.state.phase
    if phase is not None and not phase.ended:
        await stream.try_execute(EndRun(recovered=None))
    return stream.state
