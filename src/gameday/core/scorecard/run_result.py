"""What is kept of a run to be compared with others. Trends read thousands of these: they are small,
and this file needs no models of scenarios or processes, which take long to import."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from gameday.core.words import TimeVerdict

VERSION = 5
"""Of what a result says; one that was kept by another version is made anew."""


class TimeResult(NamedTuple):
    """A response time in seconds. span: from which milestone to which. observed: how long it was
    watched for, when it did not come. A tuple, because each run has some six."""

    name: str
    span: str
    seconds: float | None
    observed: float | None
    target: float
    verdict: TimeVerdict


class Likeness(NamedTuple):
    """Digests of what makes two runs the same exercise, beside their targets."""

    faults: str
    scenario: str

    def differences(self, other: Likeness) -> tuple[str, ...]:
        """What is another in the two, in words."""
        if self == other:  # nearly always
            return ()
        return tuple(
            word for word in ("faults", "scenario") if getattr(self, word) != getattr(other, word)
        )


@dataclass(frozen=True, slots=True)
class ItemResult:
    """An action item that somebody asked for in a run; empty where they left it open. due: ISO
    date."""

    title: str
    owner: str
    priority: str
    due: str


@dataclass(frozen=True, slots=True)
class FollowUpResult:
    """Something was done after an incident, or left out on purpose. at: wall time in seconds
    since the epoch. item: its id, or an action item's title."""

    item: str
    done: bool
    at: float


class RunResult(NamedTuple):
    """A game day that has ended.

    started: wall time in seconds since the epoch. families: types of the faults that went in.
    roles: those that the people who said or did something held. findings: what went wrong, in
    words that are the same each time. annulled: entries struck out afterwards. good: findings
    that could have been made and were not, because it was seen to go well. items, followups:
    what people asked for and did, without what was struck out. hints: how often the facilitator
    helped.
    """

    run_id: str
    started: float
    title: str
    team: str
    environment: str
    severity: str
    services: tuple[str, ...]
    families: tuple[str, ...]
    roles: tuple[str, ...]
    likeness: Likeness
    run: str
    system: str
    people: str
    attribution: str
    score: float | None
    times: tuple[TimeResult, ...]
    findings: tuple[str, ...]
    annulled: int
    good: tuple[str, ...] = ()
    items: tuple[ItemResult, ...] = ()
    followups: tuple[FollowUpResult, ...] = ()
    hints: int = 0

    @property
    def valid(self) -> bool:
        """Whether it says anything about people and system."""
        return self.run == "valid"
