"""One owner of a run on this host: a lock the kernel lets go of when its holder dies."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from gameday.core.errors import Refused

PATIENCE = 1.0
"""Seconds to wait for a lock. Whoever asks whether a run is owned holds it for an instant."""


@contextmanager
def owning(directory: Path, run_id: str) -> Iterator[None]:
    """Own the run while inside. Raises Refused when another process owns it."""
    with (directory / "owner.lock").open("ab") as file:
        deadline = time.monotonic() + PATIENCE
        while not _locked(file):
            if time.monotonic() > deadline:
                raise Refused(
                    f"run {run_id} is being conducted by another process",
                    hint=f"`gameday abort --run {run_id}` stops it and rolls back",
                )
            time.sleep(0.01)
        yield


def owned(directory: Path) -> bool:
    """Whether a living process owns the run with this directory."""
    try:
        file = (directory / "owner.lock").open("rb")
    except FileNotFoundError:
        return False
    with file:
        return not _locked(file)


def _locked(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
