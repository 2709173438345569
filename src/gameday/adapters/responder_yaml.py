"""A responder script from YAML: every mistake placed, variables replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gameday.adapters.placed_yaml.reading import read_document
from gameday.adapters.placed_yaml.tree import dotted
from gameday.adapters.scenario_yaml.messages import model_problems
from gameday.adapters.scenario_yaml.variables import replaced
from gameday.core.errors import InvalidFile, Problem
from gameday.core.responder_script import ResponderScript
from gameday.core.scenario import Variable


def load_responders(path: Path, environ: Mapping[str, str]) -> ResponderScript:
    """The script with its ``configuration`` filled in. Raises InvalidFile with all mistakes."""
    document = read_document(path)
    if document.root is None:
        raise InvalidFile(document.problems)
    try:
        script = ResponderScript.model_validate(document.root.value)
    except ValidationError as failed:
        mistakes = model_problems(ResponderScript, document.file, document.root, failed)
        raise InvalidFile([*document.problems, *mistakes]) from None
    values: dict[str, Any] = {}
    problems = [*document.problems]
    for name, given in script.configuration.items():
        if not isinstance(given, Variable):
            values[name] = given
            continue
        value = environ.get(given.key, given.default)
        if value is None:
            place = document.root.at(("configuration", name)).place
            where = dotted(("configuration", name))
            message = f"the environment variable {given.key} is not set"
            problems.append(Problem(document.file, *place, where, message))
        values[name] = value
    if problems:
        raise InvalidFile(problems)
    return ResponderScript.model_validate(_filled(document.root.value, values))


def _filled(value: Any, known: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        return replaced(value, known)
    if isinstance(value, Mapping):
        return dict(_filled_items(value, known))
    if isinstance(value, list):
        return [_filled(item, known) for item in value]
    return value


def _filled_items(value: Mapping[str, Any], known: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for key, item in value.items():
        yield key, _filled(item, known)
