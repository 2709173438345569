"""Tables of the incident process: a team's own where its directory has them, else the packaged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gameday.core.errors import InvalidFile, Problem

if TYPE_CHECKING:
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


def severity_table(directory: Path) -> SeverityTable:
    """How severity is decided: a team's own table, else the packaged one. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.severity import SeverityTable

    return load_table("severity", SeverityTable, directory)


def mitigation_matrix(directory: Path) -> Matrix:
    """Which mitigation comes first, and what forbids it. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.mitigation import Matrix

    return load_table("mitigation", Matrix, directory)


def decision_trees(directory: Path) -> Trees:
    """The questions that lead from a symptom to what can be done. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.trees import Trees

    return load_table("trees", Trees, directory)


def checklists(directory: Path) -> Checklists:
    """The checklists, forms and scripts. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.checklists import Checklists

    return load_table("checklists", Checklists, directory)


def followup_table(directory: Path) -> FollowUpTable:
    """What is owed after an incident, and by when. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.followups import FollowUpTable

    return load_table("followups", FollowUpTable, directory)


def rule_table(directory: Path) -> RuleTable:
    """What drills are held against. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.incident_process.rules import KnownRules
    from gameday.core.process_tables.rule_table import RuleTable

    load_table("rules", KnownRules, directory)
    return load_table("rules", RuleTable, directory)


def phase_table(directory: Path) -> PhaseTable:
    """The phases of an incident and their windows. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.phases import PhaseTable

    return load_table("phases", PhaseTable, directory)


def debrief_questions(directory: Path) -> list[Item]:
    """What is asked after each drill: the list ``debrief``, where there is one. Raises
    InvalidFile."""
    lists = checklists(directory).lists
    return next((each.items for each in lists if each.id == "debrief"), [])


def policy_table(directory: Path) -> Policy:
    """Who owes what, and by when. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import load_table
    from gameday.core.process_tables.policy import Policy

    return load_table("policy", Policy, directory)


def table_problems(directory: Path) -> list[Problem]:
    """Every mistake in a team's own tables; none where it has none."""
    loads: tuple[Callable[[Path], object], ...] = (
        *(severity_table, mitigation_matrix, decision_trees, checklists, followup_table),
        *(policy_table, rule_table, phase_table),
    )
    problems: list[Problem] = []
    for load in loads if directory.is_dir() else ():
        try:
            load(directory)
        except InvalidFile as wrong:
            problems += wrong.problems
    return problems


def process_of(directory: Path, scenario: Scenario) -> Process | None:
    """The whole process that a game day is held against; None for none. Raises InvalidFile."""
    from gameday.adapters.incident_process.tables import joined, overridden_table

    if scenario.process is False:
        return None
    return joined(
        directory,
        policy=overridden_table(policy_table(directory), scenario.process),
        severity=severity_table(directory),
        mitigation=mitigation_matrix(directory),
        rules=rule_table(directory),
        phases=phase_table(directory),
        followups=followup_table(directory),
        debrief=debrief_questions(directory),
        pace=scenario.pace,
    )


def process_values(directory: Path, scenario: Scenario) -> Mapping[str, Any]:
    """The same as the log keeps it; empty for none."""
    process = process_of(directory, scenario)
    return process.model_dump(mode="json", by_alias=True) if process else {}
