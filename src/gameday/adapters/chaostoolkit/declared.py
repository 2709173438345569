"""What an experiment says it touches, for a plan: read from the file, calling nobody."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gameday.adapters.chaostoolkit import plugins
from gameday.adapters.chaostoolkit.files import parse, structure_problems
from gameday.adapters.chaostoolkit.source import Source, fill
from gameday.engine.faults import ResolvingFault


def declared_targets(path: str, text: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Names of targets, or of the method's actions where no fault is declared.

    Raises ValueError when the file is not an experiment.
    """
    source = declared_source(path, text, environ)
    targets = [
        target
        for name, arguments in source.faults
        for target in plugins.fault(name).describe(arguments).targets
    ]
    actions = [f"chaostoolkit/{a['name']}" for a in source.method if a["type"] == "action"]
    return tuple(dict.fromkeys(targets or actions))


def resolved_targets(path: str, text: str, environ: Mapping[str, str]) -> tuple[str, ...]:
    """The same by exact names, where the arguments only select: those targets are asked, and
    nothing is changed. Raises FaultFailure when the fault would be refused now, ValueError like
    :func:`declared_targets`."""
    found: list[str] = []
    for name, arguments in declared_source(path, text, environ).faults:
        plugin = plugins.fault(name)
        description = plugin.describe(arguments)
        if isinstance(plugin, ResolvingFault):
            description = plugin.resolve(arguments, plugin.capture(arguments))
        found.extend(description.targets)
    return tuple(dict.fromkeys(found)) or declared_targets(path, text, environ)


def declared_source(path: str, text: str, environ: Mapping[str, str]) -> Source:
    """The file with its configuration as far as that can be known without asking anyone.

    Raises ValueError when the file is not an experiment.
    """
    experiment = parse(path, text)
    if structure_problems(experiment):
        raise ValueError(f"{path} has mistakes; `gameday validate {path}` names them")
    return Source(path, experiment, _configuration(experiment, environ), {})


def _configuration(experiment: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """Values as far as they can be known without asking anyone."""
    known: dict[str, Any] = {}
    for name, value in (experiment.get("configuration") or {}).items():
        if not isinstance(value, Mapping):
            known[name] = value
        elif value.get("type") == "env":
            known[name] = _from_environment(value, environ)
    return known


def _from_environment(value: Mapping[str, Any], environ: Mapping[str, str]) -> Any:
    from chaoslib import convert_to_type

    found = fill(environ.get(str(value.get("key")), value.get("default")), {})
    try:
        return convert_to_type(value.get("env_var_type"), found)
    except (TypeError, ValueError):  # said by whoever uses it
        return found
