"""The lists of a runbook and of a drill, as far as a run and its scenario know them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from gameday.core.drafts.run import Asked
from gameday.core.drafts.words import said, several_said
from gameday.core.duration import format_duration
from gameday.core.log import events as e
from gameday.core.scenario.probes import Range, Regex
from gameday.core.scenario.scenario import Scenario


@dataclass(frozen=True, slots=True)
class RunbookFacts:
    """What a run teaches for the next time; no list is ever empty.

    triggers: what told people, and which readings mean trouble. steps: deeds that were carried
    out, in order. verify: readings that show that users are well again. troubleshooting: what
    was suspected and what its test said. contacts: who held which role, who was called in.
    """

    triggers: tuple[str, ...]
    prerequisites: tuple[str, ...]
    steps: tuple[str, ...]
    verify: tuple[str, ...]
    rollback: tuple[str, ...]
    troubleshooting: tuple[str, ...]
    contacts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DrillFacts:
    """The scenario as a plan to be announced; no list is ever empty.

    injects: ``+30s: what happens``. targets: ``detect within 5m``. duration: as ``20m``.
    """

    duration: str
    objectives: tuple[str, ...]
    setup: tuple[str, ...]
    injects: tuple[str, ...]
    targets: tuple[str, ...]
    criteria: tuple[str, ...]
    debrief: tuple[str, ...]
    participants: tuple[str, ...]


def runbook_facts(run: Asked) -> RunbookFacts:
    """What the run teaches."""
    scenario = run.card.scenario
    window = format_duration(scenario.verification.mitigated)
    return RunbookFacts(
        triggers=several_said(_triggers(run), "which alert or reading leads here"),
        prerequisites=several_said(
            [f"access to {scenario.environment}", "a word to the incident commander before acting"],
            "access and tools",
        ),
        steps=several_said(
            (
                entry.fact.text or entry.fact.detail
                for entry in run.account.all(e.ActionTaken)
                if entry.fact.ok
            ),
            "the steps, each with its command and what it should print",
        ),
        verify=several_said(
            (f"{reading} for {window}" for reading in _well(scenario)), "what shows that it worked"
        ),
        rollback=several_said((), "how to take the steps back, or why that cannot be done"),
        troubleshooting=several_said(_suspected(run), "what to look at when a step fails"),
        contacts=several_said(_contacts(run), "who knows more, and how to reach them"),
    )


def drill_facts(scenario: Scenario) -> DrillFacts:
    """The plan."""
    return DrillFacts(
        duration=format_duration(scenario.duration),
        objectives=several_said(scenario.objectives, "what the drill is for"),
        setup=several_said(scenario.setup, "what must stand before the drill begins"),
        injects=several_said(
            (f"+{format_duration(i.at)}: {i.title}" for i in scenario.timeline), "what happens when"
        ),
        targets=several_said(
            (
                f"{name} within {format_duration(target.within)}"
                for name, target in scenario.all_targets.items()
            ),
            "by when what should have happened",
        ),
        criteria=several_said(scenario.success_criteria, "how you will know that it went well"),
        debrief=several_said(scenario.debrief, "what to ask afterwards"),
        participants=several_said(
            (f"{person.name} ({_plain(person.role)})" for person in scenario.participants),
            "who takes part, in which role",
        ),
    )


def _triggers(run: Asked) -> Iterator[str]:
    for entry in run.account.all(e.Detected):
        yield f"{entry.fact.source}: {said(entry.fact.text, 'what it said')}"
    scenario = run.card.scenario
    for name in scenario.steady_state.probes:
        probe = scenario.probes[name]
        yield f"{name} is not {_wanted(probe.tolerance)}, {probe.fail_after} readings in a row"


def _well(scenario: Scenario) -> Iterator[str]:
    for name in scenario.steady_state.probes:
        yield f"{name} is {_wanted(scenario.probes[name].tolerance)}"


def _wanted(tolerance: Any) -> str:
    if isinstance(tolerance, Range):
        return f"from {tolerance.range[0]:g} to {tolerance.range[1]:g}"
    if isinstance(tolerance, Regex):
        return f"text that matches {tolerance.pattern!r}"
    if isinstance(tolerance, list):
        return " or ".join(map(str, tolerance))
    return str(tolerance)


def _suspected(run: Asked) -> Iterator[str]:
    for entry in run.account.all(e.HypothesisStated):
        verdict = run.now.verdicts.get(entry.entry)
        test = f"; test: {entry.fact.test}" if entry.fact.test else ""
        yield f"{entry.fact.text} ({verdict or 'not settled'}){test}"


def _contacts(run: Asked) -> Iterator[str]:
    yield f"owner: {run.card.scenario.owner}"
    for role, holder in sorted(run.now.holders.items()):
        yield f"{_plain(role)}: {holder}"
    for entry in run.account.all(e.Escalated):
        ticket = f" [{entry.fact.ticket}]" if entry.fact.ticket else ""
        yield f"was called in: {_plain(entry.fact.to)}{ticket}"


def _plain(word: str) -> str:
    return str(word).replace("_", " ")
