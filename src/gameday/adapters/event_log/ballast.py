"""Disk space held back beside the store, to be freed for the records of an undo."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from gameday.core.errors import StoreFailure

SIZE = 1 << 20
"""Bytes: many hundred records, when the write-ahead log is kept short."""


class Ballast:
    """A file that takes up space until the disk is full and the space is needed.

    One a store, whoever made it: a process that was killed leaves it to the next. All calls are
    idempotent and block.
    """

    def __init__(self, store: Path) -> None:
        self.path = store.with_name(f"{store.name}.ballast")

    @property
    def held(self) -> bool:
        """Whether it really takes up its space: a file with holes would free nothing."""
        try:
            return self.path.stat().st_blocks * 512 >= SIZE
        except OSError:
            return False

    def hold(self) -> None:
        """Make it, unless it is there. Raises StoreFailure when there is no space for it."""
        if self.held:
            return
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o644)
            try:
                _allocate(descriptor)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            self.path.unlink(missing_ok=True)
            raise StoreFailure(
                f"cannot set aside {SIZE >> 20} MiB in {self.path}: {error.strerror}",
                hint="free some disk space: an undo needs it to be recorded on a full disk",
            ) from error

    def release(self) -> None:
        """Free the space. Raises StoreFailure when the file cannot be removed."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreFailure(
                f"cannot free the space of {self.path}: {error.strerror}",
                hint="remove it by hand; it holds nothing",
            ) from error


def _allocate(descriptor: int) -> None:
    try:
        os.posix_fallocate(descriptor, 0, SIZE)
    except (AttributeError, OSError) as error:  # not on macOS, and not on every file system
        if getattr(error, "errno", None) == errno.ENOSPC:
            raise
        # Written in full, and not with zeros: some file systems store those in no space.
        for start in range(0, SIZE, 1 << 16):
            os.pwrite(descriptor, os.urandom(1 << 16), start)
