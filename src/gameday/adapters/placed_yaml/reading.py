"""A file's bytes into a tree, with every reason why that cannot be."""

from __future__ import annotations

import difflib
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.reader import Reader

from gameday.adapters.placed_yaml.tree import Composer, Node, Place, Stopped, dotted
from gameday.core.errors import Problem

MAX_BYTES = 1024 * 1024

_UNPRINTABLE = Reader.NON_PRINTABLE
"""What no YAML may hold. A pattern of our own would take 4 ms to compile, at every start."""
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class Document:
    """What could be read of a file. ``root`` is None when nothing could be."""

    file: str
    root: Node | None
    problems: tuple[Problem, ...]


def read_document(path: Path) -> Document:
    """The file's tree and what is wrong with the file as YAML; raises nothing."""
    file = str(path)
    content = _bytes_of(path)
    if isinstance(content, str):
        return Document(file, None, (Problem(file, 1, 1, "", content),))
    text = _text_of(file, content)
    if isinstance(text, Problem):
        return Document(file, None, (text,))
    composer = Composer(file, _events(text))
    root, problems = _compose(file, text, composer)
    if root is None and not problems:
        problems = [Problem(file, 1, 1, "", "the file is empty")]
    if root is not None and not isinstance(root.value, dict):
        problems.append(Problem(file, *root.place, "", "expected a mapping of keys to values"))
        root = None
    return Document(file, root, (*composer.problems, *problems))


def _events(text: str) -> Iterator[Any]:
    yield from yaml.parse(text, Loader=_LOADER)


def _compose(file: str, text: str, composer: Composer) -> tuple[Node | None, list[Problem]]:
    try:
        return composer.document(), []
    except Stopped as stop:
        return None, [Problem(file, *stop.place, dotted(stop.path), stop.message)]
    except yaml.MarkedYAMLError as error:
        return None, [_syntax_problem(file, text, error)]
    except yaml.YAMLError as error:
        return None, [Problem(file, 1, 1, "", f"not YAML: {error}")]


def _syntax_problem(file: str, text: str, error: yaml.MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    lines = text.splitlines() or [""]
    here = lines[line - 1][column - 1 : column] if line <= len(lines) else ""
    if here == "\t":
        return Problem(file, line, column, "", "a tab cannot indent YAML; use spaces")
    message = " ".join(part for part in (error.context, error.problem) if part)
    return Problem(file, line, column, "", f"not YAML: {message}")


def _bytes_of(path: Path) -> bytes | str:
    """The file's content, or why there is none. Looked at before it is opened: a pipe that nobody
    writes to would be waited for."""
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            return "is a directory; name a file in it"
        if not stat.S_ISREG(mode):
            return "is no regular file"
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return f"no such file{_nearest_file(path)}"
    except (OSError, ValueError) as error:
        return f"cannot be read: {getattr(error, 'strerror', None) or error}"
    if len(content) > MAX_BYTES:
        return f"too large: more than {MAX_BYTES // 1024} KiB"
    return content


def _nearest_file(path: Path) -> str:
    try:
        names = [entry.name for entry in path.parent.iterdir() if entry.is_file()]
    except OSError:
        return f"; there is no directory {path.parent} either"
    near = difflib.get_close_matches(path.name, names, n=1)
    return f"; did you mean {path.parent / near[0]}?" if near else ""


def _text_of(file: str, content: bytes) -> str | Problem:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8", "replace")
        return Problem(file, *_place_at(before), "", "not UTF-8; save the file as UTF-8")
    if match := _UNPRINTABLE.search(text):
        place = _place_at(text[: match.start()])
        code = f"U+{ord(match[0]):04X}"
        return Problem(file, *place, "", f"control character {code} is not allowed here")
    return text


def _place_at(before: str) -> Place:
    """The place that follows a text."""
    return Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)
