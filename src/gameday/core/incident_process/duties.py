"""Duties: what somebody owes, from when on, and until when. One idea for every timer of the
process: cadence of messages, roles to be filled, people to be called in.

A duty is computed from what has been said, never recorded: the agenda asks for those that fall
due, the rules for those that were kept. Times run on the exercise's clock.
"""

from __future__ import annotations

from collections.abc import Iterator

from gameday.core.incident_process.account import Account, Word
from gameday.core.incident_process.criteria import obliged
from gameday.core.incident_process.declared_duties import DeclaredDuties
from gameday.core.incident_process.duty import Duty, earliest
from gameday.core.log import events as e
from gameday.core.process_tables.process import Process
from gameday.core.run.remembered import rests_on
from gameday.core.run.state import RunState
from gameday.core.words import Role


@rests_on(
    *("scenario", "process", "scheduled_at", "started_at", "faults", "impacts", "mitigated_at"),
    *("heard", "annulled", "claims"),
)
def duties(state: RunState) -> tuple[Duty, ...]:
    """Every duty of the run so far, done or not."""
    if state.process is None or state.scenario is None:
        return ()
    account, process = Account(state), state.process
    parts = (_answer(account, process), _declare(account, process), _special(account, process))
    found = [duty for part in parts for duty in part]
    found += DeclaredDuties(account, process).all()
    found += _command(account, process)
    return tuple(found)


def _answer(account: Account, process: Process) -> Iterator[Duty]:
    assert account.state.scenario is not None
    detected = account.first(e.Detected)
    called = account.severities
    severity = called[0].severity if called else account.state.scenario.severity
    within = process.policy.response_times.get(severity)
    if detected is None or within is None:
        return
    hurt = account.hurt or detected.at  # somebody may take the page before it is said who noticed
    from_ = min(hurt.boot, detected.at.boot)
    taken = [w for w in account.all(e.Acknowledged) if w.at.boot >= from_]
    yield Duty(
        id="answer",
        rule="response_time",
        title=f"answer the page of a {severity}",
        to=Role.RESPONDER,
        since=detected.at,
        within=process.paced(within),
        done=earliest(taken),
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
    return earliest(account.called_in(to))


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
            done=earliest(later),
            ends=tenure.until or (account.resolved.at if account.resolved else None),
        )
