"""The phase that people are in and what is owed next, for the status of a live view."""

from __future__ import annotations

from collections.abc import Callable

from gameday.core.incident_process.duties import duties
from gameday.core.incident_process.phase_times import PhaseVerdict, phases_of, present
from gameday.core.instant import NANOSECONDS, Instant
from gameday.core.log.events import Record, SamplesRecorded
from gameday.core.run.state import RunState
from gameday.core.words import RunPhase


class NextDuty:
    """Knows what is overdue in a run or comes due next. state: the run as it is now; whoever shows
    it has not seen all of its records."""

    def __init__(self, state: Callable[[], RunState]) -> None:
        self._now = state
        self._records: list[Record] = []

    def note(self, record: Record) -> None:
        """One more record of the run."""
        if not isinstance(record.event, SamplesRecorded):  # so many, and no moment is among them
            self._records.append(record)

    def phase(self, now: Instant) -> tuple[str, bool] | None:
        """The phase that goes on, its time and its window, and whether it is over that; None
        where there is none."""
        state = self._now()
        if state.phase is not RunPhase.RUNNING:
            return None
        time = present(phases_of(state, self._records, now))
        if time is None or time.seconds is None:
            return None
        window = "" if time.window is None else f" of {_clock(time.window)}"
        over = time.verdict is PhaseVerdict.OVER
        return f"{time.phase.title} {_clock(time.seconds)}{window}{' OVER' if over else ''}", over

    def text(self, boot: int) -> tuple[str, bool] | None:
        """The duty that presses most, and whether it is overdue; None where nothing is owed.

        boot: now, in nanoseconds since boot.
        """
        state = self._now()
        if state.phase is not RunPhase.RUNNING:
            return None
        open_ = [(d.due(state), d) for d in duties(state) if d.owed_at(max(d.due(state), boot))]
        if not open_:
            return None
        due, duty = min(open_, key=lambda pair: pair[0])
        left = round((due - boot) / NANOSECONDS)
        clock = _clock(abs(left))
        who = duty.to.replace("_", " ")
        if left < 0:
            return f"OVERDUE {clock} {duty.title} ({who})", True
        return f"in {clock} {duty.title} ({who})", False


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
