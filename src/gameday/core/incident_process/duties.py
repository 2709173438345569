"""Duties: what somebody owes, from when on, and until when. One idea for every timer of the
process: cadence of messages, roles to be filled, people to be called in.

A duty is computed from what has been said, never stored: the agenda asks for those that fall due,
the rules for those that were kept. Times run on the exercise's clock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from gameday.core import events as e
from gameday.core.exercise_clock import exercise_after
from gameday.core.incident_process.account import OUTSIDE, Account, Word
from gameday.core.incident_process.criteria import obliged
from gameday.core.incident_process.policy import Policy
from gameday.core.incident_process.process import Process
from gameday.core.instant import Instant
from gameday.core.state import RunState
from gameday.core.words import Audience, Role, Severity


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


def duties(state: RunState) -> tuple[Duty, ...]:
    """Every duty of the run so far, done or not."""
    if state.process is None or state.scenario is None:
        return ()
    account, process = Account(state), state.process
    parts = (_answer(account, process), _declare(account, process), _special(account, process))
    found = [duty for part in parts for duty in part]
    if account.declared is not None and account.severity is not None:
        owed = _Declared(account, process, account.declared, account.severity)
        for part in (owed.roles(), owed.room(), owed.messages(), owed.escalation()):
            found += part
    found += _command(account, process)
    return tuple(found)


def _first(words: Iterable[Word[e.ResponderFact]]) -> Word[e.ResponderFact] | None:
    return min(words, key=lambda word: word.at.boot, default=None)


def _answer(account: Account, process: Process) -> Iterator[Duty]:
    detected = account.first(e.Detected)
    within = process.policy.response_times.get(account.severity) if account.severity else None
    if detected is None or within is None:
        return
    hurt = account.hurt or detected.at  # somebody may take the page before it is said who noticed
    from_ = min(hurt.boot, detected.at.boot)
    taken = [w for w in account.all(e.Acknowledged) if w.at.boot >= from_]
    yield Duty(
        id="answer",
        rule="response_time",
        title=f"answer the page of a {account.severity}",
        to=Role.RESPONDER,
        since=detected.at,
        within=process.paced(within),
        done=_first(taken),
    )


def _declare(account: Account, process: Process) -> Iterator[Duty]:
    since = obliged(account.state, process)
    if since is None:
        return
    yield Duty(
        id="declare",
        rule="declaration",
        title=f"declare the incident: {since.because}",
        to=Role.INCIDENT_COMMANDER,
        since=since.at,
        within=process.paced(process.policy.declaration.within),
        done=account.declared,
    )


def _special(account: Account, process: Process) -> Iterator[Duty]:
    scenario = account.state.scenario
    if account.hurt is None or scenario is None:
        return
    since = account.declared.at if account.declared else account.hurt
    for case in process.policy.escalation.special:
        if case.holds(scenario.impact):
            yield Duty(
                id=f"escalate.{case.id}",
                rule="special_cases",
                title=case.title,
                to=case.to,
                since=since,
                within=process.paced(process.policy.escalation.within),
                done=_called(account, case.to),
            )


def _called(account: Account, to: str) -> Word[e.ResponderFact] | None:
    return _first(account.called_in(to))


def _command(account: Account, process: Process) -> Iterator[Duty]:
    """A commander gets tired: after so long somebody else is briefed and takes over."""
    after = process.paced(process.policy.roles.hand_over_after)
    role = Role.INCIDENT_COMMANDER
    given = [w for w in account.all(e.RoleHandedOver) if w.fact.role is role]
    declared = account.declared
    if declared is None:
        return  # nobody is worn out by what is none yet
    for number, tenure in enumerate(account.tenures(role), start=1):
        others = [w for w in given if w.fact.holder != tenure.holder]
        later = [w for w in others if w.at.boot > tenure.since.boot]
        yield Duty(
            id=f"hand_over.{number}",
            rule="hand_over",
            title=f"hand {tenure.holder}'s command over, with a brief",
            to=role,
            since=max(tenure.since, declared.at, key=lambda at: at.boot),
            within=after,
            done=_first(later),
            ends=tenure.until or (account.resolved.at if account.resolved else None),
        )


@dataclass(frozen=True)
class _Declared:
    """What a declaration brings about."""

    account: Account
    process: Process
    declared: Word[e.Declared]
    severity: Severity

    @property
    def _policy(self) -> Policy:
        return self.process.policy

    def _duty(
        self,
        id: str,
        rule: str,
        title: str,
        to: str,
        within: float,
        done: Word[e.ResponderFact] | None,
        ends: Instant | None = None,
    ) -> Duty:
        return Duty(id, rule, title, to, self.declared.at, self.process.paced(within), done, ends)

    def roles(self) -> Iterator[Duty]:
        """Everyone the severity asks for."""
        within = self._policy.roles.within
        for role in self._policy.roles.required.get(self.severity, []):
            if any(tenure.entry is None for tenure in self.account.tenures(role)):
                continue  # somebody came with it
            yield self._duty(
                f"role.{role}",
                "roles",
                f"have a {role.replace('_', ' ')}",
                Role.INCIDENT_COMMANDER,
                within,
                _first(self.account.role_changes(role)),
            )

    def room(self) -> Iterator[Duty]:
        """A room where everybody meets."""
        within = self._policy.communication.room_within.get(self.severity)
        if within is not None:
            opened = (
                w for w in self.account.all(e.ItemChecked) if w.fact.item == "declaration.room"
            )
            yield self._duty(
                "room", "room", "open the room", Role.INCIDENT_COMMANDER, within, _first(opened)
            )

    def messages(self) -> Iterator[Duty]:
        """The first post, and the cadence inside and outside."""
        talk = self._policy.communication
        page = [w for w in self.account.all(e.Communicated) if w.fact.audience in OUTSIDE]
        first = talk.first_status_post.get(self.severity)
        if first is not None:
            yield self._duty(
                "status_post",
                "status_post",
                "post on the status page",
                Role.COMMS_LEAD,
                first,
                _first(page),
            )
        inside = [
            w for w in self.account.all(e.Communicated) if w.fact.audience is Audience.INTERNAL
        ]
        every = talk.internal_every.get(self.severity)
        yield from self._cadence("internal_update", "update the team", inside, every)
        every = talk.external_every.get(self.severity)
        yield from self._cadence("external_update", "update the status page", page, every)
        anything = self.account.all(e.Communicated)
        yield from self._cadence("silence", "say that somebody is at it", anything, talk.silence)

    def _cadence(
        self, rule: str, title: str, said: list[Word[e.Communicated]], every: float | None
    ) -> Iterator[Duty]:
        """One duty from each message to the next, until somebody says that it is resolved."""
        if every is None:
            return
        ends = self.account.resolved.at if self.account.resolved else None
        later = [word for word in said if word.at.boot > self.declared.at.boot]
        starts = [self.declared.at, *(word.at for word in later)]
        for number, since in enumerate(starts, start=1):
            if ends is None or since.boot < ends.boot:
                done = later[number - 1] if number <= len(later) else None
                yield Duty(
                    f"{rule}.{number}",
                    rule,
                    title,
                    Role.COMMS_LEAD,
                    since,
                    self.process.paced(every),
                    done,
                    ends,
                )

    def escalation(self) -> Iterator[Duty]:
        """Who is called in the longer it lasts; nobody any more once it is mitigated."""
        for step in self._policy.escalation.steps:
            if self.severity in step.severities:
                yield self._duty(
                    f"escalate.{step.id}",
                    "escalation",
                    step.title,
                    step.to,
                    step.after,
                    _called(self.account, step.to),
                    self.account.verified_mitigation if step.after else None,
                )
