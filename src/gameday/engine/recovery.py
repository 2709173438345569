"""What is left to do for a run whose conductor is gone: undo everything, then close it."""

from __future__ import annotations

import contextlib

from gameday.core.errors import IllegalCommand, StoreFailure
from gameday.core.run.commands import EndRun, RollBack
from gameday.core.run.state import RunState
from gameday.core.words import Cause
from gameday.engine.ports import Workers
from gameday.engine.stream import RunStream
from gameday.engine.undo import undo_all


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
