"""Duties that a declaration brings about, by the severity that the incident is called.

When the severity changes, what it asked for so far ends there, and what it asks for from then on
starts its clock; a duty that both severities give alike goes on as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby

from gameday.core.incident_process.account import OUTSIDE, Account, Period, Word
from gameday.core.incident_process.duty import Duty, earliest, sooner
from gameday.core.instant import Instant
from gameday.core.log import events as e
from gameday.core.process_tables.policy import EscalationStep, Policy
from gameday.core.process_tables.process import Process
from gameday.core.words import Audience, Role, Severity

PAGED = "declaration.page"
"""The checklist's line that says so of everybody at once."""

Gives = Callable[[Severity], float | None]
"""Seconds that a severity gives for something; None where it does not ask for it."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A time in which the severity gave the same. number: from 1, of those that asked for it."""

    number: int
    since: Instant
    until: Instant | None
    within: float


@dataclass(frozen=True)
class DeclaredDuties:
    """What a declaration brings about."""

    account: Account
    process: Process

    def all(self) -> Iterator[Duty]:
        """Every one of them."""
        yield from self._roles()
        yield from self._room()
        yield from self._messages()
        yield from self._paging()
        yield from self._escalation()

    @property
    def _policy(self) -> Policy:
        return self.process.policy

    @staticmethod
    def _asked(within: float, severities: Sequence[Severity]) -> Gives:
        return lambda severity: within if severity in severities else None

    def _stretches(self, gives: Gives) -> Iterator[_Stretch]:
        def given(period: Period) -> float | None:
            return gives(period.severity)

        number = count(1)
        for within, group in groupby(self.account.severities, given):
            periods = list(group)
            if within is not None:
                paced = self.process.paced(within)
                yield _Stretch(next(number), periods[0].since, periods[-1].until, paced)

    def _once(
        self,
        id: str,
        rule: str,
        title: str,
        to: str,
        gives: Gives,
        done: Word[e.ResponderFact] | None,
        ends: Instant | None = None,
    ) -> Iterator[Duty]:
        """A duty that is done once; each time it is asked for anew it has an id of its own."""
        for each in self._stretches(gives):
            own = id if each.number == 1 else f"{id}~{each.number}"
            until = sooner(each.until, ends)
            yield Duty(own, rule, title, to, each.since, each.within, done, until)

    def _roles(self) -> Iterator[Duty]:
        """Everyone the severity asks for, unless somebody came with the role."""
        roles = self._policy.roles
        for role in Role:
            if any(tenure.entry is None for tenure in self.account.tenures(role)):
                continue
            yield from self._once(
                f"role.{role}",
                "roles",
                f"have a {role.replace('_', ' ')}",
                Role.INCIDENT_COMMANDER,
                self._asked(
                    roles.within, [s for s in Severity if role in roles.required.get(s, [])]
                ),
                earliest(self.account.role_changes(role)),
            )

    def _room(self) -> Iterator[Duty]:
        """A room where everybody meets."""
        checked = self.account.all(e.ItemChecked)
        opened = earliest(word for word in checked if word.fact.item == "declaration.room")
        within = self._policy.communication.room_within.get
        yield from self._once(
            "room", "room", "open the room", Role.INCIDENT_COMMANDER, within, opened
        )

    def _messages(self) -> Iterator[Duty]:
        """The first post, and the cadence inside and outside."""
        talk, said = self._policy.communication, self.account.all(e.Communicated)
        page = [word for word in said if word.fact.audience in OUTSIDE]
        inside = [word for word in said if word.fact.audience is Audience.INTERNAL]
        post = earliest(word for word in said if word.fact.audience is Audience.STATUS_PAGE)
        title = "post on the status page"
        first = talk.first_status_post.get
        yield from self._once("status_post", "status_post", title, Role.COMMS_LEAD, first, post)
        yield from self._cadence(
            "internal_update", "update the team", inside, talk.internal_every.get
        )
        yield from self._cadence(
            "external_update", "update the status page", page, talk.external_every.get
        )
        yield from self._cadence(
            "silence", "say that somebody is at it", said, lambda _: talk.silence
        )

    def _cadence(
        self, rule: str, title: str, said: list[Word[e.Communicated]], every: Gives
    ) -> Iterator[Duty]:
        """One duty from each message to the next, until somebody says that it is resolved."""
        resolved = self.account.resolved.at if self.account.resolved else None
        number = count(1)
        for stretch in self._stretches(every):
            ends = sooner(stretch.until, resolved)
            later = [word for word in said if word.at.boot > stretch.since.boot]
            within = [w.at for w in later if ends is None or w.at.boot < ends.boot]
            for since in (stretch.since, *within):
                if ends is None or since.boot < ends.boot:
                    done = earliest(word for word in later if word.at.boot > since.boot)
                    id = f"{rule}.{next(number)}"
                    yield Duty(id, rule, title, Role.COMMS_LEAD, since, stretch.within, done, ends)

    def _paging(self) -> Iterator[Duty]:
        """Who is paged by the declaration, and by a severity that is raised."""
        for step in self._policy.escalation.paging:
            yield from self._once(
                f"page.{step.id}",
                "paging",
                step.title,
                step.to,
                self._asked(step.after, step.severities),
                earliest([*self.account.called_in(step.to), *self._ticked(step)]),
            )

    def _ticked(self, step: EscalationStep) -> Iterator[Word[e.ItemChecked]]:
        """Words that everybody whom the severity asks for is paged; those before a declaration are
        about the severity that it says."""
        called = self.account.severities
        for word in self.account.all(e.ItemChecked) if called else ():
            period = next((p for p in reversed(called) if p.since.boot <= word.at.boot), called[0])
            if word.fact.item == PAGED and period.severity in step.severities:
                yield word

    def _escalation(self) -> Iterator[Duty]:
        """Who is called in the longer it lasts; nobody any more once it is mitigated."""
        for step in self._policy.escalation.steps:
            yield from self._once(
                f"escalate.{step.id}",
                "escalation",
                step.title,
                step.to,
                self._asked(step.after, step.severities),
                earliest(self.account.called_in(step.to)),
                self.account.verified_mitigation if step.after else None,
            )
