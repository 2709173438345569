"""An experiment file in a worker: loaded, its variables and secrets resolved."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gameday.adapters.chaostoolkit.files import parse, structure_problems
from gameday.adapters.chaostoolkit.redact import Redactor

FILE_SECRET = "gameday.file"
"""Type of a reference to a secret, or to configuration that holds one, that is written in the
experiment file itself."""

_SECRET = re.compile(r"\$\{secrets\.([\w.-]+)\}")


class UnfitExperiment(Exception):
    """The file must not be run as it is; the text says why."""


@dataclass(frozen=True, slots=True)
class Source:
    """A loaded file: as written, and with configuration and secrets as they are now."""

    path: str
    experiment: Mapping[str, Any]
    configuration: Mapping[str, Any]
    secrets: Mapping[str, Any]

    @property
    def method(self) -> Sequence[Mapping[str, Any]]:
        """The method's activities, references resolved."""
        return [self.named(activity) for activity in self.experiment.get("method") or []]

    @property
    def rollbacks(self) -> Sequence[Mapping[str, Any]]:
        """The rollbacks, references resolved."""
        return [self.named(activity) for activity in self.experiment.get("rollbacks") or []]

    @property
    def faults(self) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Type and arguments of each fault declared under ``extensions``; configuration is
        filled in, references to secrets stay references."""
        return self._faults_with(self.configuration)

    def storable_faults(self, redactor: Redactor) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """The same for the log: references to configuration that holds a secret stay too."""
        shown = {
            name: value for name, value in self.configuration.items() if not redactor.hides(value)
        }
        return self._faults_with(shown)

    def _faults_with(
        self, configuration: Mapping[str, Any]
    ) -> Sequence[tuple[str, Mapping[str, Any]]]:
        return [
            (str(entry["type"]), fill(entry.get("arguments") or {}, configuration))
            for extension in self.experiment.get("extensions") or []
            if extension.get("name") == "gameday"
            for entry in extension.get("faults") or []
        ]

    def named(self, activity: Mapping[str, Any]) -> Mapping[str, Any]:
        """The activity itself, or the one its ``ref`` names."""
        reference = activity.get("ref")
        if reference is None:
            return activity
        named = (item for item in activities(self.experiment) if item.get("name") == reference)
        return next(named)  # the structural check has seen that there is one


def load(path: str, redactor: Redactor) -> Source:
    """Read the file and resolve it; raises UnfitExperiment. The redactor learns its secrets."""
    try:
        text = Path(path).read_text("utf-8")
    except OSError as error:
        raise UnfitExperiment(f"{path} cannot be read: {error.strerror}") from error
    try:
        experiment = parse(path, text)
    except ValueError as error:
        raise UnfitExperiment(f"{path}: {error}") from error
    problems = structure_problems(experiment)
    if problems:
        said = "; ".join(f"{'.'.join(map(str, where))}: {what}" for where, what in problems[:5])
        raise UnfitExperiment(f"{path}: {said}")
    configuration, secrets = resolve(experiment, redactor)
    return Source(path, experiment, configuration, secrets)


def resolve(
    experiment: Mapping[str, Any], redactor: Redactor
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Configuration and secrets as Chaos Toolkit finds them now; raises UnfitExperiment."""
    from chaoslib.configuration import load_configuration, load_dynamic_configuration
    from chaoslib.exceptions import ChaosException
    from chaoslib.secret import load_secrets

    declared = experiment.get("secrets") or {}
    redactor.learn(os.environ.get(key, "") for key in _environment_keys(declared))
    try:
        configuration = load_configuration(deepcopy(dict(experiment.get("configuration") or {})))
        secrets = load_secrets(deepcopy(dict(declared)), configuration)
        redactor.learn([secrets])
        configuration = load_dynamic_configuration(configuration, secrets)
    except (ChaosException, LookupError, TypeError, ValueError) as error:
        raise UnfitExperiment(f"configuration or secrets do not resolve: {error}") from error
    return configuration, secrets


def activities(experiment: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Every activity of the file: method, hypothesis, rollbacks."""
    yield from experiment.get("method") or []
    yield from (experiment.get("steady-state-hypothesis") or {}).get("probes") or []
    yield from experiment.get("rollbacks") or []


def fill(value: Any, variables: Mapping[str, Any]) -> Any:
    """``${name}`` replaced by Chaos Toolkit's rules; unknown names stay as they are."""
    from chaoslib import substitute

    return substitute(value, dict(variables), None)


def fill_secrets(value: Any, secrets: Mapping[str, Any]) -> Any:
    """``${name}`` and ``${secrets.name}`` replaced by the secrets' values."""
    flat: dict[str, Any] = {}
    for name, item in secrets.items():
        flat[name] = item
        if isinstance(item, Mapping):
            flat.update(item)
            flat.update({f"{name}.{key}": inner for key, inner in item.items()})
    return _dotted(fill(value, flat), flat)


def _dotted(value: Any, flat: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return _SECRET.sub(lambda match: str(flat.get(match[1], match[0])), value)
    if isinstance(value, Mapping):
        return {key: _dotted(item, flat) for key, item in value.items()}
    if isinstance(value, list):
        return [_dotted(item, flat) for item in value]
    return value


def storable_configuration(source: Source, redactor: Redactor) -> dict[str, Any]:
    """The resolved configuration; what holds a secret stays as the file has it, or becomes a
    reference to it there. :func:`open_configuration` takes it from here."""
    hidden = hidden_configuration(source, redactor)
    return {name: hidden.get(name, value) for name, value in source.configuration.items()}


def hidden_configuration(source: Source, redactor: Redactor) -> dict[str, Any]:
    """Of :func:`storable_configuration` what holds a secret."""
    raw = source.experiment.get("configuration") or {}
    return {
        name: _file_reference(source.path, "configuration", name)
        if redactor.hides(raw.get(name))
        else raw.get(name)
        for name, value in source.configuration.items()
        if redactor.hides(value)
    }


def open_configuration(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Configuration as Chaos Toolkit wants it, from :func:`storable_configuration`."""
    return {name: _open_setting(value) for name, value in stored.items()}


def _open_setting(value: Any) -> Any:
    if isinstance(value, Mapping) and value.get("type") == FILE_SECRET:
        return _open_secret(value)
    return value


def storable_secrets(declared: Mapping[str, Any], path: str, *at: str) -> dict[str, Any]:
    """References only: a value written in the file becomes a reference to that place."""
    return {name: _storable_secret(value, path, (*at, name)) for name, value in declared.items()}


def _storable_secret(value: Any, path: str, at: tuple[str, ...]) -> Any:
    if isinstance(value, Mapping):
        if value.get("type") in ("env", "vault"):
            return dict(value)
        return storable_secrets(value, path, *at)
    return _file_reference(path, *at)


def _file_reference(path: str, *at: str) -> dict[str, Any]:
    return {"type": FILE_SECRET, "path": str(Path(path).resolve()), "at": list(at)}


def open_secrets(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Secrets as Chaos Toolkit wants them, from :func:`storable_secrets`."""
    return {name: _open_secret(value) for name, value in stored.items()}


def _open_secret(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    if value.get("type") != FILE_SECRET:
        return value if value.get("type") in ("env", "vault") else open_secrets(value)
    try:
        found: Any = parse(value["path"], Path(value["path"]).read_text("utf-8"))
        for name in value["at"]:
            found = found[name]
    except (OSError, LookupError, TypeError, ValueError) as error:
        where = ".".join(value["at"])
        raise UnfitExperiment(f"{where} is not in {value['path']} any more") from error
    return found


def _environment_keys(declared: Any) -> Iterator[str]:
    if isinstance(declared, Mapping):
        if declared.get("type") == "env":
            yield str(declared.get("key", ""))
        else:
            for value in declared.values():
                yield from _environment_keys(value)
