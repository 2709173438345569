"""The law of the summaries: each says what the folded log says, in every store, at any time."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gameday.adapters.clock import SystemClock
from gameday.adapters.event_log.memory import MemoryEventLog
from gameday.adapters.event_log.named_sql import migrations, queries
from gameday.adapters.event_log.sqlite import SqliteEventLog
from gameday.core.errors import GamedayError
from gameday.core.instant import Instant
from gameday.core.log import events as e
from gameday.core.log.events import Draft, Record
from gameday.core.run import commands as c
from gameday.core.run.decide import decide
from gameday.core.run.evolve import fold
from gameday.core.run.state import FaultStatus
from gameday.core.run.summary import RunSummary
from gameday.core.words import Cause, RunPhase
from gameday.engine.ports import Decide
from gameday.testing import minimal_scenario

AnyLog = MemoryEventLog | SqliteEventLog
Note = Callable[..., Draft]
AT = Instant(1000.0, 5, "b")


def expected(run_id: str, records: Sequence[Record]) -> RunSummary:
    """What the folded log says."""
    state = fold(run_id, records)
    began = state.started_at or state.scheduled_at
    return RunSummary(
        run_id,
        events=len(records),
        title=next(r.event.title for r in records if isinstance(r.event, e.RunScheduled)),
        phase=state.phase,
        started=began.wall if began else None,
        game_day=state.scenario is not None,
        faults={fault.id: fault.status for fault in state.outstanding},
    )


faults = st.sampled_from(["f", "g"])
commands = st.one_of(
    st.builds(c.StartRun),
    st.builds(c.RefuseRun, st.just("no")),
    st.builds(c.PauseRun, st.just("ana")),
    st.builds(c.ResumeRun, st.just("ana")),
    st.builds(c.RollBack, st.sampled_from(Cause)),
    st.builds(c.EndRun, st.sampled_from([True, False, None])),
    st.builds(c.IntendFault, faults, st.just("e"), st.just("t"), st.just(("sim/x",)), st.just(())),
    st.builds(c.RefuseFault, faults, st.just("limit")),
    st.builds(c.ReportInjected, faults, st.just(AT), st.just(AT)),
    st.builds(c.ReportInjectionFailed, faults, st.just("broke")),
    st.builds(c.ObserveFault, faults, st.none()),
    st.builds(c.BeginUndo, faults, st.sampled_from(Cause)),
    st.builds(c.ReportUndone, faults, st.just(("gone",))),
    st.builds(c.ReportStuck, faults, st.just(("no answer",))),
    st.builds(c.Respond, st.just(e.NoteAdded(by="ana", text="hm"))),
)
OF_THE_LEDGER = (c.ReportInjected, c.ReportInjectionFailed, c.ObserveFault)
"""What the engine says only of faults that it has intended."""

histories = st.lists(st.tuples(st.sampled_from(["r1", "r2"]), commands), max_size=25)


def always(draft: Draft) -> Decide:
    return lambda _: [draft]


def play(log: AnyLog, history: Sequence[tuple[str, Any]]) -> None:
    """Both runs as commands made them; what is not allowed changes nothing."""
    for run_id, scenario in (("r1", minimal_scenario()), ("r2", {})):
        event = e.RunScheduled(title=f"of {run_id}", scenario=scenario, source="s", digest="d")
        if run_id not in log.runs():
            log.transact(run_id, 0, always(Draft(event, AT)))
    for number, (run_id, command) in enumerate(history, start=1):

        def within(
            records: Sequence[Record], run_id: str = run_id, command: Any = command, n: int = number
        ) -> Sequence[Draft]:
            state = fold(run_id, records)
            if isinstance(command, OF_THE_LEDGER) and command.fault not in state.faults:
                return []
            return decide(state, command, AT.plus(n))

        try:
            log.transact(run_id, 0, within)
        except GamedayError:
            continue


def check(log: AnyLog) -> None:
    wanted = [expected(run_id, log.read(run_id)) for run_id in log.runs()]
    assert list(log.summaries()) == wanted
    assert list(log.unfinished()) == [summary for summary in wanted if summary.unfinished]
    assert all(log.verify(run_id).ok for run_id in log.runs())


@settings(max_examples=60)
@given(histories)
def test_a_summary_says_what_the_folded_log_says(history: list[tuple[str, Any]]) -> None:
    memory = MemoryEventLog(SystemClock())
    play(memory, history)
    check(memory)


@settings(max_examples=25)
@given(histories)
def test_so_it_does_in_a_file_that_is_opened_again(history: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "s.db"
        log = SqliteEventLog(path, SystemClock())
        play(log, history)
        check(log)
        log.close()
        again = SqliteEventLog(path, SystemClock())
        check(again)
        again.close()


LEFT = [
    ("r1", c.StartRun()),
    ("r1", c.IntendFault("f", "e", "t", ("sim/x",), ())),
    ("r1", c.BeginUndo("f", Cause.HOLD_EXPIRED)),
    ("r1", c.ReportStuck("f", ("no answer",))),
    ("r2", c.RefuseRun("no")),
]


def test_unfinished_are_those_that_go_on_or_have_left_something(log: AnyLog) -> None:
    play(log, LEFT)
    (left,) = log.unfinished()
    assert (left.run_id, left.stuck, left.goes_on) == ("r1", ("f",), True)
    assert left.faults == {"f": FaultStatus.STUCK}
    assert [(s.run_id, s.phase) for s in log.summaries()] == [
        ("r1", RunPhase.RUNNING),
        ("r2", RunPhase.ABORTED),
    ]


def test_a_run_without_a_beginning_has_a_summary_too(log: AnyLog, note: Note) -> None:
    log.transact("r1", 0, lambda _: [note("early")])
    assert list(log.summaries()) == [RunSummary("r1", events=1)]
    assert list(log.unfinished()) == []
    assert log.verify("r1").ok


def test_unfinished_runs_are_found_without_looking_at_the_others(store: Path) -> None:
    SqliteEventLog(store, SystemClock()).close()
    db = sqlite3.connect(store)
    plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {queries()['unfinished']}")]
    db.close()
    assert plan[0].startswith("SCAN summaries USING INDEX summaries_unfinished") or plan[
        0
    ].startswith("SEARCH summaries USING INDEX summaries_unfinished")
    assert plan[1].startswith("SEARCH heads")


def as_version_1(path: Path) -> None:
    """Turns a store into what the first version would have made of the same events."""
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("ALTER TABLE events RENAME TO kept_events")
    db.execute("ALTER TABLE heads RENAME TO kept_heads")
    db.execute("DROP INDEX events_key")
    db.execute("DROP TABLE summaries")
    db.execute("DROP TABLE results")
    for statement in migrations()[1]:
        db.execute(statement)
    columns = ", ".join(row[1] for row in db.execute("PRAGMA table_info(events)"))
    db.execute(f"INSERT INTO events ({columns}) SELECT {columns} FROM kept_events")
    db.execute("INSERT INTO heads SELECT * FROM kept_heads")
    db.execute("DROP TABLE kept_events")
    db.execute("DROP TABLE kept_heads")
    db.execute("PRAGMA user_version = 1")
    db.close()


def test_a_store_of_the_first_version_gets_its_summaries(store: Path) -> None:
    log = SqliteEventLog(store, SystemClock())
    play(log, LEFT)
    records, summaries = [log.read(run_id) for run_id in log.runs()], log.summaries()
    log.close()
    as_version_1(store)
    migrated = SqliteEventLog(store, SystemClock())
    assert [migrated.read(run_id) for run_id in migrated.runs()] == records
    assert migrated.summaries() == summaries
    check(migrated)
    play(migrated, [("r1", c.BeginUndo("f", Cause.ABORT)), ("r1", c.ReportUndone("f", ("gone",)))])
    check(migrated)
    migrated.close()


def test_a_run_that_could_not_be_read_then_hides_no_other_and_heals(store: Path) -> None:
    log = SqliteEventLog(store, SystemClock())
    play(log, LEFT)
    good = log.read("r1")
    log.close()
    db = sqlite3.connect(store)
    (data,) = db.execute("SELECT data FROM events WHERE run_id = 'r1' AND seq = 2").fetchone()
    db.execute("UPDATE events SET data = '{' WHERE run_id = 'r1' AND seq = 2")
    db.commit()
    as_version_1(store)
    migrated = SqliteEventLog(store, SystemClock())
    bad, other = migrated.summaries()
    assert "damaged" in bad.unreadable
    assert bad in migrated.unfinished()
    assert other.phase is RunPhase.ABORTED
    migrated.transact("r1", 10**9, lambda _: [Draft(e.NoteAdded(by="ana"), AT)])
    db.execute("UPDATE events SET data = ? WHERE run_id = 'r1' AND seq = 2", (data,))
    db.commit()
    db.close()
    assert migrated.summaries()[0] == expected("r1", migrated.read("r1"))
    assert migrated.read("r1")[: len(good)] == good
    migrated.transact("r1", 10**9, lambda _: [Draft(e.RunPaused(by="ana"), AT)])
    check(migrated)
    migrated.close()
