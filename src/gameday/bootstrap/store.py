"""The store: the event log and the runs in it."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from gameday.adapters.clock import SystemClock
from gameday.core.errors import GamedayError, NothingToDo
from gameday.core.run.evolve import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gameday.adapters.event_log.sqlite import SqliteEventLog
    from gameday.core.log.events import Record
    from gameday.core.run.state import RunState
    from gameday.core.run.summary import RunSummary
    from gameday.engine.ports import Clock, EventLog
    from gameday.settings import Settings

_Made = TypeVar("_Made")


def clock() -> Clock:
    """The system's clocks."""
    return SystemClock()


@contextmanager
def open_store(settings: Settings) -> Iterator[SqliteEventLog]:
    """The event log, made where there is none, and closed afterwards; for what records a run.
    Raises StoreFailure when it cannot be opened."""
    from gameday.adapters.event_log.sqlite import SqliteEventLog

    log = SqliteEventLog(settings.store, clock())
    try:
        yield log
    finally:
        log.close()


@contextmanager
def open_known_store(settings: Settings) -> Iterator[SqliteEventLog]:
    """The event log that is there already. One made here would answer "nothing" for a path that
    was mistyped: an all-clear about another store. Raises NothingToDo where there is none."""
    if not settings.store.exists():
        raise NothingToDo(
            f"no event log at {settings.store}",
            hint="name another with --store or GAMEDAY_STORE; the first run makes one, "
            "`gameday demo` too",
        )
    with open_store(settings) as log:
        yield log


@dataclass(frozen=True, slots=True)
class ReadRun:
    """A run as the store has it."""

    state: RunState
    records: Sequence[Record]


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A run whose records cannot be read, and why. One bad run hides no other."""

    run_id: str
    reason: str


def each_run(log: EventLog, wanted: Sequence[str] | None = None) -> Iterator[ReadRun | Unreadable]:
    """Every run (or the wanted ones), oldest first: its state and records."""
    for run_id in log.runs() if wanted is None else wanted:
        yield read_run(log, run_id, lambda run, records: ReadRun(fold(run, records), records))


def read_run(
    log: EventLog, run_id: str, make: Callable[[str, Sequence[Record]], _Made]
) -> _Made | Unreadable:
    """What is made of a run's records, or why they cannot be read."""
    try:
        return make(run_id, log.read(run_id))
    except GamedayError as failure:
        return Unreadable(run_id, str(failure))
    except (LookupError, TypeError, ValueError) as failure:  # read, but it makes no sense
        return Unreadable(run_id, f"its records contradict each other: {failure!r}")


def each_summary(log: EventLog) -> Iterator[RunSummary | Unreadable]:
    """Every run in short, oldest first, without its records being read."""
    return map(_told, log.summaries())


def unfinished_runs(log: EventLog) -> Iterator[RunSummary | Unreadable]:
    """The runs that go on or have left a fault in, oldest first: quick, however many others
    the store holds. What it has of the dead ones among them `gameday recover` takes out."""
    return map(_told, log.unfinished())


def _told(summary: RunSummary) -> RunSummary | Unreadable:
    if summary.unreadable:
        return Unreadable(summary.run_id, summary.unreadable)
    return summary


def latest_run(log: EventLog) -> str:
    """The id of the newest run. Raises NothingToDo when there is none."""
    runs = log.runs()
    if not runs:
        raise NothingToDo("the store holds no run yet", hint="`gameday demo` makes one")
    return runs[-1]


def current_run(log: EventLog) -> str:
    """The newest run that still goes on, else the newest. Raises NothingToDo without any."""
    going_on = [summary.run_id for summary in log.unfinished() if summary.goes_on]
    return going_on[-1] if going_on else latest_run(log)


def scored_run(log: EventLog, wanted: str | None) -> str:
    """Like :func:`find_run`, but without a wish the newest game day, going on or not."""
    if wanted:
        return find_run(log, wanted)
    game_days = [summary.run_id for summary in log.summaries() if summary.game_day]
    return game_days[-1] if game_days else latest_run(log)


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
