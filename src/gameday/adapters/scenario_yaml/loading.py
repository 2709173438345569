"""A game day file into a Scenario, or every mistake in it at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as FilePath

from pydantic import ValidationError

from gameday.adapters.placed_yaml.reading import read_document
from gameday.adapters.placed_yaml.tree import Node, dotted
from gameday.adapters.scenario_yaml.checks import probe_problems, promise_problems
from gameday.adapters.scenario_yaml.experiments import (
    ExperimentProblems,
    experiment_file_problems,
)
from gameday.adapters.scenario_yaml.messages import model_problems
from gameday.adapters.scenario_yaml.policy import policy_problems
from gameday.adapters.scenario_yaml.variables import variable_problems
from gameday.core.errors import InvalidFile, Problem
from gameday.core.scenario.scenario import Scenario, cross_references


def load_scenario(
    path: FilePath, *, experiment_problems: ExperimentProblems | None = None
) -> Scenario:
    """The scenario a file describes, its ``${variables}`` not yet replaced.

    experiment_problems: looks into each experiment file that the timeline names.
    Raises InvalidFile with all mistakes.
    """
    scenario, problems = _checked(path, experiment_problems)
    if problems or scenario is None:
        raise InvalidFile(problems)
    return scenario


def check_scenario(
    path: FilePath, *, experiment_problems: ExperimentProblems | None = None
) -> list[Problem]:
    """All mistakes of a file in order of place; empty when :func:`load_scenario` takes it."""
    return _checked(path, experiment_problems)[1]


def _checked(
    path: FilePath, inside: ExperimentProblems | None
) -> tuple[Scenario | None, list[Problem]]:
    document = read_document(path)
    if document.root is None:
        return None, sorted(document.problems)
    file, root = document.file, document.root
    scenario, problems = _validated(file, root)
    problems += document.problems
    problems += variable_problems(file, root)
    problems += probe_problems(file, root)
    problems += promise_problems(file, root)
    problems += policy_problems(file, root)
    problems += experiment_file_problems(path, root, inside)
    return scenario, sorted(set(problems))


def _validated(file: str, root: Node) -> tuple[Scenario | None, list[Problem]]:
    try:
        scenario = Scenario.model_validate(root.value)
    except ValidationError as failed:
        from gameday.adapters.scenario_yaml.repair import repaired  # late: most files have none

        problems = list(model_problems(Scenario, file, root, failed))
        partial = repaired(root.value, failed)
        if partial is not None:
            problems += _cross_problems(file, root, partial)
        return None, problems
    return scenario, list(_cross_problems(file, root, scenario))


def _cross_problems(file: str, root: Node, scenario: Scenario) -> Iterator[Problem]:
    for path, message in cross_references(scenario):
        yield Problem(file, *root.at(path).place, dotted(path), message)
