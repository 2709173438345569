"""What people have said so far, as duties, rules, reports and drafts ask for it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Any, Generic, TypeVar

from gameday.core.instant import Instant, seconds_between
from gameday.core.log import events as e
from gameday.core.log.events import Record
from gameday.core.run.presence import felt
from gameday.core.run.state import RunState
from gameday.core.words import Audience, Milestone, Role, Severity

Kind = TypeVar("Kind", bound=e.ResponderFact, covariant=True)
Asked = TypeVar("Asked", bound=e.ResponderFact)
Other = TypeVar("Other", bound=e.ResponderFact)
OUTSIDE = (Audience.STATUS_PAGE, Audience.CUSTOMERS)


@dataclass(frozen=True)
class Word(Generic[Kind]):
    """One entry that counts: nobody annulled it."""

    entry: str
    at: Instant
    fact: Kind


@dataclass(frozen=True)
class Account:
    """A run's state, asked about its people. Entries are in the order of when they happened, also
    where a reboot lies between them.

    records: with them notes and deeds are entries too; a state alone does not keep those.
    """

    state: RunState
    records: Sequence[Record] = ()

    @cached_property
    def said(self) -> tuple[Word[e.ResponderFact], ...]:
        """Every entry that counts; late ones stand where they belong."""
        zero = self.state.started_at or self.state.scheduled_at
        words = [word for word in self._all if word.entry not in self.state.annulled]
        return tuple(sorted(words, key=lambda word: seconds_between(zero or word.at, word.at)))

    @property
    def _all(self) -> Iterator[Word[e.ResponderFact]]:
        if not self.records:
            yield from (Word(h.entry, h.at, h.fact) for h in self.state.heard)
        for record in self.records:
            if isinstance(record.event, e.ResponderFact):
                yield Word(record.id, record.at, record.event)

    def all(self, kind: type[Asked]) -> list[Word[Asked]]:
        """Entries of a kind."""
        return self._of(kind)

    def either(self, kind: type[Asked], other: type[Other]) -> list[Word[Asked | Other]]:
        """Entries of either kind."""
        return self._of(kind, other)

    def _of(self, *kinds: type[e.ResponderFact]) -> list[Word[Any]]:
        found = [
            placed
            for kind, words in self._by_kind.items()
            if issubclass(kind, kinds)
            for placed in words
        ]
        return [word for _, word in sorted(found, key=itemgetter(0))]

    @cached_property
    def _by_kind(self) -> dict[type, list[tuple[int, Word[e.ResponderFact]]]]:
        """What was said, with its place in that, by its very kind: most that is asked is about few
        entries among many."""
        found: dict[type, list[tuple[int, Word[e.ResponderFact]]]] = {}
        for place, word in enumerate(self.said):
            found.setdefault(type(word.fact), []).append((place, word))
        return found

    def first(self, kind: type[Asked]) -> Word[Asked] | None:
        """The earliest entry of a kind."""
        return next(iter(self.all(kind)), None)

    def last(self, kind: type[Asked]) -> Word[Asked] | None:
        """The newest entry of a kind."""
        return next(reversed(self.all(kind)), None)

    @cached_property
    def declared(self) -> Word[e.Declared] | None:
        """The declaration."""
        return self.first(e.Declared)

    @cached_property
    def hurt(self) -> Instant | None:
        """When users were first hurt by a fault."""
        impacts = felt(self.state)
        return impacts[0].start if impacts else None

    @cached_property
    def resolved(self) -> Word[e.ResolutionClaimed] | None:
        """The earliest word that it is resolved which the probes did not refute: what is said after
        it is another matter. Of a false one the incident goes on."""
        refuted = {claim.entry for claim in self.state.claims if claim.verdict is False}
        said = self.all(e.ResolutionClaimed)
        return next((word for word in said if word.entry not in refuted), None)

    @cached_property
    def severities(self) -> tuple[Period, ...]:
        """What the incident was called from its declaration on, and from when to when."""
        if self.declared is None:
            return ()
        said = [
            (word.fact.severity, word.at)
            for word in self.either(e.Declared, e.SeverityChanged)
            if word.at.boot >= self.declared.at.boot
        ]
        ends = [at for _, at in said[1:]]
        return tuple(
            Period(severity, at, until)
            for (severity, at), until in zip(said, [*ends, None], strict=True)
        )

    @cached_property
    def severity(self) -> Severity | None:
        """As declared last; before a declaration, as the scenario has it."""
        called = self.either(e.Declared, e.SeverityChanged)
        if called:
            return called[-1].fact.severity
        return self.state.scenario.severity if self.state.scenario else None

    def tenures(self, role: Role) -> Iterator[Tenure]:
        """Everybody who held a role, from when to when; those who came with it first."""
        scenario = self.state.scenario
        start = self.state.started_at or self.state.scheduled_at
        held = [
            Tenure(person.name, start, None, None)
            for person in (scenario.participants if scenario else [])
            if person.role is role and start is not None
        ]
        for word in self.role_changes(role):
            if any(h.holder == word.fact.holder and h.until is None for h in held):
                continue  # said once more: nothing changes hands
            held = [h if h.until else Tenure(h.holder, h.since, word.at, h.entry) for h in held]
            held.append(Tenure(word.fact.holder, word.at, None, word.entry))
        yield from held

    def role_changes(self, role: Role) -> list[Word[e.RoleAssigned | e.RoleHandedOver]]:
        """Everybody who got a role in the run, in order."""
        changes = self.either(e.RoleAssigned, e.RoleHandedOver)
        return [word for word in changes if word.fact.role is role]

    def called_in(self, to: str) -> list[Word[e.Escalated]]:
        """Every time somebody was called in, however that was written: "VP Engineering" is
        vp_engineering, whom the notices call "vp engineering"."""
        return [w for w in self.all(e.Escalated) if _contact(w.fact.to) == _contact(to)]

    def holders(self, role: Role, at: Instant) -> set[str]:
        """Who held it then."""
        return {
            t.holder
            for t in self.tenures(role)
            if t.since.boot <= at.boot and (t.until is None or at.boot < t.until.boot)
        }

    @cached_property
    def checked(self) -> frozenset[str]:
        """Items of checklists that are done."""
        return frozenset(word.fact.item for word in self.all(e.ItemChecked))

    @property
    def verified_mitigation(self) -> Instant | None:
        """From when on it was mitigated, as the probes saw it."""
        return self.state.mitigated_at

    @property
    def verified_resolution(self) -> bool:
        """The probes bore a claim of resolution out."""
        return any(
            claim.verdict and claim.milestone is Milestone.RESOLVED
            for claim in self.state.claims
            if claim.entry not in self.state.annulled
        )


def _contact(name: str) -> str:
    return "_".join(re.findall(r"[^\W_]+", name.lower()))


@dataclass(frozen=True)
class Tenure:
    """Somebody held a role. until: None while it lasts. entry: how they got it, None: they came
    with it."""

    holder: str
    since: Instant
    until: Instant | None
    entry: str | None


@dataclass(frozen=True)
class Period:
    """The incident was called that. until: None while it is."""

    severity: Severity
    since: Instant
    until: Instant | None
