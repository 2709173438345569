"""A responder script from YAML: every mistake placed, variables replaced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from gameday.adapters.placed_yaml.reading import Document, read_document
from gameday.adapters.placed_yaml.tree import Node, dotted
from gameday.adapters.scenario_yaml.messages import model_problems, nearest
from gameday.adapters.scenario_yaml.variables import replaced
from gameday.core.errors import InvalidFile, Problem
from gameday.core.scenario.responder_script import ResponderScript
from gameday.core.scenario.scenario import Variable


def load_responders(path: Path, environ: Mapping[str, str]) -> ResponderScript:
    """The script with its ``configuration`` filled in and the acts of the one it extends. Raises
    InvalidFile with all mistakes."""
    document = read_document(path)
    if document.root is None:
        raise InvalidFile(document.problems)
    script = _script(document, document.root, environ)
    if script.extends is None:
        return script
    base = load_responders(path.parent / script.extends, environ)
    known = [act.id for act in base.acts if act.id is not None]
    problems = [
        Problem(
            document.file,
            *document.root.at(("without", number)).place,
            dotted(("without", number)),
            f"no act of {script.extends} has the id {name!r}{nearest(name, known)}",
        )
        for number, name in enumerate(script.without)
        if name not in known
    ]
    if problems:
        raise InvalidFile(problems)
    return script.extended(base)


def _script(document: Document, root: Node, environ: Mapping[str, str]) -> ResponderScript:
    try:
        script = ResponderScript.model_validate(root.value)
    except ValidationError as failed:
        mistakes = model_problems(ResponderScript, document.file, root, failed)
        raise InvalidFile([*document.problems, *mistakes]) from None
    values: dict[str, Any] = {}
    problems = [*document.problems]
    for name, given in script.configuration.items():
        if not isinstance(given, Variable):
            values[name] = given
            continue
        value = environ.get(given.key, given.default)
        if value is None:
            place = root.at(("configuration", name)).place
            where = dotted(("configuration", name))
            message = f"the environment variable {given.key} is not set"
            problems.append(Problem(document.file, *place, where, message))
        values[name] = value
    problems += _extends_problems(document, root, script)
    if problems:
        raise InvalidFile(problems)
    return ResponderScript.model_validate(_filled(root.value, values))


def _extends_problems(document: Document, root: Node, script: ResponderScript) -> Iterator[Problem]:
    """A script that is not there, or that extends another one itself: one step is enough."""
    if script.extends is None:
        return
    place, base = root.at(("extends",)).place, Path(document.file).parent / script.extends
    if not base.is_file():
        yield Problem(document.file, *place, "extends", f"there is no file {base}")
        return
    other = read_document(base).root
    if other is not None and other.child("extends") is not None:
        message = f"{script.extends} extends another script itself; extend that one"
        yield Problem(document.file, *place, "extends", message)


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
