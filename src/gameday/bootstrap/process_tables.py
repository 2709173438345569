"""Tables of the incident process: a team's own where its directory has them, else the packaged.

A directory that was named and is not there is a mistake (InvalidFile) wherever a table is read:
were the packaged tables taken instead, nobody would notice.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gameday.core.errors import InvalidFile, Problem

if TYPE_CHECKING:
    from gameday.core.log.known_ids import KnownIds
    from gameday.core.process_tables.blame_table import BlameTable
    from gameday.core.process_tables.checklists import Checklists, Item
    from gameday.core.process_tables.followups import FollowUpTable
    from gameday.core.process_tables.mitigation import Matrix
    from gameday.core.process_tables.phases import PhaseTable
    from gameday.core.process_tables.policy import Policy
    from gameday.core.process_tables.process import Process
    from gameday.core.process_tables.rule_table import RuleTable
    from gameday.core.process_tables.severity import SeverityTable
    from gameday.core.process_tables.trees import Trees
    from gameday.core.scenario.scenario import Scenario


def severity_table(directory: Path | None) -> SeverityTable:
    """How severity is decided: a team's own table, else the packaged one. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.severity import SeverityTable

    return load_table("severity", SeverityTable, directory)


def mitigation_matrix(directory: Path | None) -> Matrix:
    """Which mitigation comes first, and what forbids it. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.mitigation import Matrix

    return load_table("mitigation", Matrix, directory)


def decision_trees(directory: Path | None) -> Trees:
    """The questions that lead from a symptom to what can be done. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.trees import Trees

    return load_table("trees", Trees, directory)


def checklists(directory: Path | None) -> Checklists:
    """The checklists, forms and scripts. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.checklists import Checklists

    return load_table("checklists", Checklists, directory)


def followup_table(directory: Path | None) -> FollowUpTable:
    """What is owed after an incident, and by when. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.followups import FollowUpTable

    return load_table("followups", FollowUpTable, directory)


def rule_table(directory: Path | None) -> RuleTable:
    """What drills are held against. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.incident_process.known_rules import KnownRules
    from gameday.core.process_tables.rule_table import RuleTable

    load_table("rules", KnownRules, directory)
    return load_table("rules", RuleTable, directory)


def phase_table(directory: Path | None) -> PhaseTable:
    """The phases of an incident and their windows. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.phases import PhaseTable

    return load_table("phases", PhaseTable, directory)


def debrief_questions(directory: Path | None) -> list[Item]:
    """What is asked after each drill: the list ``debrief``, where there is one. Raises
    InvalidFile."""
    lists = checklists(directory).lists
    return next((each.items for each in lists if each.id == "debrief"), [])


def triage_questions(directory: Path | None) -> list[str]:
    """Ids of what triage has to answer: the list ``triage``, where there is one. Raises
    InvalidFile."""
    lists = checklists(directory).lists
    return next(([item.id for item in each.items] for each in lists if each.id == "triage"), [])


def blame_table(directory: Path | None) -> BlameTable:
    """Words that blame a person. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.blame_table import BlameTable

    return load_table("blame", BlameTable, directory)


def policy_table(directory: Path | None) -> Policy:
    """Who owes what, and by when. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.policy import Policy

    return load_table("policy", Policy, directory)


def ids_of_team(directory: Path | None) -> KnownIds:
    """What words can name, whatever is run here. Raises InvalidFile."""
    from gameday.core.log.known_ids import KnownIds

    return KnownIds(
        options=tuple(option.id for option in mitigation_matrix(directory).options),
        questions=tuple(item.id for item in debrief_questions(directory)),
        items=tuple(duty.id for duty in followup_table(directory).duties),
        rules=tuple(rule.id for rule in rule_table(directory).rules),
        any_scenario=True,
    )


def check_directory(directory: Path | None) -> None:
    """Raises InvalidFile where a directory was named that is not there, or holds what stands for
    nothing: for commands that read tables late, and should have started nothing by then."""
    from gameday.adapters.incident_process.tables import place_of, strangers

    place_of("policy", directory)
    if unknown := strangers(directory):
        raise InvalidFile(unknown)


def table_problems(directory: Path | None) -> list[Problem]:
    """Every mistake in a team's own tables; none where it has none."""
    if directory is None:
        return []
    loads: tuple[Callable[[Path | None], object], ...] = (
        *(severity_table, mitigation_matrix, decision_trees, checklists, followup_table),
        *(policy_table, rule_table, phase_table, blame_table),
    )
    problems = [problem for load in loads for problem in _problems(load, directory)]
    problems = problems or _problems(_joined, directory)  # how they fit is asked of good ones
    return list(dict.fromkeys(problems))


def _problems(load: Callable[[Path | None], object], directory: Path) -> list[Problem]:
    try:
        load(directory)
    except InvalidFile as wrong:
        return list(wrong.problems)
    return []


def _joined(directory: Path | None, scenario: Scenario | None = None) -> Process:
    """All tables as one, with what a game day changes of them. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import joined, overridden_table

    changes = scenario.process if scenario is not None and scenario.process else {}
    return joined(
        directory,
        policy=overridden_table(policy_table(directory), changes),
        severity=severity_table(directory),
        mitigation=mitigation_matrix(directory),
        rules=rule_table(directory),
        phases=phase_table(directory),
        followups=followup_table(directory),
        debrief=debrief_questions(directory),
        blame=blame_table(directory),
        triage=triage_questions(directory),
        pace=scenario.pace if scenario is not None else 1.0,
    )


def process_of(directory: Path | None, scenario: Scenario) -> Process | None:
    """The whole process that a game day is held against; None for none. Raises InvalidFile."""
    return None if scenario.process is False else _joined(directory, scenario)


def process_values(directory: Path | None, scenario: Scenario) -> Mapping[str, Any]:
    """The same as the log keeps it; empty for none."""
    process = process_of(directory, scenario)
    return _values(process) if process else {}


def held_against(directory: Path | None, scenario: Scenario) -> tuple[Scenario, Mapping[str, Any]]:
    """A game day with the process's own clean times where it says none, and that process as the log
    keeps it (empty for none). Raises InvalidFile."""
    process = process_of(directory, scenario)
    return (process.timed(scenario), _values(process)) if process else (scenario, {})


def _values(process: Process) -> Mapping[str, Any]:
    return process.model_dump(mode="json", by_alias=True)
