"""One owner of a run on this host: a lock the kernel lets go of when its holder dies."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gameday.core.errors import Refused


@contextmanager
def owning(directory: Path, run_id: str) -> Iterator[None]:
    """Own the run while inside. Raises Refused when another process owns it."""
    with (directory / "owner.lock").open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(
                f"run {run_id} is being conducted by another process",
                hint=f"`gameday abort --run {run_id}` stops it and rolls back",
            ) from None
        yield


def owned(directory: Path) -> bool:
    """Whether a living process owns the run with this directory."""
    if not (directory / "owner.lock").exists():
        return False
    try:
        with owning(directory, directory.name):
            return False
    except Refused:
        return True
