"""Several people and runs on one store: nobody's word or fault ends up in the wrong place."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from gameday.adapters.process.lease import owned, owning
from gameday.bootstrap import runs, store
from gameday.cli.main import run
from gameday.core.errors import Refused, WorkerFailure
from gameday.core.log import events as e
from gameday.core.run import commands as c
from gameday.core.words import Cause
from gameday.engine.stream import submit
from gameday.settings import Settings, load_settings
from gameday.testing import minimal_scenario
from tests.acceptance.program import Program


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a directory of its own, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    return load_settings(tmp_path, {}, {})


def begin(settings: Settings, run_id: str, *commands: c.Command) -> None:
    """A run in the store, with what happened in it."""
    event = e.RunScheduled(title="[/x]", scenario=minimal_scenario(), source="s", digest="d")
    with store.open_store(settings) as log:
        runs.schedule_run(log, run_id, event)
        for command in commands:
            submit(log, store.clock(), run_id, command)


INTEND = c.IntendFault("f", "f.yaml", "t", ("sim/f",), ())


def test_without_a_run_named_it_is_the_one_that_goes_on(settings: Settings) -> None:
    begin(settings, "r1")
    begin(settings, "r2", c.RefuseRun("no"))
    assert run(["respond", "note", "hello"]) == 0
    with store.open_store(settings) as log:
        assert [type(r.event).__name__ for r in log.read("r1")][-1] == "NoteAdded"
        assert store.scored_run(log, None) == "r2"


def test_a_run_belongs_to_its_store_wherever_a_command_is_started(tmp_path: Path) -> None:
    flags = {"store": str(tmp_path / "shared" / "gameday.db")}
    here, there = (load_settings(tmp_path / name, {}, flags) for name in ("a", "b"))
    directory = runs.run_directory(here, "r1")
    with owning(directory, "r1", store.clock()):
        assert owned(runs.run_directory(there, "r1"))
        with pytest.raises(Refused), runs.owned_run(there, "r1"):
            pass
    assert not owned(directory)


def test_faults_of_a_dead_run_are_exit_code_8(settings: Settings) -> None:
    begin(settings, "r1", c.StartRun(), INTEND)
    with runs.owned_run(settings, "r1"):
        assert run(["faults"]) == 0
    assert run(["faults"]) == 8


def test_only_what_people_said_can_be_annulled(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(settings, "r1", c.StartRun(), INTEND, c.Respond(e.NoteAdded(by="alice", text="hm")))
    assert run(["respond", "annul", "typo", "--entry", "e3"]) == 5
    assert run(["respond", "annul", "typo", "--entry", "e²"]) == 5
    assert run(["respond", "annul", "typo", "--entry", "4"]) == 0
    assert "annulled e4" in capsys.readouterr().err


def test_what_people_paste_breaks_nothing(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(settings, "r1")
    assert run(["respond", "note", "see [/var/log] \x1b[2J\x07\n" + "x" * 5000]) == 0
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert "\x07" not in said
    assert len(said) < 1200
    assert run(["get", "events"]) == 0
    assert "[/var/log]" in capsys.readouterr().out
    assert run(["get", "runs"]) == 0
    assert "[/x]" in capsys.readouterr().out


def test_a_time_to_come_is_refused(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    begin(settings, "r1")
    ahead = store.clock().now().plus(120).isoformat()
    assert run(["respond", "note", "x", "--at", ahead]) == 2
    assert "future" in capsys.readouterr().err
    assert run(["respond", "note", "x", "--at", "0001-01-01T00:00:00+14:00"]) == 2


def test_a_file_that_cannot_be_written_is_no_internal_error(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(settings, "r1", c.StartRun(), c.RollBack(Cause.ABORT, "x"), c.EndRun(None))
    Path("afile").write_text("")
    assert run(["report", "--out", "afile/b"]) == 6
    said = capsys.readouterr().err
    assert "afile" in said
    assert "internal error" not in said


def test_a_run_that_cannot_be_read_hides_no_other(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(settings, "bad", c.StartRun(), INTEND)
    begin(settings, "good", c.StartRun(), INTEND)
    with closing(sqlite3.connect(settings.store)) as database:
        database.executescript("update events set data = '{' where run_id = 'bad' and seq = 2")
    assert run(["faults"]) == 8
    told = capsys.readouterr()
    assert "good/f" in told.out
    assert "run bad cannot be read" in told.err
    assert run(["get", "runs"]) == 0  # what it has to say does not need the records
    assert "bad " in capsys.readouterr().out


def test_nothing_begins_while_nobody_can_tell_what_a_dead_run_has_left(
    settings: Settings,
) -> None:
    begin(settings, "bad", c.StartRun(), INTEND)
    with closing(sqlite3.connect(settings.store)) as database:
        database.executescript("update events set data = '{' where run_id = 'bad' and seq = 2")
    action = {"type": "action", "name": "a", "provider": {"type": "process", "path": "true"}}
    Path("e.json").write_text(
        json.dumps({"title": "t", "description": "d", "method": [action]}), encoding="utf-8"
    )
    done = Program(Path.cwd()).run("experiment", "run", "e.json")
    assert done.returncode == 8
    assert "nothing was started" in done.stderr
    with store.open_store(settings) as log:
        assert log.runs() == ("bad",)


def test_a_look_at_the_lock_does_not_take_the_run_away(settings: Settings) -> None:
    directory = runs.run_directory(settings, "r1")
    stop = threading.Event()

    def watch() -> None:
        while not stop.is_set():
            owned(directory)

    watchers = [threading.Thread(target=watch) for _ in range(2)]
    with owning(directory, "r1", store.clock()):
        for watcher in watchers:
            watcher.start()
    try:
        for _ in range(20):
            with owning(directory, "r1", store.clock()):
                assert owned(directory)
    finally:
        stop.set()
        for watcher in watchers:
            watcher.join()


def test_without_a_guardian_a_run_is_refused_for_good(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "GUARDIAN", ("false",))
    path = Path("e.json")
    path.write_text("{}")

    async def begin_one() -> None:
        async with runs.single_run(settings, "r1", path, None):
            raise AssertionError("it began")

    with pytest.raises(WorkerFailure):
        asyncio.run(begin_one())
    with store.open_store(settings) as log:
        assert isinstance(log.read("r1")[-1].event, e.RunRefused)


def test_verify_names_the_first_bad_record_of_each_run(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    for run_id in ("good", "changed", "cut", "unanchored"):
        begin(settings, run_id, c.StartRun(), INTEND)
    assert run(["store", "verify"]) == 0
    with closing(sqlite3.connect(settings.store)) as database:
        database.executescript(
            "UPDATE events SET type = 'RunPaused' WHERE run_id = 'changed' AND seq = 2;"
            "DELETE FROM events WHERE run_id = 'cut' AND seq = 3;"
            "DELETE FROM heads WHERE run_id = 'unanchored';"
        )
    capsys.readouterr()
    assert run(["store", "verify"]) == 6
    told = dict(line.split(": ", 1) for line in capsys.readouterr().out.splitlines())
    assert told["good"] == "3 events, whole"
    assert "broken at e2" in told["changed"]
    assert "broken at e3: the end is cut off" in told["cut"]
    assert "broken at e1" in told["unanchored"]


def test_records_that_contradict_each_other_hide_no_other_run(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(settings, "bad", c.StartRun(), INTEND)
    begin(settings, "good", c.StartRun(), INTEND)
    with closing(sqlite3.connect(settings.store)) as database:
        database.executescript("DELETE FROM events WHERE run_id = 'bad' AND seq = 1")
    assert run(["faults"]) == 8
    told = capsys.readouterr()
    assert "good/f" in told.out
    assert "run bad cannot be read" in told.err


def test_whoever_opens_the_store_is_told_what_a_dead_run_left_in(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    begin(settings, "r1", c.StartRun(), INTEND)
    with runs.owned_run(settings, "r1"):
        assert run(["get", "runs"]) == 0
        assert "may have left in" not in capsys.readouterr().err
    assert run(["get", "runs"]) == 0
    told = capsys.readouterr().err
    assert "run r1 is dead and may have left in: f" in told
    assert "gameday recover --run r1" in told
