"""What lists of runs need to know of each, kept up to date event by event.

A summary says the same as the folded log, without the log being read: which run goes on, and
which has left a fault in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from gameday.core.log import events as e
from gameday.core.log.events import Event, Record
from gameday.core.run.lifecycle import MOVES
from gameday.core.run.state import FaultStatus
from gameday.core.words import RunPhase


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run in short.

    events: how many records it has. started: wall time at which it started, or was scheduled
    when it has not, in seconds since the epoch. game_day: it has a scenario; a single
    experiment has none. faults: those that may be in their targets, by id. unreadable: why its
    records cannot be read; empty when they can, else only the fields above it that were known.
    """

    run_id: str
    events: int = 0
    title: str = ""
    phase: RunPhase | None = None
    started: float | None = None
    game_day: bool = False
    faults: Mapping[str, FaultStatus] = field(default_factory=dict)
    unreadable: str = ""

    @property
    def stuck(self) -> tuple[str, ...]:
        """Faults whose undo could not be proved."""
        return tuple(f for f, status in self.faults.items() if status is FaultStatus.STUCK)

    @property
    def goes_on(self) -> bool:
        """It was scheduled and has not ended, as far as the log knows."""
        return self.phase is not None and not self.phase.ended

    @property
    def unfinished(self) -> bool:
        """Something may be left to do: it goes on, a fault may be in, or nobody can tell."""
        return self.goes_on or bool(self.faults) or bool(self.unreadable)


def summary_of(run_id: str, records: Iterable[Record]) -> RunSummary:
    """The summary after all these records."""
    summary = RunSummary(run_id)
    for record in records:
        summary = summarize(summary, record)
    return summary


def told_by(event: Event) -> bool:
    """Whether an event of this kind changes more of a summary than the number of events."""
    return type(event) in _TELL


def summarize(summary: RunSummary, record: Record) -> RunSummary:
    """The summary after one more record. Takes every record as the fact it is, never raises."""
    summary = replace(summary, events=record.seq)
    tell = _TELL.get(type(record.event))
    return tell(summary, record) if tell else summary


def _scheduled(summary: RunSummary, record: Record) -> RunSummary:
    event: Any = record.event
    return replace(
        summary,
        title=event.title,
        phase=RunPhase.SCHEDULED,
        started=record.at.wall,
        game_day=bool(event.scenario),
    )


def _moved(summary: RunSummary, record: Record) -> RunSummary:
    started = record.at.wall if isinstance(record.event, e.RunStarted) else summary.started
    return replace(summary, phase=MOVES[type(record.event)].to, started=started)


def _fault(summary: RunSummary, record: Record) -> RunSummary:
    event: Any = record.event
    status = _STATUS[type(event)]
    faults = dict(summary.faults)
    if status is FaultStatus.INJECTED and faults.get(event.fault) is not FaultStatus.INTENDED:
        return summary  # overtaken by its undo
    faults.pop(event.fault, None)
    if status.outstanding:
        faults[event.fault] = status
    return replace(summary, faults=faults)


_STATUS: Mapping[type[Event], FaultStatus] = {
    e.FaultIntended: FaultStatus.INTENDED,
    e.FaultInjected: FaultStatus.INJECTED,
    e.FaultRefused: FaultStatus.REFUSED,
    e.FaultUndoing: FaultStatus.UNDOING,
    e.FaultUndone: FaultStatus.UNDONE,
    e.FaultStuck: FaultStatus.STUCK,
}

_TELL: Mapping[type[Event], Callable[[RunSummary, Record], RunSummary]] = {
    e.RunScheduled: _scheduled,
    **dict.fromkeys(MOVES, _moved),
    **dict.fromkeys(_STATUS, _fault),
}
