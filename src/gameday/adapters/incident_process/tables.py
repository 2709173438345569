"""Tables of the incident process: as a team's directory has them, else as they are packaged."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from gameday.adapters.placed_yaml.reading import read_document
from gameday.adapters.scenario_yaml.messages import model_problems
from gameday.core.errors import InvalidFile, Problem
from gameday.core.process_tables.policy import overridden
from gameday.core.process_tables.process import Process

PACKAGED = Path(__file__).parent

_NO_DIRECTORY = (
    "there is no such directory of tables of the incident process; make it, or name another one "
    "(GAMEDAY_PROCESS, or process in gameday.toml), or none, for the packaged tables"
)

Table = TypeVar("Table", bound=BaseModel)


def load_table(name: str, kind: type[Table], directory: Path | None = None) -> Table:
    """The table ``name``.yaml of a directory, where it has one, else the packaged one. Raises
    InvalidFile with every mistake, also for a directory that is not there."""
    document = read_document(place_of(name, directory))
    if document.root is None or document.problems:
        raise InvalidFile(document.problems)
    try:
        return kind.model_validate(document.root.value)
    except ValidationError as failed:
        problems = model_problems(kind, document.file, document.root, failed)
        raise InvalidFile(list(problems)) from None


def place_of(name: str, directory: Path | None) -> Path:
    """Where the table ``name`` stands. Raises InvalidFile for a directory that is not there."""
    packaged = PACKAGED / f"{name}.yaml"
    if directory is None:
        return packaged
    if not directory.is_dir():
        raise InvalidFile([Problem(str(directory), 1, 1, "", _NO_DIRECTORY)])
    own = directory / packaged.name
    return own if own.is_file() else packaged


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
