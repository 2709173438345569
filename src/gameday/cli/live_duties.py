"""What is owed next, for the status of a live view."""

from __future__ import annotations

from gameday.core.events import Record
from gameday.core.evolve import evolve
from gameday.core.incident_process.duties import duties
from gameday.core.instant import NANOSECONDS
from gameday.core.state import RunState
from gameday.core.words import RunPhase


class NextDuty:
    """Follows a run, and knows what is overdue or comes due next."""

    def __init__(self) -> None:
        self._state = RunState("")

    def note(self, record: Record) -> None:
        """One more record of the run."""
        self._state = evolve(self._state, record)

    def text(self, boot: int) -> tuple[str, bool] | None:
        """The duty that presses most, and whether it is overdue; None where nothing is owed.

        boot: now, in nanoseconds since boot.
        """
        state = self._state
        if state.phase is not RunPhase.RUNNING:
            return None
        open_ = [(d.due(state), d) for d in duties(state) if d.owed_at(max(d.due(state), boot))]
        if not open_:
            return None
        due, duty = min(open_, key=lambda pair: pair[0])
        left = round((due - boot) / NANOSECONDS)
        minutes, seconds = divmod(abs(left), 60)
        clock = f"{minutes}:{seconds:02d}"
        who = duty.to.replace("_", " ")
        if left < 0:
            return f"OVERDUE {clock} {duty.title} ({who})", True
        return f"in {clock} {duty.title} ({who})", False
