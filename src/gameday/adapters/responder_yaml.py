"""A responder script from YAML: every mistake placed, variables replaced."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeGuard

from pydantic import ValidationError

from gameday.adapters.placed_yaml.reading import Document, read_document
from gameday.adapters.placed_yaml.tree import Node, dotted
from gameday.adapters.scenario_yaml.messages import model_problems, nearest
from gameday.adapters.scenario_yaml.variables import replaced, variable_problems
from gameday.core.errors import InvalidFile, Problem
from gameday.core.log.known_ids import NAMED_BY, KnownIds, mistaken
from gameday.core.log.responses import known_item
from gameday.core.scenario.responder_script import ResponderScript
from gameday.core.scenario.scenario import Variable
from gameday.core.words import Response

NOTHING_KNOWN = KnownIds()


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
    problems = list(_without_problems(document, document.root, script, base))
    if problems:
        raise InvalidFile(problems)
    return script.extended(base)


def check_responders(
    path: Path, items: Collection[str] = (), ids: KnownIds = NOTHING_KNOWN
) -> list[Problem]:
    """Every mistake in a script and the one it extends, whatever the environment is. items: of
    checklists, which its acts can check off; ids: of the process, which they can name; none: not
    known."""
    document = read_document(path)
    if document.root is None:
        return sorted(document.problems)
    root = document.root
    problems = [*document.problems, *_item_problems(document, root, items)]
    problems += _id_problems(document, root, ids)
    problems += variable_problems(document.file, root)
    try:
        script = _validated(document, root)
    except InvalidFile as wrong:
        return sorted({*problems, *wrong.problems})
    problems += _extends_problems(document, root, script)
    base = path.parent / script.extends if script.extends else None
    if base is not None and base.is_file() and not problems:
        problems += check_responders(base, items, ids)
        with suppress(InvalidFile):  # its mistakes are told by the line above
            problems += _without_problems(document, root, script, _read(base))
    return sorted(set(problems))


def _read(path: Path) -> ResponderScript:
    document = read_document(path)
    if document.root is None:
        raise InvalidFile(document.problems)
    return _validated(document, document.root)


def _without_problems(
    document: Document, root: Node, script: ResponderScript, base: ResponderScript
) -> Iterator[Problem]:
    """Acts to be left out that the extended script does not have."""
    known = [act.id for act in base.acts if act.id is not None]
    for number, name in enumerate(script.without):
        if name not in known:
            yield Problem(
                document.file,
                *root.at(("without", number)).place,
                dotted(("without", number)),
                f"no act of {script.extends} has the id {name!r}{nearest(name, known)}",
            )


def _item_problems(document: Document, root: Node, items: Collection[str]) -> Iterator[Problem]:
    """What acts check off, and no list has. Told from the plain values, beside other mistakes."""
    acts = root.value.get("acts") if isinstance(root.value, Mapping) else None
    for number, act in enumerate(acts if isinstance(acts, list) else ()):
        item = act.get("item") if isinstance(act, Mapping) else None
        if not isinstance(item, str) or act.get("do") != Response.CHECK or "${" in item:
            continue
        try:
            known_item(item, items)
        except ValueError as wrong:
            where = ("acts", number, "item")
            yield Problem(document.file, *root.at(where).place, dotted(where), str(wrong))


def _id_problems(document: Document, root: Node, ids: KnownIds) -> Iterator[Problem]:
    """What acts name, and the process has not: the run would not take it either."""
    acts = root.value.get("acts") if isinstance(root.value, Mapping) else None
    acts = [act if isinstance(act, Mapping) else {} for act in acts] if _is_list(acts) else []
    titles = [str(act.get("text")) for act in acts if act.get("do") == Response.ITEM]
    for number, act in enumerate(acts):
        field = NAMED_BY.get(act.get("do")) if isinstance(act.get("do"), str) else None
        value = act.get(field) if field else None
        if field is None or not isinstance(value, str) or "${" in value:
            continue
        if (wrong := mistaken(field, value, ids, titles)) is not None:
            where = ("acts", number, field)
            message = f"{wrong.what}; {wrong.hint}"
            yield Problem(document.file, *root.at(where).place, dotted(where), message)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _validated(document: Document, root: Node) -> ResponderScript:
    try:
        return ResponderScript.model_validate(root.value)
    except ValidationError as failed:
        mistakes = model_problems(ResponderScript, document.file, root, failed)
        raise InvalidFile([*document.problems, *mistakes]) from None


def _script(document: Document, root: Node, environ: Mapping[str, str]) -> ResponderScript:
    script = _validated(document, root)
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
