"""What can be checked off in a run: the lines of lists, and what duties and rules look for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gameday.bootstrap.process_tables import checklists, policy_table

ROOM = "declaration.room"
"""What the duty to open a room looks for, whatever the lists are."""


def items_of_run(directory: Path | None, process: Mapping[str, Any]) -> tuple[str, ...]:
    """For a run that is held against this process; none where it is held against none. Raises
    InvalidFile."""
    if not process:
        return ()
    asked = process["policy"]["verification"]["checklist"]
    return tuple(dict.fromkeys((*checklists(directory).items, *asked, ROOM)))


def items_of_team(directory: Path | None) -> tuple[str, ...]:
    """For whatever is run here. Raises InvalidFile."""
    return items_of_run(directory, {"policy": policy_table(directory).model_dump(mode="json")})
