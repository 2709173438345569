"""What dead runs have left in, for every command to say; taking it out is :mod:`recovery`'s."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gameday.core.run.summary import RunSummary
    from gameday.engine.ports import EventLog
    from gameday.settings import Settings


def left_by_the_dead(settings: Settings, log: EventLog) -> list[RunSummary]:
    """Runs that may have left a fault in and whose owner does not live, oldest first."""
    faulty = [run for run in log.unfinished() if run.faults]
    if not faulty:  # nearly always: then nobody has to know how to ask for an owner
        return []
    from gameday.adapters.process.lease import owned

    return [run for run in faulty if not owned(settings.data / "runs" / run.run_id)]
