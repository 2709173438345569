"""Callers at the same time share a commit: nobody is acknowledged before it, one who fails harms
nobody, and a commit that fails is told to all."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.group_commit import GroupCommit, Request
from gameday.adapters.event_log.shared_commits import SharedCommits
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.errors import StoreFailure
from gameday.core.log.events import Draft, NoteAdded, Record
from gameday.engine.ports import Decide

Note = Callable[..., Draft]
LONG = 30.0
"""Seconds after which a test that hangs has failed."""


def texts(records: Sequence[Record]) -> list[str]:
    return [r.event.text for r in records if isinstance(r.event, NoteAdded)]


def always(draft: Draft) -> Decide:
    return lambda _: [draft]


class Gate:
    """A commit of requests that are taken one at a time: it stops until it is let through."""

    def __init__(self) -> None:
        self.entered = threading.Semaphore(0)
        self.open = threading.Semaphore(0)
        self.groups: list[list[str]] = []
        self.failure: BaseException | None = None

    def commit(self, requests: Sequence[Request]) -> None:
        self.groups.append([request.run_id for request in requests])
        self.entered.release()
        assert self.open.acquire(timeout=LONG)
        if self.failure is not None:
            raise self.failure


def until(condition: Callable[[], bool]) -> None:
    """Poll with a deadline."""
    patience = threading.Event()
    for _ in range(int(LONG / 0.002)):
        if condition():
            return
        patience.wait(0.002)
    raise AssertionError("it never came")


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as executor:
        yield executor


def ask(queue: GroupCommit, name: str) -> Sequence[Record]:
    request = Request(name, 0, lambda _: [])
    queue.run((request,))
    return request.outcome()


def test_who_comes_during_a_commit_shares_the_next_one(pool: ThreadPoolExecutor) -> None:
    gate = Gate()
    queue = GroupCommit(gate.commit)
    first = pool.submit(ask, queue, "a")
    assert gate.entered.acquire(timeout=LONG)
    others = [pool.submit(ask, queue, name) for name in "bcd"]
    until(lambda: len(queue._queue) == 3)
    assert not first.done()
    gate.open.release()
    first.result(LONG)
    assert gate.entered.acquire(timeout=LONG)
    assert not any(other.done() for other in others)  # nobody before the shared commit
    gate.open.release()
    wait(others, LONG)
    assert [sorted(group) for group in gate.groups] == [["a"], ["b", "c", "d"]]


def test_a_commit_that_fails_is_told_to_all_of_its_callers(pool: ThreadPoolExecutor) -> None:
    gate = Gate()
    queue = GroupCommit(gate.commit)
    first = pool.submit(ask, queue, "a")
    assert gate.entered.acquire(timeout=LONG)
    others = [pool.submit(ask, queue, name) for name in "bc"]
    until(lambda: len(queue._queue) == 2)
    gate.open.release()
    assert gate.entered.acquire(timeout=LONG)
    gate.failure = StoreFailure("the disk is full", hint="free some")
    gate.open.release()
    failures = [other.exception(LONG) for other in others]
    assert [str(failure) for failure in failures] == ["the disk is full\n  → free some"] * 2
    assert failures[0] is not failures[1]
    assert first.result(LONG) == ()
    gate.failure = None
    gate.open.release()
    assert ask(queue, "d") == ()  # the next one is served as ever


def test_a_leader_that_is_interrupted_leaves_the_queue_to_the_next(
    pool: ThreadPoolExecutor,
) -> None:
    gate = Gate()
    queue = GroupCommit(gate.commit)
    first = pool.submit(ask, queue, "a")
    assert gate.entered.acquire(timeout=LONG)
    second = pool.submit(ask, queue, "b")
    until(lambda: len(queue._queue) == 1)
    gate.failure = KeyboardInterrupt()
    gate.open.release()
    assert isinstance(first.exception(LONG), KeyboardInterrupt)
    assert gate.entered.acquire(timeout=LONG)
    gate.failure = None
    gate.open.release()
    assert second.result(LONG) == ()


def test_a_decision_that_appends_by_itself_is_refused(
    sqlite_log: SqliteEventLog, note: Note
) -> None:
    def decide(_: Sequence[Record]) -> Sequence[Draft]:
        sqlite_log.transact("r1", 0, lambda _: [note("inner")])
        return []

    with pytest.raises(RuntimeError, match="return drafts"):
        sqlite_log.transact("r1", 0, decide)
    assert texts(sqlite_log.transact("r1", 0, lambda _: [note("a")])) == ["a"]


def test_each_decides_on_what_those_before_it_appended_and_fails_alone(
    sqlite_log: SqliteEventLog, note: Note
) -> None:
    def refuse(_: Sequence[Record]) -> Sequence[Draft]:
        raise LookupError("no")

    requests = [
        Request("r1", 0, lambda _: [note("a", "k"), note("b")]),
        Request("r1", 0, refuse),
        Request("r1", 1, lambda seen: [note("after " + ",".join(texts(seen)))]),
        Request("r1", 0, lambda _: [note("a", "k")]),
        Request("r1", 0, lambda _: [note("fine"), note("\ud800")]),
        Request("r2", 0, lambda seen: [note(f"{len(seen)} before")]),
    ]
    sqlite_log.transact_all(requests)
    assert texts(requests[0].outcome()) == ["a", "b"]
    with pytest.raises(LookupError):
        requests[1].outcome()
    assert texts(requests[2].outcome()) == ["b", "after b"]
    assert texts(requests[3].outcome()) == ["a", "b", "after b"]
    with pytest.raises(StoreFailure, match="not Unicode"):
        requests[4].outcome()
    assert texts(sqlite_log.read("r1")) == ["a", "b", "after b"]
    assert texts(sqlite_log.read("r2")) == ["0 before"]
    assert sqlite_log.verify("r1").ok
    assert sqlite_log.verify("r2").ok


def test_one_whose_rows_the_store_refuses_fails_alone(
    sqlite_log: SqliteEventLog, note: Note
) -> None:
    """A clock no store can hold: found out only when the row is written."""
    impossible = Draft(NoteAdded(by="x"), SystemClock().now().plus(10.0**10))
    requests = [
        Request("r1", 0, lambda _: [note("a")]),
        Request("r1", 0, lambda _: [note("gone"), impossible]),
        Request("r1", 0, lambda _: [note("b")]),
    ]
    sqlite_log.transact_all(requests)
    with pytest.raises(OverflowError):
        requests[1].outcome()
    assert texts(sqlite_log.read("r1")) == ["a", "b"]
    assert sqlite_log.verify("r1").ok


def test_what_another_process_appended_is_read_though_a_tail_is_at_hand(
    sqlite_log: SqliteEventLog, store: Path, note: Note
) -> None:
    sqlite_log.transact("r1", 0, lambda _: [note("mine")])
    other = SqliteEventLog(store, SystemClock())
    other.transact("r1", 0, lambda _: [note("theirs")])
    other.close()
    assert texts(sqlite_log.transact("r1", 0, lambda _: [note("again")])) == [
        "mine",
        "theirs",
        "again",
    ]
    assert sqlite_log.verify("r1").ok


def test_after_a_commit_that_failed_nothing_of_it_is_believed(store: Path, note: Note) -> None:
    log = SqliteEventLog(store, SystemClock(), busy_timeout=0.05)
    log.transact("r1", 0, lambda _: [note("a")])
    before = log._writer._db

    class Failing:
        """The writer's connection, with a disk that fails when it is to be flushed."""

        def execute(self, statement: str, *values: Any) -> object:
            if statement == "COMMIT":
                raise sqlite3.OperationalError("disk I/O error")
            return before.execute(statement, *values)

        def __getattr__(self, name: str) -> object:
            return getattr(before, name)

    log._writer._db = Failing()  # type: ignore[assignment]
    with pytest.raises(StoreFailure, match="disk I/O error"):
        log.transact("r1", 0, lambda _: [note("lost")])
    log._writer._db = before
    assert texts(log.transact("r1", 0, lambda _: [note("b")])) == ["a", "b"]
    assert log.verify("r1").ok
    log.close()


def test_rows_that_could_not_be_written_are_nobodys_success(
    sqlite_log: SqliteEventLog, note: Note, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of several callers are written when one of them has to look into the table; when that
    fails, the ones before it must not be told that all is well."""
    before = sqlite_log._writer._db

    class Failing:
        """The writer's connection; a statement fails and leaves the transaction open."""

        def executemany(self, *_: Any) -> object:
            raise sqlite3.OperationalError("out of memory")

        def __getattr__(self, name: str) -> object:
            return getattr(before, name)

    monkeypatch.setattr(sqlite_log._writer, "_db", Failing())
    requests = [
        Request("r1", 0, lambda _: [note("a")]),
        Request("r1", 0, lambda _: [note("b", "k")]),
        Request("r1", 0, lambda _: []),
    ]
    sqlite_log.transact_all(requests)
    for request in requests[:2]:
        with pytest.raises(StoreFailure, match="out of memory"):
            request.outcome()
    assert requests[2].outcome() == ()  # what had to be written for others is not there to be read
    monkeypatch.undo()
    assert sqlite_log.read("r1") == ()
    assert texts(sqlite_log.transact("r1", 0, lambda _: [note("b", "k")])) == ["b"]
    assert sqlite_log.verify("r1").ok


def test_a_run_whose_rows_collide_harms_no_other(
    sqlite_log: SqliteEventLog, store: Path, note: Note
) -> None:
    """Somebody has removed its anchor: it seems to begin, and has its first record already."""
    sqlite_log.transact("bad", 0, lambda _: [note("x")])
    db = sqlite3.connect(store)
    db.executescript("DELETE FROM heads WHERE run_id = 'bad'")
    db.close()
    requests = [Request(run_id, 0, lambda _: [note("a")]) for run_id in ("r1", "bad", "r2")]
    sqlite_log.transact_all(requests)
    with pytest.raises(StoreFailure, match="UNIQUE"):
        requests[1].outcome()
    assert texts(requests[0].outcome()) == texts(requests[2].outcome()) == ["a"]
    assert texts(sqlite_log.read("r1")) == texts(sqlite_log.read("r2")) == ["a"]
    assert sqlite_log.verify("r1").ok
    assert sqlite_log.verify("r2").ok


def test_a_key_is_known_before_its_row_is_written(sqlite_log: SqliteEventLog, note: Note) -> None:
    requests = [Request("r1", 0, lambda _: [note("once", "k")]) for _ in range(3)]
    sqlite_log.transact_all(requests)
    assert [texts(request.outcome()) for request in requests] == [["once"]] * 3
    assert texts(sqlite_log.read("r1")) == ["once"]


def test_tasks_share_commits_and_lose_nothing(sqlite_log: SqliteEventLog, note: Note) -> None:
    async def scenario() -> None:
        commits = SharedCommits(sqlite_log)

        async def task(name: int) -> None:
            for i in range(10):
                draft = note(f"{name}-{i}")
                records = await commits.transact("r1", 0, always(draft))
                assert texts(records)[-1] == f"{name}-{i}"

        async def refused() -> None:
            def refuse(_: Sequence[Record]) -> Sequence[Draft]:
                raise LookupError

            with pytest.raises(LookupError):
                await commits.transact("r1", 0, refuse)

        gone = asyncio.ensure_future(commits.transact("r1", 0, lambda _: [note("unheard")]))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(*(task(n) for n in range(20)), refused())

    asyncio.run(scenario())
    held = texts(sqlite_log.read("r1"))
    assert len(held) == len(set(held))
    assert {f"{n}-{i}" for n in range(20) for i in range(10)} <= set(held)
    assert sqlite_log.verify("r1").ok
