"""Data on stdout as a table, JSON or YAML; everything else on stderr."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

FORMATS = ("table", "json", "yaml")

output_option = click.option(
    "-o", "--output", type=click.Choice(FORMATS), default="table", help="How to print data."
)


def note(message: str) -> None:
    """A line of progress, on stderr. Where nobody reads it any more (a closed terminal) it is
    lost and nothing else."""
    with contextlib.suppress(OSError):
        click.echo(message, err=True)


def print_rows(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], output: str) -> None:
    """A list of objects: all their fields as JSON or YAML, the named columns as a table."""
    if output == "table":
        _print_table(rows, columns)
    else:
        print_value(list(rows), output)


def print_value(value: Any, output: str) -> None:
    """One value as JSON or YAML."""
    if output == "yaml":
        import yaml

        click.echo(yaml.safe_dump(value, sort_keys=False, allow_unicode=True), nl=False)
    else:
        click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def interactive() -> bool:
    """A person sits at both ends."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def _print_table(rows: Sequence[Mapping[str, Any]], columns: Sequence[str]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(width=None if sys.stdout.isatty() else 200)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column.replace("_", " ").upper(), overflow="fold")
    for row in rows:
        table.add_row(*(Text(_cell(row.get(column))) for column in columns))
    console.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return str(value)
