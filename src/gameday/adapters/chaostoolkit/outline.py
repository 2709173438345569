"""What an experiment would do, step by step, for a plan: read from the file, calling nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gameday.adapters.chaostoolkit.declared import declared_source
from gameday.adapters.chaostoolkit.source import fill


@dataclass(frozen=True, slots=True)
class Step:
    """One activity: what it is and what it calls.

    pause_before, pause_after: seconds that Chaos Toolkit waits. tolerance: of a probe, as the
    file has it, None where there is none.
    """

    type: str
    name: str
    calls: str
    tolerance: Any = None
    pause_before: float = 0.0
    pause_after: float = 0.0
    background: bool = False


@dataclass(frozen=True, slots=True)
class Outline:
    """An experiment's parts in the order in which they are played.

    faults: types of the faults that gameday captures, undoes and proves by itself.
    """

    title: str
    description: str
    hypothesis: tuple[Step, ...]
    method: tuple[Step, ...]
    rollbacks: tuple[Step, ...]
    faults: tuple[str, ...]

    @property
    def irreversible(self) -> bool:
        """Whether it does something and names nothing that takes it back."""
        acts = any(step.type == "action" for step in self.method)
        return acts and not self.rollbacks and not self.faults


def outline(path: str, text: str, environ: Mapping[str, str]) -> Outline:
    """The outline of an experiment. Raises ValueError when the file is none."""
    declared = declared_source(path, text, environ)
    source = replace(declared, experiment=fill(declared.experiment, declared.configuration))
    hypothesis = source.experiment.get("steady-state-hypothesis") or {}
    return Outline(
        title=str(source.experiment["title"]),
        description=" ".join(str(source.experiment["description"]).split()),
        hypothesis=tuple(_step(source.named(p)) for p in hypothesis.get("probes") or []),
        method=tuple(map(_step, source.method)),
        rollbacks=tuple(map(_step, source.rollbacks)),
        faults=tuple(kind for kind, _ in source.faults),
    )


def _step(activity: Mapping[str, Any]) -> Step:
    pauses = activity.get("pauses") or {}
    return Step(
        type=str(activity["type"]),
        name=str(activity["name"]),
        calls=_calls(activity["provider"]),
        tolerance=activity.get("tolerance"),
        pause_before=_seconds(pauses.get("before")),
        pause_after=_seconds(pauses.get("after")),
        background=bool(activity.get("background")),
    )


def _calls(provider: Mapping[str, Any]) -> str:
    if provider["type"] == "python":
        return f"{provider['module']}.{provider['func']}"
    if provider["type"] == "http":
        return f"{provider.get('method', 'GET')} {provider['url']}"
    return str(provider["path"])


def _seconds(pause: Any) -> float:
    """A pause may also be a variable, which is not known yet."""
    try:
        return float(pause or 0)
    except (TypeError, ValueError):
        return 0.0
