"""Where the journal of one experiment goes: looked at before anything is broken, because a journal
replaces the file that is there, and one that cannot be written is missed only afterwards."""

from __future__ import annotations

import json
from pathlib import Path

import click

from gameday.core.errors import IntegrationFailure

_HINT = "name a new file, or a journal of before"


def check_journal(journal: Path, experiment: Path) -> None:
    """Raises UsageError where a file of another kind would be lost, IntegrationFailure where no
    journal can be written."""
    own = experiment.resolve()
    if own in (journal.resolve(), Path(f"{journal}.log").resolve()):
        raise click.UsageError(f"--journal {journal} would replace the experiment itself; {_HINT}")
    if journal.exists() and not _is_journal(journal):
        raise click.UsageError(f"--journal {journal} is there and is no journal; {_HINT}")
    _try_to_write(journal)


def state_of(journal: Path) -> tuple[int, int] | None:
    """What tells one journal at a path from the next; None while there is none."""
    try:
        status = journal.stat()
    except OSError:
        return None
    return status.st_ino, status.st_mtime_ns


def _is_journal(path: Path) -> bool:
    """Whether nothing but a journal is lost with it; an empty file is nothing."""
    if not path.is_file():
        return False
    try:
        told = json.loads(path.read_text(encoding="utf-8") or "{}")
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and (not told or {"experiment", "run"} <= told.keys())


def _try_to_write(journal: Path) -> None:
    """As the worker does: into a file beside it, and into its log."""
    part = journal.with_name(f"{journal.name}.part")
    log = journal.with_name(f"{journal.name}.log")
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        part.open("ab").close()
        part.unlink()
        log.open("ab").close()
    except OSError as error:
        raise IntegrationFailure(
            f"the journal {journal} cannot be written: {error.strerror}; nothing was started",
            hint="name another file with --journal, or look at the directory's permissions",
        ) from error
