"""How an experiment was played, step by step, from Chaos Toolkit's journal."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gameday.adapters.chaostoolkit.verdict import activity_problem


@dataclass(frozen=True, slots=True)
class PlayedStep:
    """One activity of the method. problem: why it did not do what it says, else empty.

    seconds: how long it took, pauses left out; None when it did not finish.
    """

    type: str
    name: str
    seconds: float | None
    problem: str


@dataclass(frozen=True, slots=True)
class Played:
    """before, after: whether the steady state held, None where nobody looked."""

    before: bool | None = None
    after: bool | None = None
    method: tuple[PlayedStep, ...] = ()


def played(journal: Path) -> Played:
    """What the journal tells; nothing when there is none, as when a worker was killed."""
    try:
        told = json.loads(journal.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return Played()
    states = told.get("steady_states") or {}
    return Played(
        before=_met(states.get("before")),
        after=_met(states.get("after")),
        method=tuple(_step(run) for run in told.get("run") or []),
    )


def _met(state: Mapping[str, Any] | None) -> bool | None:
    found = (state or {}).get("steady_state_met")
    return None if found is None else bool(found)


def _step(run: Mapping[str, Any]) -> PlayedStep:
    activity = run["activity"]
    return PlayedStep(
        type=str(activity.get("type")),
        name=str(activity.get("name")),
        seconds=run.get("duration"),
        problem=activity_problem(run),
    )
