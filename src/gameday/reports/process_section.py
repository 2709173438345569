"""The incident process in a report: rules kept and broken, who held which role, what was said."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from gameday.core.incident_process.account import Account, Tenure, Word
from gameday.core.incident_process.phase_times import PhaseTime, phases_of
from gameday.core.incident_process.rules import RuleOutcome
from gameday.core.log import events as e
from gameday.core.process_tables.process import CLEAN_TIMES, Process
from gameday.core.scenario.scenario import Verification
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.words import Role, RuleVerdict
from gameday.reports.wording import limit, words


@dataclass(frozen=True, slots=True)
class Held:
    """Somebody held a role."""

    role: Role
    tenure: Tenure


CLEAN = {
    "mitigated": "for mitigated",
    "resolved": "for resolved",
    "stable": "before anybody may call it resolved",
    "quiet": "before it is closed",
}
"""Clean times, and what each is for."""

_MILLISECOND = 0.001


class SaidBy(StrEnum):
    """Who says how long: the process, paced, or the game day, as it is written."""

    PROCESS = "process"
    GAME_DAY = "game_day"


@dataclass(frozen=True, slots=True)
class CleanTime:
    """How long users had to be well before something counts.

    id: mitigated and resolved, as the probes bear them out; stable, before anybody may call it
    resolved; quiet, before anybody may close it.
    """

    id: str
    seconds: float
    origin: SaidBy


@dataclass(frozen=True, slots=True)
class ProcessSection:
    """pace: what every time of the process was multiplied by. phases: none in older logs."""

    pace: float
    clean: tuple[CleanTime, ...]
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
        clean=tuple(_clean_times(process, card.scenario.verification)),
        phases=phases_of(card.state, card.records, card.ended, card.rules),
        broken=_of(card, RuleVerdict.BROKEN),
        kept=_of(card, RuleVerdict.KEPT),
        not_asked=_of(card, RuleVerdict.NOT_ASKED),
        roles=tuple(_roles(account)),
        messages=tuple(account.all(e.Communicated)),
    )


def paced(section: ProcessSection) -> str:
    """What the pace means, in words, and which clean times came of it."""
    return f"{_pace(section)} {_clean(section)}"


def _clean_times(process: Process, windows: Verification) -> Iterator[CleanTime]:
    ours = process.policy.verification
    for name in CLEAN_TIMES:
        held, given = getattr(windows, name), process.paced(getattr(ours, name))
        own = abs(held - given) > _MILLISECOND  # as exactly as a log keeps it
        yield CleanTime(name, held, SaidBy.GAME_DAY if own else SaidBy.PROCESS)
    for name in (name for name in CLEAN if name not in CLEAN_TIMES):
        yield CleanTime(name, process.paced(getattr(ours, name)), SaidBy.PROCESS)


def _clean(section: ProcessSection) -> str:
    told = (
        f"{limit(round(time.seconds, 3))} {CLEAN[time.id]}"
        f"{' (as the game day has it)' if time.origin is SaidBy.GAME_DAY else ''}"
        for time in section.clean
    )
    return f"Time without impact: {', '.join(told)}."


def _pace(section: ProcessSection) -> str:
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
