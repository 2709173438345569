"""Tables of the incident process: as a team's directory has them, else as they are packaged."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gameday.adapters.placed_yaml.reading import read_document
from gameday.adapters.scenario_yaml.messages import model_problems
from gameday.core.errors import InvalidFile, Problem
from gameday.core.process_tables.policy import overridden
from gameday.core.process_tables.process import Process

PACKAGED = Path(__file__).parent
TEMPLATE = ".md.j2"
ENDINGS = (TEMPLATE, ".txt.j2")
"""Of the templates of drafts."""

_MAKE_IT = (
    "make a directory of tables of the incident process, or name another one (GAMEDAY_PROCESS, or "
    "process in gameday.toml), or none, for the packaged tables"
)
_NO_DIRECTORY = f"there is no such directory; {_MAKE_IT}"

Table = TypeVar("Table", bound=BaseModel)


def load_table(name: str, kind: type[Table], directory: Path | None = None) -> Table:
    """The table ``name``.yaml of a directory, where it has one, else the packaged one. Raises
    InvalidFile with every mistake, also for a directory that is not there and for
    files in it that stand for nothing."""
    document = read_document(place_of(name, directory))
    problems = [*document.problems, *strangers(directory)]
    if document.root is None or document.problems:
        raise InvalidFile(problems)
    try:
        table = kind.model_validate(document.root.value)
    except ValidationError as failed:
        problems += model_problems(kind, document.file, document.root, failed)
        raise InvalidFile(problems) from None
    if problems:
        raise InvalidFile(problems)
    return table


def strangers(directory: Path | None) -> list[Problem]:
    """Files of a team's directory that stand for nothing: of a misspelt table the packaged one
    would be taken, and nobody would notice."""
    if directory is None:
        return []
    return [*_unknown_tables(directory), *_unknown_templates(directory / "drafts")]


def place_of(name: str, directory: Path | None) -> Path:
    """Where the table ``name`` stands. Raises InvalidFile for a directory that is not there."""
    packaged = PACKAGED / f"{name}.yaml"
    if directory is None:
        return packaged
    if not directory.is_dir():
        what = f"is a file; {_MAKE_IT}" if directory.exists() else _NO_DIRECTORY
        raise InvalidFile([Problem(str(directory), 1, 1, "", what)])
    own = directory / packaged.name
    return own if own.is_file() else packaged


def _unknown_tables(directory: Path) -> Iterator[Problem]:
    known = sorted(path.name for path in PACKAGED.glob("*.yaml"))
    for path in sorted(directory.glob("*.y*ml")):
        if path.name not in known and not path.name.startswith("."):
            yield Problem(str(path), 1, 1, "", f"no such table{_meant(path.name, known)}")


def _unknown_templates(directory: Path) -> Iterator[Problem]:
    """Templates of no kind, but for what another of them names: a part that it includes."""
    kinds = {path.name.removesuffix(TEMPLATE) for path in (PACKAGED / "drafts").glob("*.j2")}
    known = sorted(f"{kind}{ending}" for kind in kinds for ending in ENDINGS)
    strangers = [
        path
        for path in sorted(directory.glob("*.j2"))
        if path.name not in known and not path.name.startswith((".", "_"))
    ]
    if strangers:  # seldom: nothing is read for the usual directory
        texts = [path.read_text("utf-8", "replace") for path in directory.glob("*.j2")]
        for path in strangers:
            if not any(path.name in text for text in texts):
                meant = _meant(path.name, [name for name in known if name.endswith(TEMPLATE)])
                yield Problem(str(path), 1, 1, "", f"no such template{meant}")


def _meant(name: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean {near[0]}?" if near else f"; there are {', '.join(known)}"


def joined(directory: Path | None, **tables: Any) -> Process:
    """The tables as one process. Raises InvalidFile where one asks for what another lacks."""
    try:
        return Process(**tables)
    except ValidationError as failed:
        file = str(place_of("phases", directory))
        told = (error["msg"].removeprefix("Value error, ") for error in failed.errors())
        raise InvalidFile([Problem(file, 1, 1, "phases", message) for message in told]) from None


def overridden_table(table: Table, changes: Mapping[str, Any]) -> Table:
    """The table with single values changed. Raises ValidationError for what it does not take."""
    if not changes:
        return table
    values = table.model_dump(mode="json", by_alias=True)
    return type(table).model_validate(overridden(values, changes))
