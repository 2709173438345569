"""A store in memory whose disk may be full."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gameday.adapters.event_log.memory import MemoryEventLog
from gameday.core.errors import StoreFailure
from gameday.core.log.events import Draft, Record


class FullDisk(MemoryEventLog):
    """While ``full`` nothing is appended. ``ballast``: there is space to be freed."""

    full = False
    ballast = False

    def release_ballast(self) -> None:
        """Make room, if there is any to be made."""
        self.full = self.full and not self.ballast

    def transact(
        self, run_id: str, after: int, decide: Callable[[Sequence[Record]], Sequence[Draft]]
    ) -> Sequence[Record]:
        """Reading goes on, appending fails."""

        def within(records: Sequence[Record]) -> Sequence[Draft]:
            drafts = decide(records)
            if drafts and self.full:
                raise StoreFailure("the disk is full")
            return drafts

        return super().transact(run_id, after, within)
