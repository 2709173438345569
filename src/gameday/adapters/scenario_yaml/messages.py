"""The model's errors as problems a reader of the file understands, each at its place."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gameday.adapters.placed_yaml.tree import Node, Path, dotted
from gameday.adapters.scenario_yaml.shapes import keys_at
from gameday.core.duration import format_duration
from gameday.core.errors import Problem
from gameday.core.scenario.scenario import DEFAULT_TARGETS

_EXPECTED = {
    "string_type": "text",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "float_parsing": "a number",
    "list_type": "a list",
    "tuple_type": "a list",
    "mapping_type": "a mapping",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_LIMITS = {
    "greater_than": ("gt", "more than"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "less than"),
    "less_than_equal": ("le", "at most"),
}
_UNION = "no_member_of_union"
"""Our own type of error, for what no member of a union takes."""

_UNIONS = {
    "tolerance": (
        "a value, a list, {type: range, range: [low, high]} or {type: regex, pattern: …}"
    ),
    "configuration": "text, a number, true, false or {type: env, key: NAME}",
    "expected_status": "a status code such as 200, or a list of them",
    "port": "a port number",
}


@dataclass(frozen=True, slots=True)
class _Mistake:
    """An error of the model, placed: ``path`` leads through the file, ``labels`` are what the
    model added to it (which member of a union it tried)."""

    path: Path
    labels: tuple[str | int, ...]
    error: ErrorDetails


def model_problems(
    model: type[BaseModel], file: str, root: Node, failed: ValidationError
) -> Iterator[Problem]:
    """One problem for each mistake; what the members of a union say is made one."""
    for error in _one_for_each_union(root, failed.errors(include_url=False)):
        mistake = _placed(root, error)
        path, node = mistake.path, root.at(mistake.path)
        place = node.place
        if error["type"] == "extra_forbidden" or mistake.labels[-1:] == ("[key]",):
            place = root.at(path[:-1]).key_place(str(path[-1])) or place
        yield Problem(file, *place, dotted(path), _message(model, root, mistake, node))


def nearest(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` where something known is near."""
    near = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {near[0]!r}?" if near else ""


def found(value: object) -> str:
    """How a value is called in a message."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (int, float)):
        return f"the number {value}"
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:40] + "…")
    return "a list" if isinstance(value, list) else "a mapping"


def _one_for_each_union(root: Node, errors: Iterable[ErrorDetails]) -> Iterator[ErrorDetails]:
    """The errors, those of a union's members that were not meant left out."""
    unions: dict[Path, list[ErrorDetails]] = {}
    for error in errors:
        loc = _without_probe_type(error["loc"])
        place = _union_of(loc)
        of_the_key = place == loc and error["type"] in ("missing", "extra_forbidden")
        if place is None or of_the_key:
            yield error
        else:
            unions.setdefault(place, []).append(error)
    for place, of_union in unions.items():
        yield from _of_meant_member(root.at(place), place, of_union)


def _of_meant_member(
    node: Node, place: Path, errors: Sequence[ErrorDetails]
) -> Sequence[ErrorDetails]:
    kind = node.value.get("type") if isinstance(node.value, Mapping) else None
    label = {"range": "Range", "regex": "Regex", "env": "Variable"}.get(str(kind))
    meant = [e for e in errors if label in _without_probe_type(e["loc"])[len(place) :]]
    if meant:
        return meant
    whole = ErrorDetails(type=_UNION, loc=place, msg=_UNIONS[_union_name(place)], input=node.value)
    return [whole]


def _union_of(loc: Path) -> Path | None:
    """The path of the union inside which an error lies."""
    if len(loc) > 2 and loc[0] == "probes" and loc[2] in _UNIONS:
        return loc[:3]
    named = len(loc) > 1 and loc[0] == "configuration" and "[key]" not in loc
    return loc[:2] if named else None


def _union_name(place: Path) -> str:
    return str(place[0] if place[0] == "configuration" else place[2])


def _without_probe_type(loc: Path) -> Path:
    """``probes.name.http.url``: the third is the probe's type, not a key of the file."""
    return (*loc[:2], *loc[3:]) if loc[:1] == ("probes",) and loc[2:3] != ("[key]",) else loc


def _placed(root: Node, error: ErrorDetails) -> _Mistake:
    loc = error["loc"] if error["type"] == _UNION else _without_probe_type(error["loc"])
    node, path, labels = root, [], []
    for step in loc:
        child = node.child(step)
        if child is None:
            labels.append(step)
        else:
            node = child
            path.append(step)
    return _Mistake(tuple(path), tuple(labels), error)


def _message(model: type[BaseModel], root: Node, mistake: _Mistake, node: Node) -> str:
    error, kind = mistake.error, mistake.error["type"]
    if kind == "missing":
        return _missing(mistake)
    if kind == "extra_forbidden":
        return _unknown(keys_at(model, root, mistake.path[:-1]), str(mistake.path[-1]))
    if kind == _UNION:
        return f"expected {error['msg']}, found {found(node.value)}"
    if kind in _LIMITS:
        return _limit(error)
    if kind in ("enum", "literal_error", "union_tag_invalid", "union_tag_not_found"):
        return _choice(error)
    if kind == "string_pattern_mismatch":
        return _not_a_name(str(error["input"]))
    if kind in _EXPECTED and mistake.path[:1] == ("targets",) and len(mistake.path) == 2:
        return _short_target(str(mistake.path[1]))
    if kind in _EXPECTED:
        quotes = isinstance(error["input"], (bool, int, float)) and kind == "string_type"
        hint = "; write it in quotes" if quotes else ""
        return f"expected {_EXPECTED[kind]}, found {found(error['input'])}{hint}"
    return _other(error)


def _missing(mistake: _Mistake) -> str:
    key = mistake.labels[-1]
    return f"entry {key} is missing" if isinstance(key, int) else f"missing key {key!r}"


def _unknown(allowed: Sequence[str], key: str) -> str:
    hint = nearest(key, allowed) or f"; allowed: {', '.join(allowed)}"
    return f"unknown key {key!r}{hint if allowed else ''}"


def _choice(error: ErrorDetails) -> str:
    context = error.get("ctx", {})
    expected = str(context.get("expected") or context.get("expected_tags") or "")
    allowed = re.findall(r"'([^']*)'", expected)
    one_of = f"one of {', '.join(allowed)}" if len(allowed) > 1 else f"only {expected}"
    if error["type"] == "union_tag_not_found":
        return f"missing key 'type'; one of {', '.join(_PROBE_TYPES)}"
    given = context.get("tag", error["input"])
    near = (
        nearest(given.lower(), allowed) or nearest(given.upper(), allowed)
        if isinstance(given, str)
        else ""
    )
    return f"{found(given)} is not allowed; {one_of}{near}"


_PROBE_TYPES = ("http", "tcp", "process", "python", "prometheus")


def _short_target(name: str) -> str:
    return (
        f"{name!r} is not a target with milestones of its own; write {{from: …, to: …, within: …}}"
        f"{nearest(name, DEFAULT_TARGETS)}"
    )


def _limit(error: ErrorDetails) -> str:
    key, words = _LIMITS[error["type"]]
    limit = error.get("ctx", {})[key]
    shown = format_duration(limit) if isinstance(error["input"], str) else limit
    return f"{found(error['input'])} is out of bounds: must be {words} {shown}"


def _not_a_name(text: str) -> str:
    return (
        f"{found(text)} is not a name: use lower-case letters, digits, '-', '_' and '.', "
        "and begin with a letter or digit"
    )


def _other(error: ErrorDetails) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "string_too_short":
        return "must not be empty"
    if kind == "too_short" and not context["actual_length"]:
        return "must not be empty"
    if kind == "too_short":
        return f"needs at least {context.get('min_length')} entries, has {context['actual_length']}"
    if kind == "too_long":
        return f"may have {context.get('max_length')} entries at most"
    if kind == "string_too_long":
        return f"may have {context.get('max_length'):,} characters at most"
    if kind == "value_error":
        return str(context.get("error", error["msg"]))
    return error["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
