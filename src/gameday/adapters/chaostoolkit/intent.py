"""What an experiment is about to touch, and how to undo it, found without touching anything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from gameday.adapters.chaostoolkit import plugins
from gameday.adapters.chaostoolkit.redact import Redactor
from gameday.adapters.chaostoolkit.source import (
    Source,
    UnfitExperiment,
    fill,
    fill_secrets,
    hidden_configuration,
    storable_configuration,
    storable_secrets,
)
from gameday.engine.faults import ResolvingFault

UNKNOWN_CALL = 5.0
"""Seconds during which a call of an activity that states no time-out may still land."""


def intent(source: Source, redactor: Redactor, log: str) -> dict[str, Any]:
    """Title, targets and undo steps: rollbacks first, as the file has them, then faults.

    Raises UnfitExperiment or FaultFailure when it must not be run.
    """
    for section, listed in (("method", source.method), ("rollbacks", source.rollbacks)):
        for activity in listed:
            why = _unplayable(activity, source)
            if why:
                raise UnfitExperiment(f"{section}: {activity.get('name')!r} cannot be run: {why}")
    common = {"log": log, "call_timeout": _in_flight(source)}
    targets: list[str] = []
    faults = list(_fault_steps(source, redactor, targets, common))
    if not faults:
        actions = [item["name"] for item in source.method if item["type"] == "action"]
        targets = [f"chaostoolkit/{name}" for name in actions]
    return {
        "title": redactor.text(str(fill(source.experiment["title"], source.configuration))),
        "targets": list(dict.fromkeys(targets)),
        "undo": [*_rollback_steps(source, redactor, common), *faults],
    }


def _rollback_steps(
    source: Source, redactor: Redactor, common: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    secrets = storable_secrets(source.experiment.get("secrets") or {}, source.path, "secrets")
    for activity in source.rollbacks:
        yield {
            "label": activity["name"],
            "kind": "rollback",
            "target": f"chaostoolkit/{activity['name']}",
            "spec": {
                "activity": dict(activity),
                "configuration": storable_configuration(source, redactor),
                "secrets": secrets,
                "controls": list(source.experiment.get("controls") or []),
                **common,
            },
        }


def _fault_steps(
    source: Source, redactor: Redactor, targets: list[str], common: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    for (name, arguments), (_, stored) in zip(
        source.faults, source.storable_faults(redactor), strict=True
    ):
        plugin = plugins.fault(name)
        real = fill_secrets(arguments, source.secrets)
        prior = dict(plugin.capture(real))
        description = plugin.describe(real)
        if isinstance(plugin, ResolvingFault):
            description = plugin.resolve(real, prior)
        # a target may be named by what holds a secret
        found = [redactor.text(target) for target in description.targets]
        targets.extend(found)
        spec = {"type": name, "arguments": stored, "prior": prior}
        yield {
            "label": f"{name} on {', '.join(found)}",
            "kind": "fault",
            "target": found[0],
            "spec": {**spec, **_to_be_filled(stored, source, redactor), **common},
        }


def _to_be_filled(
    arguments: Mapping[str, Any], source: Source, redactor: Redactor
) -> dict[str, Any]:
    """What an undo needs to fill in the references that have stayed in the arguments."""
    text = str(arguments)
    if "${" not in text:
        return {}
    hidden = hidden_configuration(source, redactor)
    return {
        "secrets": storable_secrets(source.experiment.get("secrets") or {}, source.path, "secrets"),
        "configuration": {n: value for n, value in hidden.items() if f"${{{n}}}" in text},
    }


def _in_flight(source: Source) -> float:
    """Seconds after which a call of the method that was cut off can no longer land."""
    known = [plugins.fault(name).call_timeout for name, _ in source.faults]
    for activity in source.method:
        stated = fill(activity["provider"].get("timeout"), source.configuration)
        parts = stated if isinstance(stated, list) else [stated]
        if parts and all(isinstance(part, (int, float)) for part in parts):
            known.append(float(sum(parts)))
        elif not source.faults:
            known.append(UNKNOWN_CALL)
    return max(known, default=0.0)


def _unplayable(activity: Mapping[str, Any], source: Source) -> str:
    """Why the provider could not even be called; Chaos Toolkit finds out in mid-run only."""
    provider = activity["provider"]
    if provider["type"] == "python":
        return _missing_function(provider["module"], provider["func"])
    if provider["type"] == "process":
        path = str(Path(provider["path"]).expanduser())
        return "" if shutil.which(path) else f"there is no program {path!r}"
    url = str(fill_secrets(fill(provider["url"], source.configuration), source.secrets))
    if not url.startswith(("http://", "https://")):
        return f"{provider['url']!r} is not an http:// or https:// address"
    return ""


def _missing_function(module: str, func: str) -> str:
    try:
        found = import_module(module)
    except ImportError as error:
        return str(error)
    return "" if callable(getattr(found, func, None)) else f"{module} has no function {func!r}"
