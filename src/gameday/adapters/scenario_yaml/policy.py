"""What a game day changes of the incident process: mistakes in it, at their places."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pydantic import ValidationError

from gameday.adapters.placed_yaml.tree import Node
from gameday.adapters.scenario_yaml.messages import model_problems
from gameday.core.errors import Problem


def policy_problems(file: str, root: Node) -> Iterator[Problem]:
    """Every value under ``process`` that no policy has or takes."""
    changes = root.child("process")
    if changes is None or not isinstance(changes.value, dict):
        return
    # Imported here: only such files need the tables.
    from gameday.adapters.incident_process.tables import load_table, overridden_table
    from gameday.core.process_tables.policy import Policy

    try:
        overridden_table(load_table("policy", Policy), changes.value)
    except ValidationError as failed:
        for problem in model_problems(Policy, file, changes, failed):
            yield replace(problem, path=f"process.{problem.path}")
