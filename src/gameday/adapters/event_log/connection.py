"""One SQLite connection, opened for durability, its failures told in our own words."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from gameday.adapters.event_log.named_sql import migrations, queries, schema
from gameday.core.errors import StoreFailure

BUSY_TIMEOUT = 5.0
"""Seconds to wait for another writer."""

LOOK_AGAIN = (0.001, 0.002, 0.005, 0.01)
"""Seconds between tries while another holds the lock; the last from then on. SQLite's own waiting
would look ever more rarely, while the lock lies idle, and hold a read lock all the time, which
keeps the write-ahead log from being used again: it grows, and each commit takes longer."""

SETTINGS = (
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = 1",  # macOS: fsync alone stays in the drive
)
"""What durability rests on, beside write-ahead logging."""

Parameters = Mapping[str, Any] | Sequence[Any]
"""A statement's values, by name or in order."""

_HINTS = {
    sqlite3.SQLITE_BUSY: "another process holds its write lock; see which with `fuser` on the file",
    sqlite3.SQLITE_LOCKED: "another process holds its write lock; try again",
    sqlite3.SQLITE_FULL: "free some disk space and try again; what was acknowledged is safe",
    sqlite3.SQLITE_IOERR: "look at the disk's state and space; what was acknowledged is safe",
    sqlite3.SQLITE_READONLY: "make the file and its directory writable, or set GAMEDAY_STORE",
    sqlite3.SQLITE_CANTOPEN: "make its directory writable, or set GAMEDAY_STORE to another path",
    sqlite3.SQLITE_NOTADB: "name another file with GAMEDAY_STORE, or move this one away",
    sqlite3.SQLITE_CORRUPT: "restore it from a copy, or move it away and keep it",
}


class Connection:
    """A connection that any thread may use, one at a time."""

    def __init__(self, path: Path, busy_timeout: float = BUSY_TIMEOUT) -> None:
        self.path = path
        self.lock = threading.RLock()
        self._busy_timeout = busy_timeout
        self._queries = queries()
        with self.failures("open"):
            self._db = sqlite3.connect(
                path, timeout=0, isolation_level=None, check_same_thread=False
            )
        try:
            self._configure()
        except StoreFailure:
            self._db.close()
            raise

    def _configure(self) -> None:
        with self.failures("open"):
            self._use_wal()
            for setting in SETTINGS:
                self._db.execute(setting)

    def _use_wal(self) -> None:
        if self._patiently("PRAGMA journal_mode").fetchone()[0] != "wal":
            # EXTRA: the switch removes a rollback journal, and one that comes back after a power
            # cut, because its directory was not synced, would undo everything.
            self._patiently("PRAGMA synchronous = EXTRA")
            self._patiently("PRAGMA journal_mode = WAL")

    def _patiently(self, statement: str, values: Parameters = ()) -> sqlite3.Cursor:
        """Execute a statement as soon as others let it, for as long as there is patience."""
        try:
            return self._db.execute(statement, values)
        except sqlite3.OperationalError as error:
            if _code(error) != sqlite3.SQLITE_BUSY:
                raise
        return self._once_it_is_free(statement, values)

    def _once_it_is_free(self, statement: str, values: Parameters) -> sqlite3.Cursor:
        pauses, deadline = iter(LOOK_AGAIN), time.monotonic() + self._busy_timeout
        while True:
            time.sleep(next(pauses, LOOK_AGAIN[-1]))
            try:
                return self._db.execute(statement, values)
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                    raise

    def run(self, name: str, parameters: Parameters = ()) -> list[Any]:
        """All rows of a named query."""
        with self.lock:
            try:
                return self._patiently(self._queries[name], parameters).fetchall()
            except sqlite3.Error as error:
                raise self._failure("use", error) from error

    def run_many(self, name: str, parameters: Sequence[Parameters]) -> None:
        """A named statement once for each set of parameters, inside a transaction. When it
        raises, some may have been written: the transaction must not be committed."""
        with self.lock:
            try:
                self._db.executemany(self._queries[name], parameters)
            except sqlite3.Error as error:
                raise self._failure("write", error) from error

    def data_version(self) -> int:
        """Changes whenever another connection has committed."""
        with self.lock, self.failures("read"):
            return int(self._patiently("PRAGMA data_version").fetchone()[0])

    @property
    def in_transaction(self) -> bool:
        """Whether a transaction is under way: some failures end it by themselves."""
        return self._db.in_transaction

    @contextmanager
    def reading(self) -> Iterator[None]:
        """A read transaction: all that is read within is of one moment."""
        with self.lock:
            with self.failures("read"):
                self._patiently("BEGIN")
            try:
                yield
            finally:
                self._roll_back()

    def write(self, work: Callable[[], None]) -> None:
        """Do ``work`` in a write transaction: committed at its end, undone when it raises."""
        with self.lock:
            self._control("BEGIN IMMEDIATE")
            try:
                work()
                self._control("COMMIT")
            except BaseException:
                self._roll_back()
                raise

    def _control(self, statement: str) -> None:
        try:
            self._patiently(statement)
        except sqlite3.Error as error:
            raise self._failure("write", error) from error

    def _roll_back(self) -> None:
        # After some failures (disk full, I/O) SQLite has already rolled back by itself.
        if self._db.in_transaction:
            self._control("ROLLBACK")

    def checkpoint_every(self, pages: int) -> None:
        """Bring the write-ahead log into the database now and whenever it has that many pages,
        as far as that needs no waiting: the next writers use its space again instead of more.
        Not being able to harms nothing."""
        with self.lock, suppress(sqlite3.Error):
            self._db.execute(f"PRAGMA wal_autocheckpoint = {pages}")
            self._db.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def migrate(self, fills: Mapping[int, Callable[[Connection], None]]) -> None:
        """Bring the store to this version's schema; refuses one that is newer. ``fills`` compute
        what SQL cannot, by the number of the migration they complete, in the same transaction."""
        newest = max(migrations())
        if self._schema_version() == newest:
            return
        self.write(lambda: self._migrate(newest, fills))

    def _migrate(self, newest: int, fills: Mapping[int, Callable[[Connection], None]]) -> None:
        version = self._schema_version()  # another process may have been faster
        if version > newest:
            raise StoreFailure(
                f"{self.path} has schema {version}; this version knows up to {newest}",
                hint="open it with the gameday that wrote it, or a newer one",
            )
        self._refuse_foreign(version)
        steps = {newest: schema()} if version == 0 else migrations_after(version)
        with self.failures("migrate"):
            for number, statements in steps.items():
                for statement in statements:
                    self._db.execute(statement)
                if version and number in fills:
                    fills[number](self)
            self._db.execute(f"PRAGMA user_version = {newest}")

    def _schema_version(self) -> int:
        with self.failures("open"):
            return int(self._patiently("PRAGMA user_version").fetchone()[0])

    def _refuse_foreign(self, version: int) -> None:
        if version == 0 and self._db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
            raise StoreFailure(
                f"{self.path} is a SQLite database, but not a gameday store",
                hint="name another file with GAMEDAY_STORE",
            )

    def close(self) -> None:
        """Let go of the file."""
        with self.lock, self.failures("close"):
            self._db.close()

    @contextmanager
    def failures(self, doing: str) -> Iterator[None]:
        """SQLite's errors as StoreFailure with a hint."""
        try:
            yield
        except sqlite3.Error as error:
            raise self._failure(doing, error) from error

    def _failure(self, doing: str, error: sqlite3.Error) -> StoreFailure:
        hint = _HINTS.get(_code(error), "")
        return StoreFailure(f"cannot {doing} the event log {self.path}: {error}", hint=hint)


def migrations_after(version: int) -> Mapping[int, tuple[str, ...]]:
    """The migrations a store of that version still needs, in order, by number."""
    return {number: done for number, done in migrations().items() if number > version}


def make_directory(path: Path) -> None:
    """Create the directory of a store, durably: SQLite syncs only the directory itself."""
    missing = [parent for parent in path.parents if not parent.exists()]
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for made in missing:
            _sync(made.parent)
    except OSError as error:
        raise StoreFailure(
            f"cannot create {path.parent}: {error.strerror}",
            hint="make its parent writable, or set GAMEDAY_STORE to another path",
        ) from error


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _code(error: sqlite3.Error) -> int:
    """The primary result code; 0 for errors that Python itself raised."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
