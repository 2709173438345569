"""SQL kept in ``.sql`` files, by name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

_SQL = Path(__file__).parent / "sql"  # importlib.resources costs 9 ms at every start
_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)
_MIGRATION = re.compile(r"^(\d{4})_\w+\.sql$")


@cache
def queries() -> Mapping[str, str]:
    """Every statement of ``queries.sql`` under the name that stands above it."""
    _, *rest = _NAME.split(_text("queries.sql"))
    return {
        name: body.strip().rstrip(";") for name, body in zip(rest[::2], rest[1::2], strict=True)
    }


@cache
def schema() -> tuple[str, ...]:
    """The statements that make a new store."""
    return tuple(_statements(_text("schema.sql")))


@cache
def migrations() -> Mapping[int, tuple[str, ...]]:
    """The statements of each migration, by its number, counted from 1 without gaps."""
    found = {}
    for entry in (_SQL / "migrations").iterdir():
        if match := _MIGRATION.match(entry.name):
            found[int(match[1])] = tuple(_statements(entry.read_text("utf-8")))
    return dict(sorted(found.items()))


def _text(name: str) -> str:
    return (_SQL / name).read_text("utf-8")


def _statements(script: str) -> Iterator[str]:
    """The script's statements; in our scripts each ends its line with a semicolon."""
    for statement in re.split(r";\s*$", script, flags=re.MULTILINE):
        lines = [line for line in statement.splitlines() if not line.startswith("--")]
        if text := "\n".join(lines).strip():
            yield text
