"""The store: the event log and the runs in it."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from gameday.adapters.clock import SystemClock
from gameday.core.errors import NothingToDo
from gameday.core.evolve import fold

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gameday.adapters.event_log.sqlite import SqliteEventLog
    from gameday.engine.ports import Clock, EventLog
    from gameday.settings import Settings


def clock() -> Clock:
    """The system's clocks."""
    return SystemClock()


@contextmanager
def open_store(settings: Settings) -> Iterator[SqliteEventLog]:
    """The event log, closed afterwards. Raises StoreFailure when it cannot be opened."""
    from gameday.adapters.event_log.sqlite import SqliteEventLog

    log = SqliteEventLog(settings.store, clock())
    try:
        yield log
    finally:
        log.close()


def latest_run(log: EventLog) -> str:
    """The id of the newest run. Raises NothingToDo when there is none."""
    runs = log.runs()
    if not runs:
        raise NothingToDo("the store holds no run yet", hint="`gameday demo` makes one")
    return runs[-1]


def current_run(log: EventLog) -> str:
    """The newest run that still goes on, else the newest. Raises NothingToDo without any."""
    for run in reversed(log.runs()):
        phase = fold(run, log.read(run)).phase
        if phase is not None and not phase.ended:
            return run
    return latest_run(log)


def scored_run(log: EventLog, wanted: str | None) -> str:
    """Like :func:`find_run`, but without a wish the newest game day, going on or not."""
    if wanted:
        return find_run(log, wanted)
    for run in reversed(log.runs()):
        if fold(run, log.read(run)).scenario is not None:
            return run
    return latest_run(log)


def find_run(log: EventLog, wanted: str | None) -> str:
    """The run meant by an id, a unique beginning of one, or nothing: the current one."""
    if not wanted:
        return current_run(log)
    matching = [run for run in log.runs() if run.startswith(wanted)]
    exact = [run for run in matching if run == wanted]
    if len(exact or matching) == 1:
        return (exact or matching)[0]
    what = "several runs begin with" if matching else "no run is named"
    raise NothingToDo(f"{what} {wanted!r}", hint="`gameday get runs` lists them")
