"""What only a file can do: many processes, damage, full disks, other versions."""

from __future__ import annotations

import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.named_sql import migrations, schema
from gameday.adapters.event_log.sealing import Row, stored_digest
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.errors import StoreFailure
from gameday.core.log.events import (
    Draft,
    FaultIntended,
    NoteAdded,
    Record,
    RunScheduled,
    RunStarted,
)

Note = Callable[..., Draft]
Append = Callable[..., Sequence[Record]]

WRITER = """
import resource, sys
from pathlib import Path
from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.sealing import Row, stored_digest
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.errors import StoreFailure
from gameday.core.log.events import Draft, NoteAdded
path, name, count, limit = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
clock = SystemClock()
log = SqliteEventLog(Path(path), clock)
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
for i in range(count):
    draft = Draft(NoteAdded(by=name, text=str(i) + "x" * (1000 if limit else 0)), clock.now())
    try:
        log.transact("r1", 10**9, lambda records: [draft])
    except StoreFailure as failure:
        print("failed", failure.message, "hint:", failure.hint, flush=True)
        break
    print(i, flush=True)
"""


def start_writer(store: Path, name: str, count: int, limit: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", WRITER, str(store), name, str(count), str(limit)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_processes_lose_and_double_nothing(store: Path) -> None:
    writers = [start_writer(store, f"w{n}", 40) for n in range(4)]
    for writer in writers:
        writer.communicate(timeout=60)
        assert writer.returncode == 0
    log = SqliteEventLog(store, SystemClock())
    records = log.read("r1")
    assert [r.seq for r in records] == list(range(1, 161))
    notes = [r.event for r in records if isinstance(r.event, NoteAdded)]
    assert {(n.by, n.text) for n in notes} == {
        (f"w{w}", str(i)) for w in range(4) for i in range(40)
    }
    assert log.verify("r1").ok
    log.close()


def test_what_was_acknowledged_survives_sigkill(store: Path) -> None:
    writer = start_writer(store, "w", 100_000)
    assert writer.stdout is not None
    acknowledged = 0
    for line in writer.stdout:
        acknowledged = int(line)
        if acknowledged >= 100:
            writer.send_signal(signal.SIGKILL)
            break
    acknowledged = max([acknowledged, *(int(line) for line in writer.stdout)])
    writer.wait(10)
    writer.stdout.close()
    log = SqliteEventLog(store, SystemClock())
    assert len(log.read("r1")) > acknowledged
    assert log.verify("r1").ok
    log.close()


def test_a_full_disk_is_told_and_loses_nothing(store: Path) -> None:
    out, _ = start_writer(store, "w", 10_000, limit=200_000).communicate(timeout=60)
    *written, failure = out.splitlines()
    assert failure.startswith("failed cannot write the event log")
    assert not failure.endswith("hint: ")
    log = SqliteEventLog(store, SystemClock())
    assert len(log.read("r1")) == len(written)
    assert log.verify("r1").ok
    log.close()


def test_an_append_of_another_process_wakes_the_waiter(
    sqlite_log: SqliteEventLog, store: Path
) -> None:
    async def scenario() -> None:
        changes = sqlite_log.changes()
        await anext(changes)
        waiting = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
        writer = start_writer(store, "w", 1)
        await asyncio.wait_for(waiting, 20)
        await asyncio.to_thread(writer.communicate)
        await changes.aclose()  # type: ignore[attr-defined]

    asyncio.run(scenario())
    assert len(sqlite_log.read("r1")) == 1


TAMPERING: dict[str, tuple[str, int]] = {
    "data changed": ("UPDATE events SET data = replace(data, '\"t3\"', '\"T3\"') WHERE seq = 4", 4),
    "data no longer JSON": ("UPDATE events SET data = '{' WHERE seq = 4", 4),
    "time changed": ("UPDATE events SET at_boot = at_boot + 1 WHERE seq = 2", 2),
    "type changed": ("UPDATE events SET type = 'Triaged' WHERE seq = 6", 6),
    "middle removed": ("DELETE FROM events WHERE seq = 5", 5),
    "first removed": ("DELETE FROM events WHERE seq = 1", 1),
    "tail cut": ("DELETE FROM events WHERE seq > 7", 8),
    "all removed": ("DELETE FROM events", 1),
    "middle removed and renumbered": (
        "DELETE FROM events WHERE seq = 5; UPDATE events SET seq = seq - 1 WHERE seq > 5",
        5,
    ),
    "reordered": (
        "UPDATE events SET seq = 99 WHERE seq = 3; UPDATE events SET seq = 3 WHERE seq = 6;"
        "UPDATE events SET seq = 6 WHERE seq = 99",
        3,
    ),
    "key removed": ("UPDATE events SET key = NULL WHERE seq = 4", 4),
    "recorded at another time": ("UPDATE events SET recorded_wall = 0 WHERE seq = 4", 4),
    "another kind of value": ("UPDATE events SET at_boot = 'soon' WHERE seq = 4", 4),
    "data no longer text": ("UPDATE events SET data = 7 WHERE seq = 4", 4),
    "position no number": ("UPDATE events SET seq = 'x' WHERE seq = 10", 10),
    "resealed, but not those after it": (
        "UPDATE events SET digest = 'f' || substr(digest, 2) || 'f' WHERE seq = 4",
        4,
    ),
    "a copy put at the end": (
        "INSERT INTO events SELECT run_id, 11, type, version, at_wall, at_boot, at_boot_id,"
        "recorded_wall, recorded_boot, recorded_boot_id, 'new', data, previous, digest "
        "FROM events WHERE seq = 10",
        11,
    ),
    "taken from another run": ("UPDATE events SET run_id = 'r2' WHERE seq = 4", 4),
    "tail cut and the anchor counted down": (
        "DELETE FROM events WHERE seq > 7; UPDATE heads SET count = 7",
        7,
    ),
    "anchor removed": ("DELETE FROM heads", 1),
    "anchor changed": ("UPDATE heads SET digest = 'x'", 10),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_verification_names_the_first_bad_record(
    name: str, sqlite_log: SqliteEventLog, store: Path, note: Note, append: Append
) -> None:
    append(sqlite_log, *[note(f"t{i}", key=f"k{i}") for i in range(10)])
    script, first_bad = TAMPERING[name]
    db = sqlite3.connect(store)
    db.executescript(script)
    db.close()
    check = sqlite_log.verify("r1")
    assert (check.ok, check.first_bad) == (False, first_bad)
    assert check.reason


def test_a_summary_that_hides_a_fault_is_found(sqlite_log: SqliteEventLog, store: Path) -> None:
    now = SystemClock().now()
    intended = FaultIntended(fault="f", experiment="e", title="t", targets=("a",), undo=())
    scheduled = RunScheduled(title="t", scenario={}, source="s", digest="d")
    drafts = [Draft(scheduled, now), Draft(RunStarted(), now), Draft(intended, now)]
    sqlite_log.transact("r1", 0, lambda _: drafts)
    assert sqlite_log.verify("r1").ok
    db = sqlite3.connect(store)
    db.executescript("UPDATE summaries SET faults = '{}', unfinished = 0")
    db.close()
    check = sqlite_log.verify("r1")
    assert (check.ok, check.reason[-6:]) == (False, "faults")


def test_a_run_whose_anchor_is_gone_is_looked_at_too(
    sqlite_log: SqliteEventLog, store: Path, note: Note, append: Append
) -> None:
    append(sqlite_log, note(), run="r1")
    append(sqlite_log, note(), run="r2")
    db = sqlite3.connect(store)
    db.executescript("DELETE FROM heads WHERE run_id = 'r1'")
    db.close()
    assert set(sqlite_log.all_runs()) == {"r1", "r2"}
    assert not sqlite_log.verify("r1").ok
    assert sqlite_log.verify("r2").ok


@pytest.mark.parametrize("data", ["'{'", "data || '}'", "' '"], ids=["cut", "longer", "empty"])
def test_damaged_data_is_a_store_failure(
    sqlite_log: SqliteEventLog, store: Path, note: Note, append: Append, data: str
) -> None:
    append(sqlite_log, note())
    db = sqlite3.connect(store)
    db.executescript(f"UPDATE events SET data = {data}")
    db.close()
    with pytest.raises(StoreFailure, match="e1 of run r1 is damaged"):
        sqlite_log.read("r1")


def test_a_field_added_later_does_not_break_the_chain(
    sqlite_log: SqliteEventLog, store: Path, note: Note, append: Append
) -> None:
    """The digest is over what was stored, not over today's idea of the event."""
    append(sqlite_log, note())
    row = Row._make(sqlite_log._reader.run("read", {"run_id": "r1", "after": 0})[0])
    old = row._replace(data=row.data.replace(',"late":false', ""))
    assert old.data != row.data
    digest = stored_digest("r1", old)
    db = sqlite3.connect(store)
    db.execute("UPDATE events SET data = ?, digest = ?", (old.data, digest))
    db.execute("UPDATE heads SET digest = ?", (digest,))
    db.commit()
    db.close()
    assert sqlite_log.verify("r1").ok
    assert sqlite_log.read("r1")[0].event == NoteAdded(by="ana", text="hello")


def shape(statements: Sequence[str]) -> list[Any]:
    db = sqlite3.connect(":memory:")
    for statement in statements:
        db.execute(statement)
    rows = db.execute(
        "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name"
    ).fetchall()
    db.close()
    return [(kind, name, table, " ".join((sql or "").split())) for kind, name, table, sql in rows]


def test_a_migrated_store_is_like_a_fresh_one() -> None:
    assert list(migrations()) == list(range(1, len(migrations()) + 1))
    assert shape([s for step in migrations().values() for s in step]) == shape(schema())


def test_a_store_of_a_newer_version_is_refused(sqlite_log: SqliteEventLog, store: Path) -> None:
    db = sqlite3.connect(store)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreFailure, match="schema 99") as caught:
        SqliteEventLog(store, SystemClock())
    assert caught.value.hint


def test_another_programs_database_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "other.db"
    db = sqlite3.connect(path)
    db.execute("CREATE TABLE mine (x)")
    db.close()
    with pytest.raises(StoreFailure, match="not a gameday store"):
        SqliteEventLog(path, SystemClock())
    db = sqlite3.connect(path)
    assert db.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]
    db.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("dear diary, " * 100)
    with pytest.raises(StoreFailure, match=r"notes\.txt") as caught:
        SqliteEventLog(path, SystemClock())
    assert caught.value.hint


def test_a_path_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "deep" / "s.db", tmp_path):
        with pytest.raises(StoreFailure) as caught:
            SqliteEventLog(path, SystemClock())
        assert caught.value.hint


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_read_only_store_is_told(store: Path, note: Note, append: Append) -> None:
    SqliteEventLog(store, SystemClock()).close()
    store.chmod(0o400)
    store.parent.chmod(0o500)
    try:
        with pytest.raises(StoreFailure) as caught:
            append(SqliteEventLog(store, SystemClock()), note())
        assert caught.value.hint
    finally:
        store.parent.chmod(0o700)


def test_a_writer_that_holds_the_lock_is_told(store: Path, note: Note, append: Append) -> None:
    log = SqliteEventLog(store, SystemClock(), busy_timeout=0.05)
    db = sqlite3.connect(store, isolation_level=None)
    db.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreFailure, match="locked") as caught:
        append(log, note())
    assert "another process" in caught.value.hint
    assert log.read("r1") == ()  # readers wait for nobody
    db.execute("ROLLBACK")
    append(log, note())
    db.close()
    log.close()


def test_is_durable_as_configured(sqlite_log: SqliteEventLog) -> None:
    for connection in (sqlite_log._writer, sqlite_log._reader):
        ask = connection._db.execute
        assert ask("PRAGMA journal_mode").fetchone() == ("wal",)
        assert ask("PRAGMA synchronous").fetchone() == (2,)
        assert ask("PRAGMA fullfsync").fetchone() == (1,)


def test_sqlite_is_imported_only_when_a_store_is_opened() -> None:
    code = "import sys, gameday.adapters.event_log.sqlite; assert 'sqlite3' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=30)
