"""A disk that loses what was not synced when its power is cut, under a real SQLite.

Writes reach the real files at once, so that SQLite reads what it wrote; beside them the disk
keeps what a power cut would leave: what was synced, and the writes since, of which any sectors
may or may not have arrived.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw
import pytest

from gameday.adapters.event_log import connection

SECTOR = 512
"""Bytes that a disk writes whole or not at all."""

Survives = Callable[[], bool]
"""Asked for each sector of each write that was not synced: did it arrive?"""


@dataclass
class File:
    """A file as the disk has it. pending: writes (offset, bytes) and truncations (size, None)."""

    synced: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, bytes | None]] = field(default_factory=list)

    def sync(self) -> None:
        """Everything has arrived."""
        self.synced = self.after(lambda: True)
        self.pending.clear()

    def after(self, survives: Survives) -> bytearray:
        """What is there after a power cut now."""
        left = bytearray(self.synced)
        for offset, data in self.pending:
            if data is not None:
                for start, sector in sectors(offset, data):
                    if survives():
                        left.extend(b"\0" * (start - len(left)))
                        left[start : start + len(sector)] = sector
            elif survives():
                del left[offset:]
        return left


def sectors(offset: int, data: bytes) -> Iterator[tuple[int, bytes]]:
    """The write in parts, cut where the disk's sectors end."""
    at = 0
    while at < len(data):
        end = at + SECTOR - (offset + at) % SECTOR
        yield offset + at, data[at:end]
        at = end


class Disk(apsw.VFS):
    """The VFS. ``before`` is called before every write, sync, truncation and removal: the
    moments at which the power can go."""

    def __init__(self, name: str, before: Callable[[Disk], None]) -> None:
        self.files: dict[str, File] = {}
        self.before = before
        self.operations = 0
        self.syncs = 0
        super().__init__(name, "")

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802
        """A file that tells the disk what is done to it."""
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        if path is not None and path not in self.files:
            held = Path(path).read_bytes() if Path(path).exists() else b""
            self.files[path] = File(bytearray(held))
        return _Open(self, path, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:  # noqa: N802
        """Lasting at once when the directory is synced; else the file may come back."""
        self.moment()
        super().xDelete(filename, syncdir)
        if syncdir:
            self.files.pop(filename, None)

    def moment(self) -> None:
        """Something is about to be done."""
        self.operations += 1
        self.before(self)

    def leave(self, directory: Path, survives: Survives) -> None:
        """Write what a power cut now would leave into another directory."""
        directory.mkdir()
        for path, file in self.files.items():
            (directory / Path(path).name).write_bytes(file.after(survives))


class _Open(apsw.VFSFile):
    def __init__(self, disk: Disk, path: str | None, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk = disk
        self._path = path

    @property
    def _file(self) -> File:
        return self._disk.files.setdefault(self._path or "", File())

    def xWrite(self, data: Any, offset: int) -> None:  # noqa: N802
        self._disk.moment()
        super().xWrite(data, offset)
        self._file.pending.append((offset, bytes(data)))

    def xTruncate(self, newsize: int) -> None:  # noqa: N802
        self._disk.moment()
        super().xTruncate(newsize)
        self._file.pending.append((newsize, None))

    def xSync(self, flags: int) -> None:  # noqa: N802
        self._disk.moment()
        super().xSync(flags)
        self._disk.syncs += 1
        self._file.sync()


class _Bridge:
    """As much of a ``sqlite3.Connection`` as the adapter uses, over apsw."""

    def __init__(self, path: Path, vfs: str, timeout: float) -> None:
        self._db = apsw.Connection(str(path), vfs=vfs)
        self._db.set_busy_timeout(int(timeout * 1000))

    def execute(self, statement: str, values: Any = ()) -> _Bridge:
        self._rows = iter(self._db.execute(statement, values).fetchall())
        return self

    def executemany(self, statement: str, values: Iterable[Any]) -> None:
        self._db.executemany(statement, values).fetchall()

    def fetchone(self) -> Any:
        return next(self._rows, None)

    def fetchall(self) -> Sequence[Any]:
        return list(self._rows)

    @property
    def in_transaction(self) -> bool:
        return self._db.in_transaction

    def close(self) -> None:
        self._db.close()


@contextmanager
def powered_by(disk: str, store: Path, settings: Sequence[str]) -> Iterator[None]:
    """The store, when it is opened inside, lies on that disk and is set up so."""
    plain = sqlite3.connect
    with pytest.MonkeyPatch.context() as patch:

        def connect(path: Path, *, timeout: float, **options: Any) -> Any:
            if path == store:
                return _Bridge(path, disk, timeout)
            return plain(path, timeout=timeout, **options)

        patch.setattr(sqlite3, "connect", connect)
        patch.setattr(connection, "SETTINGS", settings)
        yield
