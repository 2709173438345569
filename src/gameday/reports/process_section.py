"""The incident process in a report: rules kept and broken, who held which role, what was said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gameday.core.incident_process.account import Account, Tenure, Word
from gameday.core.incident_process.phase_times import PhaseTime, phases_of
from gameday.core.incident_process.rules import RuleOutcome
from gameday.core.log import events as e
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.words import Role, RuleVerdict
from gameday.reports.wording import limit, words


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody held a role."""

    role: Role
    tenure: Tenure


@dataclass(frozen=True, slots=True)
class ProcessSection:
    """pace: what every time of the process was multiplied by. phases: none in older logs."""

    pace: float
    phases: tuple[PhaseTime, ...]
    broken: tuple[RuleOutcome, ...]
    kept: tuple[RuleOutcome, ...]
    not_asked: tuple[RuleOutcome, ...]
    roles: tuple[Held, ...]
    messages: tuple[Word[e.Communicated], ...]


def process_section(card: Scorecard) -> ProcessSection | None:
    """The run's process; None where it was held against none."""
    process = card.state.process
    if process is None:
        return None
    account = Account(card.state)
    return ProcessSection(
        pace=process.pace,
        phases=phases_of(card.state, card.records, card.ended, card.rules),
        broken=_of(card, RuleVerdict.BROKEN),
        kept=_of(card, RuleVerdict.KEPT),
        not_asked=_of(card, RuleVerdict.NOT_ASKED),
        roles=tuple(_roles(account)),
        messages=tuple(account.all(e.Communicated)),
    )


def paced(section: ProcessSection) -> str:
    """What the pace means, in words."""
    if section.pace == 1:
        return "The times of the process ran as they are written."
    hour = section.pace * 60
    stood = f"{hour:g} minutes" if hour >= 1 else f"{hour * 60:g} seconds"
    return (
        f"Every time of the process was multiplied by {section.pace:g}: {stood} stood for an hour."
    )


def window(time: PhaseTime) -> str:
    """A phase's window, in a cell."""
    if time.window is not None:
        return limit(round(time.window, 1))
    return "its rules" if time.phase.rules else "its calendar"


def audience(word: Word[e.Communicated]) -> str:
    """Whom a message was for, and what the status page showed from then on."""
    status = f" ({word.fact.status})" if word.fact.status else ""
    return f"{words(word.fact.audience)}{status}"


def _of(card: Scorecard, verdict: RuleVerdict) -> tuple[RuleOutcome, ...]:
    return tuple(outcome for outcome in card.rules if outcome.verdict is verdict)


def _roles(account: Account) -> Iterator[Held]:
    for role in Role:
        for tenure in account.tenures(role):
            yield Held(role, tenure)
