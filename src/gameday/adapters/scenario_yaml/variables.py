"""``${name}`` in a scenario's strings: which are used, which are defined, and what they mean.

``${secrets.name}`` is left for the place where the secret is used. ``$${`` is a plain ``${``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path as FilePath
from typing import Any

from pydantic import BaseModel

from gameday.adapters.placed_yaml.reading import read_document
from gameday.adapters.placed_yaml.scalars import plain_value
from gameday.adapters.placed_yaml.tree import Node, Path, Place, dotted
from gameday.adapters.scenario_yaml.messages import nearest
from gameday.core.errors import InvalidFile, Problem
from gameday.core.scenario.scenario import Scenario, Variable

_REFERENCE = re.compile(r"\$(\$?)\{([^{}]*)\}")
_SECRET = "secrets."
_DEFINING = ("configuration", "secrets")
_ANY_VALUE = frozenset({"tolerance", "arguments", "json_body", "port"})
"""Fields in which a reference that stands alone keeps the type of the value it names."""

Value = str | int | float | bool


def variable_problems(file: str, root: Node) -> Iterator[Problem]:
    """References to variables and secrets that nobody defines."""
    variables, secrets = _names(root, "configuration"), _names(root, "secrets")
    for path, node in _strings(root, ()):
        if "${" in _REFERENCE.sub("", node.value):
            message = "a ${ is never closed; for a plain ${ write $${"
            yield Problem(file, *node.place, dotted(path), message)
        for name in _references(node.value):
            message = _undefined(name, variables, secrets)
            if path[0] == "configuration" and not name.startswith(_SECRET):
                message = f"${{{name}}} has no meaning here: values cannot name one another"
            if message and path[0] != "secrets":
                yield Problem(file, *node.place, dotted(path), message)


def resolve(scenario: Scenario, environ: Mapping[str, str], source: str) -> Scenario:
    """The scenario with ``${name}`` replaced in every string, and its variables by their values.

    source: the file, for messages. Raises InvalidFile naming every variable without a value.
    """
    values = {name: _value(given, environ) for name, given in scenario.configuration.items()}
    missing = [name for name, value in values.items() if value is None]
    if missing:
        raise InvalidFile(list(_missing(scenario, missing, source)))
    known = {name: value for name, value in values.items() if value is not None}
    changed = {
        name: _substituted(getattr(scenario, name), known, name)
        for name in Scenario.model_fields
        if name not in _DEFINING
    }
    return scenario.model_copy(update={**changed, "configuration": known})


def literals(root: Node) -> dict[str, Value]:
    """What the file itself says of its variables: literal values and defaults."""
    known: dict[str, Value] = {}
    configuration = root.value.get("configuration")
    for name, given in (configuration if isinstance(configuration, dict) else {}).items():
        value = given.get("default") if isinstance(given, dict) else given
        if isinstance(value, (str, int, float, bool)):
            known[name] = value
    return known


def replaced(text: str, values: Mapping[str, Value]) -> str:
    """The text with each known ``${name}`` replaced."""

    def value(match: re.Match[str]) -> str:
        escaped, name = match[1], match[2].strip()
        if name.startswith(_SECRET):
            return match[0]
        if escaped:
            return match[0][1:]
        return _spelled(values[name]) if name in values else match[0]

    return _REFERENCE.sub(value, text)


def _value(given: Value | Variable, environ: Mapping[str, str]) -> Value | None:
    return environ.get(given.key, given.default) if isinstance(given, Variable) else given


def _missing(scenario: Scenario, names: list[str], source: str) -> Iterator[Problem]:
    root = read_document(FilePath(source)).root
    for name in names:
        variable = scenario.configuration[name]
        assert isinstance(variable, Variable)  # a literal always has a value
        path: Path = ("configuration", name)
        place = root.at(path).place if root else Place(1, 1)
        message = (
            f"the environment variable {variable.key} is not set; "
            f"set it (export {variable.key}=…) or give {name} a default"
        )
        yield Problem(source, *place, dotted(path), message)


def _substituted(value: Any, known: Mapping[str, Value], field: str) -> Any:
    if isinstance(value, str):
        return _in_text(value, known, field)
    if isinstance(value, BaseModel):
        fields = type(value).model_fields
        return value.model_copy(
            update={
                name: _substituted(getattr(value, name), known, _inherited(field, name))
                for name in fields
                if name in value.model_fields_set
            }
        )
    if isinstance(value, Mapping):
        return {key: _substituted(item, known, field) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return type(value)(_substituted(item, known, field) for item in value)
    return value


def _inherited(field: str, name: str) -> str:
    return field if field in _ANY_VALUE else name


def _in_text(text: str, known: Mapping[str, Value], field: str) -> Value:
    alone = _REFERENCE.fullmatch(text)
    if alone and not alone[1] and field in _ANY_VALUE and (name := alone[2].strip()) in known:
        value = known[name]
        # The environment has only text; a tolerance of 200 must still be a number.
        meant = plain_value(value) if field == "tolerance" and isinstance(value, str) else value
        return value if meant is None else meant
    return replaced(text, known) if "${" in text else text


def _spelled(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _strings(node: Node, path: Path) -> Iterator[tuple[Path, Node]]:
    if isinstance(node.value, str) and "${" in node.value and path:
        yield path, node
    for step, child in (node.children or {}).items():
        yield from _strings(child, (*path, step))


def _references(text: str) -> Iterator[str]:
    for match in _REFERENCE.finditer(text):
        if not match[1]:
            yield match[2].strip()


def _names(root: Node, key: str) -> list[str]:
    value = root.value.get(key)
    return list(value) if isinstance(value, dict) else []


def _undefined(name: str, variables: list[str], secrets: list[str]) -> str:
    if name.startswith(_SECRET):
        secret = name.removeprefix(_SECRET)
        if secret in secrets:
            return ""
        return f"no secret is named {secret!r} under secrets{nearest(secret, secrets)}"
    if name in variables:
        return ""
    hint = nearest(name, variables) or "; for a plain ${ write $${"
    return f"nothing under configuration defines ${{{name}}}{hint}"
