"""The store as a command opens it: whoever does is told what dead runs have left in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from gameday.bootstrap import store
from gameday.bootstrap.left_behind import left_by_the_dead
from gameday.cli.output import note
from gameday.settings import Settings

if TYPE_CHECKING:
    from gameday.adapters.event_log.sqlite import SqliteEventLog
    from gameday.engine.ports import EventLog

_Found = TypeVar("_Found")


def readable(runs: Iterable[_Found | store.Unreadable]) -> list[_Found]:
    """The runs that could be read; each other one is told on stderr."""
    found = []
    for run in runs:
        if isinstance(run, store.Unreadable):
            note(f"run {run.run_id} cannot be read: {run.reason}")
        else:
            found.append(run)
    return found


@contextmanager
def opened(settings: Settings) -> Iterator[SqliteEventLog]:
    """The event log, closed afterwards; faults of dead runs are told on stderr first. Raises
    NothingToDo where there is no log: who reads or responds makes none."""
    with store.open_known_store(settings) as log:
        warn_of_orphans(settings, log)
        yield log


def warn_of_orphans(settings: Settings, log: EventLog) -> None:
    """Say what is still in and has nobody left to take it out."""
    for run in left_by_the_dead(settings, log):
        note(f"run {run.run_id} is dead and may have left in: {', '.join(run.faults)}")
        if run.stuck:
            note(f"  an undo was tried and could not take out: {', '.join(run.stuck)}")
        note(f"  \N{RIGHTWARDS ARROW} `gameday recover --run {run.run_id}` takes it out")
