"""What every event log does, whatever it is stored in."""

from __future__ import annotations

import asyncio
import tempfile
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.memory import MemoryEventLog
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.errors import StoreFailure
from gameday.core.instant import Instant
from gameday.core.log.chain import GENESIS
from gameday.core.log.events import (
    Draft,
    FaultIntended,
    InjectSent,
    NoteAdded,
    Record,
    RunScheduled,
    Sample,
    SamplesRecorded,
    UndoStep,
)
from gameday.core.words import Role

AnyLog = MemoryEventLog | SqliteEventLog
Note = Callable[..., Draft]
Append = Callable[..., Sequence[Record]]


def texts(records: Sequence[Record]) -> list[str]:
    return [r.event.text for r in records if isinstance(r.event, NoteAdded)]


def test_reads_back_what_was_appended(log: AnyLog, note: Note, append: Append) -> None:
    append(log, note("a"), note("b"))
    records = log.read("r1")
    assert texts(records) == ["a", "b"]
    assert [r.seq for r in records] == [1, 2]
    assert [r.previous for r in records] == [GENESIS, records[0].digest]
    assert records[0].at == Instant(1.5, 7, "boot")
    assert records[0].recorded.boot_id == SystemClock().now().boot_id


def test_every_shape_of_event_comes_back_equal(log: AnyLog, append: Append) -> None:
    at = Instant(1.0, 2, "b")
    step = UndoStep(label="l", kind="fault", target="t", spec={"a": [1, {"b": None}]})
    events = [
        RunScheduled(
            title="t", scenario={"z": [1, 2.5, "é", True], "a": 0}, source="s", digest="d"
        ),
        InjectSent(inject="i", title="t", planned=at, to=(Role.RESPONDER,)),
        FaultIntended(fault="f", experiment="e", title="t", targets=("a",), undo=(step,)),
        SamplesRecorded(chunk=0, samples=(Sample("p", 1, 2, True, 3.5, 0.1, ""),) * 3),
    ]
    append(log, *[Draft(event, at) for event in events])
    records = log.read("r1")
    assert [r.event for r in records] == events
    assert isinstance(records[0].event, RunScheduled)
    assert list(records[0].event.scenario) == ["z", "a"]  # in the order of the file


def test_returns_what_it_read_then_what_it_appended(
    log: AnyLog, note: Note, append: Append
) -> None:
    append(log, note("a"), note("b"))
    seen: list[list[str]] = []

    def decide(records: Sequence[Record]) -> Sequence[Draft]:
        seen.append(texts(records))
        return [note("c")]

    assert texts(log.transact("r1", 1, decide)) == ["b", "c"]
    assert seen == [["b"]]
    assert texts(log.read("r1", 2)) == ["c"]
    assert log.read("r1", 3) == ()


def test_a_retry_adds_nothing(log: AnyLog, note: Note, append: Append) -> None:
    append(log, note("a", "k"))
    assert len(append(log, note("a", "k"), note("b", "k2"), note("c", "k2"))) == 2
    assert texts(log.read("r1")) == ["a", "b"]
    assert texts(append(log, note("other run", "k"), run="r2")) == ["other run"]


def test_a_decision_that_raises_changes_nothing(log: AnyLog, note: Note, append: Append) -> None:
    append(log, note("a"))

    def decide(records: Sequence[Record]) -> Sequence[Draft]:
        raise LookupError("no")

    with pytest.raises(LookupError):
        log.transact("r1", 0, decide)
    append(log, note("b"))
    assert texts(log.read("r1")) == ["a", "b"]
    assert log.verify("r1").ok


def test_text_that_is_not_unicode_is_refused_and_changes_nothing(
    log: AnyLog, note: Note, append: Append
) -> None:
    with pytest.raises(StoreFailure, match="not Unicode"):
        append(log, note("fine"), note("\ud800"))
    assert log.read("r1") == ()


def test_lists_runs_oldest_first(log: AnyLog, note: Note, append: Append) -> None:
    for run in ("z", "a", "m", "a"):
        append(log, note(), run=run)
    log.transact("empty", 0, lambda _: [])
    assert log.runs() == ("z", "a", "m")
    assert log.read("unknown") == ()


def test_a_whole_number_of_seconds_keeps_the_chain(log: AnyLog, append: Append) -> None:
    append(log, Draft(NoteAdded(by="x"), Instant(5, 6, "b")))
    assert log.verify("r1").ok


def test_verifies_a_good_chain_and_an_empty_one(log: AnyLog, note: Note, append: Append) -> None:
    append(log, *[note(str(i)) for i in range(20)])
    check = log.verify("r1")
    assert (check.ok, check.count, check.first_bad) == (True, 20, None)
    assert log.verify("nothing").ok


def test_threads_lose_and_double_nothing(log: AnyLog, note: Note, append: Append) -> None:
    def write(number: int) -> None:
        for i in range(20):
            append(log, note(f"{number}-{i}"))

    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    records = log.read("r1")
    assert [r.seq for r in records] == list(range(1, 121))
    assert len(set(texts(records))) == 120
    assert log.verify("r1").ok


def test_a_waiter_wakes_up_after_an_append(log: AnyLog, note: Note, append: Append) -> None:
    async def scenario() -> None:
        changes = log.changes()
        await anext(changes)  # at once, so that the first read misses nothing
        for number in range(3):
            waiting = asyncio.ensure_future(anext(changes))
            await asyncio.sleep(0)
            assert not waiting.done()
            await asyncio.to_thread(append, log, note(str(number)))
            await asyncio.wait_for(waiting, 5)
        await changes.aclose()  # type: ignore[attr-defined]

    asyncio.run(scenario())


def test_several_waiters_all_wake_up(log: AnyLog, note: Note, append: Append) -> None:
    async def follow(count: int) -> list[str]:
        seen: list[Record] = []
        async for _ in log.changes():
            seen += log.read("r1", len(seen))
            if len(seen) >= count:
                break
        return texts(seen)

    async def scenario() -> None:
        followers = [asyncio.ensure_future(follow(10)) for _ in range(3)]
        for number in range(10):
            await asyncio.to_thread(append, log, note(str(number)))
        wanted = [str(n) for n in range(10)]
        assert await asyncio.wait_for(asyncio.gather(*followers), 10) == [wanted] * 3

    asyncio.run(scenario())


def test_an_append_survives_a_listener_whose_loop_is_gone(
    log: AnyLog, note: Note, append: Append
) -> None:
    loop = asyncio.new_event_loop()
    changes = log.changes()
    loop.run_until_complete(anext(changes))
    loop.close()
    append(log, note("a"))
    assert texts(log.read("r1")) == ["a"]
    closing = changes.aclose()  # type: ignore[attr-defined]
    with pytest.raises(StopIteration):
        closing.send(None)


_OPERATIONS = st.lists(
    st.tuples(
        st.sampled_from(["r1", "r2"]),
        st.integers(0, 6),
        st.lists(st.tuples(st.text(max_size=5), st.none() | st.sampled_from("abc")), max_size=4),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=40)
@given(_OPERATIONS)
def test_memory_and_sqlite_agree(operations: Any) -> None:
    class Frozen:
        def now(self) -> Instant:
            return Instant(9.0, 9, "b")

        async def sleep_until(self, boot: int) -> None: ...

    def play(log: AnyLog) -> list[Any]:
        outcomes: list[Any] = []
        for run, after, notes, fails in operations:
            drafts = [Draft(NoteAdded(by="x", text=t), Instant(1.0, 1, "b"), k) for t, k in notes]

            def decide(records: Sequence[Record], drafts: Any = drafts, fails: bool = fails) -> Any:
                if fails:
                    raise LookupError
                return drafts

            try:
                outcomes.append(log.transact(run, after, decide))
            except LookupError:
                outcomes.append("raised")
            except StoreFailure as error:
                outcomes.append(error.hint)
        outcomes += [log.read("r1"), log.read("r2"), log.runs(), log.verify("r1")]
        return outcomes

    with tempfile.TemporaryDirectory() as directory:
        sqlite = SqliteEventLog(Path(directory) / "s.db", Frozen())
        try:
            assert play(MemoryEventLog(Frozen())) == play(sqlite)
        finally:
            sqlite.close()
