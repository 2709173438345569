"""What the rules are held against: a run that has ended, or as far as it has come."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from gameday.core.incident_process.account import Account, Word
from gameday.core.instant import NANOSECONDS, Instant
from gameday.core.log import events as e
from gameday.core.log.events import Record
from gameday.core.process_tables.mitigation import Advice, recommend
from gameday.core.process_tables.policy import Policy
from gameday.core.process_tables.process import Process
from gameday.core.run.state import Impact, RunState
from gameday.core.scenario.scenario import Scenario
from gameday.core.words import Role


@dataclass(frozen=True, slots=True)
class Seen:
    """Something in a run that speaks for a rule, or against it. A rule that has seen nothing had no
    occasion."""

    good: bool
    what: str
    events: tuple[str, ...] = ()


def _texts(fact: e.ResponderFact) -> tuple[str, ...]:
    match fact:
        case e.HypothesisStated():
            return (fact.text, fact.evidence, fact.test)
        case e.Triaged():
            return (fact.text, *fact.answers.values())
    return (fact.text,)


@dataclass(frozen=True)
class Drill:
    """A run's log and what follows from it."""

    state: RunState
    process: Process
    scenario: Scenario
    records: Sequence[Record]
    ended: Instant

    @property
    def policy(self) -> Policy:
        """The thresholds; times are yet to be paced."""
        return self.process.policy

    @cached_property
    def account(self) -> Account:
        """What people said."""
        return Account(self.state, self.records)

    @cached_property
    def deeds(self) -> list[Word[e.ActionTaken]]:
        """What people really did to the system, in order."""
        return [word for word in self.account.all(e.ActionTaken) if word.fact.ok]

    @cached_property
    def texts(self) -> list[tuple[Word[e.ResponderFact], str]]:
        """Everything that was said in words, each text with its entry."""
        return [
            (word, text)
            for word in self.account.said
            if word.fact.by != "gameday" and not isinstance(word.fact, e.EntryAnnulled)
            for text in _texts(word.fact)
            if text
        ]

    @cached_property
    def people(self) -> list[str]:
        """Everybody who took part, by name."""
        held = {tenure.holder for role in Role for tenure in self.account.tenures(role)}
        return sorted(held | {word.fact.by for word in self.account.said} - {"gameday"})

    @cached_property
    def missed(self) -> dict[str, str]:
        """Duties that were told as missed, and the entries that say so."""
        events = ((record.event, record.id) for record in self.records)
        return {event.duty: entry for event, entry in events if isinstance(event, e.DutyMissed)}

    @cached_property
    def advice(self) -> Advice:
        """Which mitigation fitted what was true."""
        return recommend(self.scenario.situation, self.process.mitigation)

    def hurt_at(self, at: Instant) -> Impact | None:
        """The impact that was going on then."""
        for impact in self.state.impacts:
            ends = impact.ended_by if impact.end else self.ended.boot
            if impact.start.boot <= at.boot <= ends:
                return impact
        return None

    def clean_for(self, at: Instant) -> float | None:
        """Seconds for which users had been well by then; None while they were hurt. Before any
        impact there is nothing to be clean of: infinite."""
        if any(
            i.start.boot <= at.boot and (i.end is None or i.end.boot > at.boot)
            for i in self.state.impacts
        ):
            return None
        ends = [i.end.boot for i in self.state.impacts if i.end and i.end.boot <= at.boot]
        return (at.boot - max(ends)) / NANOSECONDS if ends else float("inf")

    def approvals(self) -> Iterator[tuple[Word[e.MitigationApproved], Word[e.MitigationProposed]]]:
        """Each approval with what it approved: the entry it names, else the newest before it."""
        proposals = self.account.all(e.MitigationProposed)
        for approval in self.account.all(e.MitigationApproved):
            earlier = [p for p in proposals if p.at.boot <= approval.at.boot]
            named = [p for p in proposals if p.entry == approval.fact.entry]
            meant = named if approval.fact.entry else earlier[-1:]
            if meant:
                yield approval, meant[0]

    def approved(self, at: Instant) -> bool:
        """A commander had approved something by then."""
        return any(
            approval.at.boot <= at.boot
            and approval.fact.by in self.account.holders(Role.INCIDENT_COMMANDER, approval.at)
            for approval, _ in self.approvals()
        )
