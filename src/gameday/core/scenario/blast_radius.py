"""Limits on what a run may touch, checked against the targets as they resolve now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gameday.core.scenario.scenario import BlastRadius


def outside(limits: BlastRadius, already: Iterable[str], targets: Sequence[str]) -> str:
    """Why these targets may not be touched, or an empty string when they may.

    already: targets that other faults of the run hold.
    """
    if not targets:
        return "it matches no target at all"
    for target in targets:
        if not any(fnmatchcase(target, allowed) for allowed in limits.targets):
            allowed = ", ".join(limits.targets)
            return f"target {target} is outside the blast radius ({allowed})"
    together = {*already, *targets}
    if len(together) > limits.max_targets:
        names = ", ".join(sorted(together))
        return f"{len(together)} targets at once ({names}), at most {limits.max_targets} allowed"
    return ""
