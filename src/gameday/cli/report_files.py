"""Where a report's formats go: one to stdout, several into a directory."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click

from gameday.bootstrap import files
from gameday.cli.output import note

Command = TypeVar("Command", bound=Callable[..., Any])

PDF = "pdf"
"""Where there is a browser to print with; never made unasked."""


def formats_option(*known: str) -> Callable[[Command], Command]:
    """``--format``, once or more, and ``--out``: which formats, and where to."""
    formats = click.option(
        "--format",
        "formats",
        type=click.Choice((*known, PDF)),
        multiple=True,
        help="One goes to stdout (default json); several, and pdf, need --out.",
    )
    out = click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Directory.")
    return lambda command: formats(out(command))


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the garbage collector: a report is made of hundreds of thousands of small values,
    none of which is garbage before its end, and looking for some takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.freeze()  # nor now: the command is about to end
            gc.enable()


def write(
    formats: tuple[str, ...],
    known: tuple[str, ...],
    out: Path | None,
    render_as: Callable[[str], str],
    name_of: Callable[[str], str],
) -> None:
    """One format to stdout, or all that were asked for into a directory.

    Raises click.UsageError for what cannot go to stdout.
    """
    chosen = formats or (known if out else ("json",))
    if out is None:
        if PDF in chosen:
            raise click.UsageError("pdf needs --out DIRECTORY")
        if len(chosen) > 1:
            raise click.UsageError("several formats need --out DIRECTORY")
        click.echo(render_as(chosen[0]), nl=False)
        return
    out.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        path = out / name_of(name)
        if name == PDF:
            files.print_pdf(render_as("html"), path)
        else:
            path.write_text(render_as(name), encoding="utf-8")
        note(str(path))
