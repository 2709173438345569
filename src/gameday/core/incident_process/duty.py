"""What a duty is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gameday.core.incident_process.account import Word
from gameday.core.instant import Instant
from gameday.core.log import events as e
from gameday.core.run.exercise_clock import exercise_after
from gameday.core.run.state import RunState


@dataclass(frozen=True, slots=True)
class Duty:
    """Somebody owes something.

    id: with a number where it comes again. to: a role, or a contact outside of the team.
    since, within: when its clock started, and seconds of the exercise it gives.
    done: the entry that did it, and when. ends: when nobody owes it any more, None: never.
    """

    id: str
    rule: str
    title: str
    to: str
    since: Instant
    within: float
    done: Word[e.ResponderFact] | None = None
    ends: Instant | None = None

    def due(self, state: RunState) -> int:
        """Boot time at which it falls due."""
        return exercise_after(state, self.since, self.within)

    def owed_at(self, boot: int) -> bool:
        """Nobody has done it by then, and it still has to be."""
        over = self.ends is not None and self.ends.boot <= boot
        return not over and (self.done is None or self.done.at.boot > boot)


def earliest(words: Iterable[Word[e.ResponderFact]]) -> Word[e.ResponderFact] | None:
    """The first of them to be said; None where there is none."""
    return min(words, key=lambda word: word.at.boot, default=None)


def sooner(*instants: Instant | None) -> Instant | None:
    """The earliest of those that are known."""
    known = [at for at in instants if at is not None]
    return min(known, key=lambda at: at.boot, default=None)
