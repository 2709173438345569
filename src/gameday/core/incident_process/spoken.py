"""What people have said in a run and nobody struck out, in the order of when it happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

from gameday.core import events as e
from gameday.core.instant import Instant
from gameday.core.scorecard import Scorecard
from gameday.core.words import Audience, HypothesisVerdict, Role, StatusPhase

Fact = TypeVar("Fact", bound=e.ResponderFact, covariant=True)
Asked = TypeVar("Asked", bound=e.ResponderFact)


@dataclass(frozen=True, slots=True)
class Entry(Generic[Fact]):
    """An entry of the log that counts."""

    id: str
    at: Instant
    fact: Fact


@dataclass(frozen=True)
class Spoken:
    """A run's entries by people, as texts about the run ask for them."""

    card: Scorecard

    @cached_property
    def entries(self) -> tuple[Entry[e.ResponderFact], ...]:
        """All that nobody annulled; late ones stand where they belong."""
        found = [
            (self.card.offset(record.at), record.seq, Entry(record.id, record.at, record.event))
            for record in self.card.records
            if isinstance(record.event, e.ResponderFact)
            and record.id not in self.card.state.annulled
        ]
        return tuple(entry for *_, entry in sorted(found, key=lambda one: one[:2]))

    def all(self, kind: type[Asked]) -> list[Entry[Asked]]:
        """The entries of a kind."""
        return [
            Entry(entry.id, entry.at, entry.fact)
            for entry in self.entries
            if isinstance(entry.fact, kind)
        ]

    def last(self, kind: type[Asked]) -> Entry[Asked] | None:
        """The newest entry of a kind."""
        return next(reversed(self.all(kind)), None)

    @cached_property
    def holders(self) -> Mapping[Role, str]:
        """Who holds each role now: whoever got it last, else who came with it."""
        came = reversed(self.card.scenario.participants)  # of several, the first
        held = {person.role: person.name for person in came}
        for entry in self.entries:
            if isinstance(entry.fact, (e.RoleAssigned, e.RoleHandedOver)):
                held[entry.fact.role] = entry.fact.holder
        return held

    @cached_property
    def verdicts(self) -> Mapping[str, HypothesisVerdict]:
        """What the tests said, by the hypothesis's entry; the last word counts."""
        judged: dict[str, HypothesisVerdict] = {}
        newest = ""
        for entry in self.entries:
            if isinstance(entry.fact, e.HypothesisStated):
                newest = entry.id
            elif isinstance(entry.fact, e.HypothesisJudged):
                judged[entry.fact.entry or newest] = entry.fact.verdict
        return judged

    @cached_property
    def hypothesis(self) -> Entry[e.HypothesisStated] | None:
        """The newest that was confirmed, else the newest that was not refuted."""
        stated = self.all(e.HypothesisStated)
        for wanted in (HypothesisVerdict.CONFIRMED, None):
            for entry in reversed(stated):
                if self.verdicts.get(entry.id) is wanted:
                    return entry
        return None

    @cached_property
    def approved(self) -> Entry[e.MitigationProposed] | None:
        """The proposal that was approved last."""
        approval = self.last(e.MitigationApproved)
        if approval is None:
            return None
        proposals = self.all(e.MitigationProposed)
        if approval.fact.entry:
            named = [entry for entry in proposals if entry.id == approval.fact.entry]
            return named[-1] if named else None
        before = [p for p in proposals if self.card.offset(p.at) <= self.card.offset(approval.at)]
        return before[-1] if before else None

    def told(self, audience: Audience) -> list[Entry[e.Communicated]]:
        """The messages that went to an audience."""
        return [one for one in self.all(e.Communicated) if one.fact.audience is audience]

    @cached_property
    def status(self) -> StatusPhase | None:
        """What the status page was last said to show."""
        said = [entry.fact.status for entry in self.all(e.Communicated) if entry.fact.status]
        return said[-1] if said else None
