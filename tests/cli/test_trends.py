"""``gameday report trends``: from the log, kept for the next time, made anew when it goes on."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gameday.bootstrap import results, store
from gameday.cli.main import run
from gameday.core.log.events import Draft, EntryAnnulled, HintGiven, NoteAdded, Record
from gameday.core.run.commands import Respond
from gameday.core.scorecard.run_result import RunResult
from gameday.engine.stream import submit
from gameday.settings import Settings, load_settings
from tests.engine.drill import good_responders, play

MONTH = 30 * 86400


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings of a directory of its own, which is the working directory."""
    monkeypatch.chdir(tmp_path)
    return load_settings(tmp_path, {}, {})


@pytest.fixture(scope="module")
def played() -> Sequence[Record]:
    """The records of a drill."""
    return play(good_responders(), services=["checkout"]).records


def kept(settings: Settings, records: Sequence[Record], count: int) -> None:
    """That many runs in the store, one a month, which all went the same way."""
    with store.open_store(settings) as log:
        for number in range(count):
            drafts = [
                Draft(r.event, replace(r.at, wall=r.at.wall + number * MONTH), r.key)
                for r in records
            ]
            log.transact(f"r{number}", 0, partial(_these, drafts))


def _these(drafts: Sequence[Draft], _: Sequence[Record]) -> Sequence[Draft]:
    return drafts


def told(settings: Settings) -> list[RunResult]:
    with store.open_store(settings) as log:
        found = list(results.each_result(log))
    assert all(isinstance(one, RunResult) for one in found), found
    return [one for one in found if isinstance(one, RunResult)]


def shown(capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    capsys.readouterr()
    assert run(["report", "trends", *arguments]) == 0
    return json.loads(capsys.readouterr().out)


def test_every_ended_run_is_in_it(
    settings: Settings, played: Sequence[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    kept(settings, played, 7)
    with store.open_store(settings) as log:
        going_on = [Draft(r.event, r.at, r.key) for r in played[:3]]
        log.transact("still-running", 0, lambda _: going_on)
    (group,) = shown(capsys, "--by", "service")["groups"]
    assert (group["id"], group["runs"], group["valid"]) == ("checkout", 7, 7)
    detect = next(time for time in group["times"] if time["name"] == "detect")
    assert detect["n"] == 7
    assert [point["run"] for point in detect["points"]] == [f"r{n}" for n in range(7)]
    assert detect["change"] == "none_seen"


def test_what_was_kept_is_what_is_made_anew(settings: Settings, played: Sequence[Record]) -> None:
    kept(settings, played, 3)
    first, second = told(settings), told(settings)
    assert first == second
    with closing(sqlite3.connect(settings.store)) as db:
        assert db.execute("SELECT count(*) FROM results").fetchone() == (3,)
        db.execute("UPDATE results SET data = replace(data, 'Simulated', 'Kept') WHERE run_id='r1'")
        db.commit()
    titles = [one.title for one in told(settings)]
    assert titles == ["Simulated drill", "Kept drill", "Simulated drill"], "it was made anew"


def test_a_late_entry_makes_the_result_anew(settings: Settings, played: Sequence[Record]) -> None:
    kept(settings, played, 1)
    (before,) = told(settings)
    with store.open_store(settings) as log:
        note = submit(log, store.clock(), "r0", Respond(NoteAdded(by="bob", text="oops")))
        entry = f"e{len(log.read('r0'))}"
        annul = EntryAnnulled(by="fay", text="not his", entry=entry)
        submit(log, store.clock(), "r0", Respond(annul))
        assert note is not None
    (after,) = told(settings)
    assert (before.annulled, after.annulled) == (0, 1)


def test_a_hint_is_seen_in_what_an_earlier_version_kept(
    settings: Settings, played: Sequence[Record]
) -> None:
    kept(settings, played, 1)
    with store.open_store(settings) as log:
        submit(log, store.clock(), "r0", Respond(HintGiven(by="fay", text="look at the cache")))
    (made,) = told(settings)
    assert made.hints == 1
    with closing(sqlite3.connect(settings.store)) as db:
        (data,) = db.execute("SELECT data FROM results").fetchone()
        assert RunResult._fields[-1] == "hints"
        without = json.dumps(json.loads(data)[:-1])
        db.execute("UPDATE results SET data = ?", (without,))
        db.commit()
        assert told(settings) == [made._replace(hints=0)], "this version's word is believed"
        db.execute("UPDATE results SET version = version - 1")
        db.commit()
    assert told(settings) == [made]


@pytest.mark.parametrize("change", ["version = 999, data = '{}'", "data = '{}'", "data = '['"])
def test_what_another_version_or_hand_kept_is_not_believed(
    settings: Settings, played: Sequence[Record], change: str
) -> None:
    kept(settings, played, 1)
    told(settings)
    with closing(sqlite3.connect(settings.store)) as db:
        db.execute(f"UPDATE results SET {change}")
        db.commit()
    (found,) = told(settings)
    assert found.title == "Simulated drill"


def test_every_format_goes_into_a_directory(settings: Settings, played: Sequence[Record]) -> None:
    kept(settings, played, 2)
    assert run(["report", "trends", "--out", "out"]) == 0
    assert {file.name for file in Path("out").iterdir()} == {
        f"trends.{ending}" for ending in ("html", "md", "json", "csv")
    }


def test_services_of_game_days_that_were_never_drilled_are_named(
    settings: Settings, played: Sequence[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    kept(settings, played, 1)
    library = Path(__file__).parents[2] / "gamedays"
    coverage = shown(capsys, "--scenarios", str(library))["coverage"]
    assert coverage["services"]["checkout"] == 1
    assert coverage["services"]["inventory"] == 0
    assert coverage["families"]["kubernetes.pods"] == 0


def test_what_is_no_game_day_names_no_service(
    settings: Settings,
    played: Sequence[Record],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    kept(settings, played, 1)
    library = tmp_path / "mixed"
    library.mkdir()
    (library / "good.yaml").write_text("timeline: []\nservices: [inventory]\n", encoding="utf-8")
    (library / "odd.yaml").write_text("timeline: []\nservices: [1, {a: b}]\n", encoding="utf-8")
    (library / "word.yaml").write_text("timeline: []\nservices: search\n", encoding="utf-8")
    (library / "other.yaml").write_text("services: [mail]\n", encoding="utf-8")
    (library / "broken.yaml").write_text("timeline: [", encoding="utf-8")
    (library / "bytes.yaml").write_bytes(b"\xff\xfe\x00")
    (library / "folder.yaml").mkdir()
    coverage = shown(capsys, "--scenarios", str(library))["coverage"]
    assert set(coverage["services"]) == {"checkout", "inventory"}


def test_a_bad_file_of_incidents_is_said(
    settings: Settings, played: Sequence[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    kept(settings, played, 1)
    Path("incidents.csv").write_text("id,started\nx,then\n", encoding="utf-8")
    assert run(["report", "trends", "--incidents", "incidents.csv"]) == 3
    assert "incidents.csv:2:1: started" in capsys.readouterr().err


def test_incidents_are_not_dropped_without_a_word(
    settings: Settings, played: Sequence[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    kept(settings, played, 1)
    Path("i.csv").write_text("id,started\nx,2020-03-02T14:03:00\n", encoding="utf-8")
    assert run(["report", "trends", "--incidents", "i.csv", "--format", "csv"]) == 2
    assert "--format csv is the drills alone" in capsys.readouterr().err
    assert run(["report", "trends", "--incidents", "i.csv", "--out", "o"]) == 0
    assert sorted(path.suffix for path in Path("o").iterdir()) == [".html", ".json", ".md"]
    assert run(["report", "trends", "--format", "csv"]) == 0


def test_a_run_that_cannot_be_read_hides_no_other(
    settings: Settings, played: Sequence[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    kept(settings, played, 2)
    with closing(sqlite3.connect(settings.store)) as db:
        db.execute("UPDATE events SET data = '{' WHERE run_id = 'r0' AND seq = 4")
        db.commit()
    assert run(["report", "trends"]) == 6
    told_of = capsys.readouterr()
    assert "run r0 cannot be read" in told_of.err
    assert json.loads(told_of.out)["groups"][0]["runs"] == 1


def test_a_report_of_a_run_is_asked_for_as_ever(
    settings: Settings, played: Sequence[Record], capsys: pytest.CaptureFixture[str]
) -> None:
    kept(settings, played, 2)
    for arguments, which in ((["r0"], "r0"), ([], "r1"), (["--format", "json"], "r1")):
        capsys.readouterr()
        assert run(["report", *arguments]) == 0
        assert json.loads(capsys.readouterr().out)["run"]["id"] == which
