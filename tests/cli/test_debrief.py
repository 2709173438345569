"""``gameday debrief``: asked at a terminal, listed elsewhere, every answer on record."""

from __future__ import annotations

import io
import json
import os
import pty
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gameday.adapters.incident_process.tables import PACKAGED
from gameday.bootstrap import store
from gameday.cli.debrief import ask
from gameday.cli.main import cli
from gameday.core.incident_process.debrief import Origin, Question, debrief, lessons
from gameday.core.log import events as e
from gameday.core.log.events import Draft, Record
from gameday.core.run.evolve import fold
from gameday.settings import load_settings
from tests.engine.drill import RUN, played_once

OWN: dict[str, Any] = {
    "debrief": ["What was in the way?"],
    "success_criteria": ["Detected in a minute."],
}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory of its own, with a game day in its store."""
    monkeypatch.chdir(tmp_path)
    keep(played_once(process={}, **OWN).records)
    return tmp_path


def keep(records: Sequence[Record], run: str = "r1") -> None:
    with store.open_store(load_settings(Path.cwd(), {}, {})) as log:
        log.transact(run, 0, lambda _: [Draft(r.event, r.at, r.key) for r in records])


def kept(run: str = "r1") -> list[Record]:
    with store.open_store(load_settings(Path.cwd(), {}, {})) as log:
        return [r for r in log.read(run) if isinstance(r.event, e.DebriefAnswered)]


def invoke(*arguments: str, code: int = 0) -> Any:
    result = CliRunner().invoke(cli, ["debrief", *arguments])
    assert result.exit_code == code, result.output
    return result


def rows(*arguments: str) -> dict[str, Any]:
    return {row["id"]: row for row in json.loads(invoke(*arguments, "-o", "json").stdout)}


def test_without_a_terminal_the_questions_are_listed() -> None:
    found = rows()
    assert list(found)[:2] == ["criterion-1", "debrief-1"]
    assert found["debrief-1"]["question"] == "What was in the way?"
    assert found["criterion-1"]["origin"] == "criterion"
    assert len(found) == 2 + 10
    assert {row["answer"] for row in found.values()} == {None}
    shown = invoke().stdout
    assert "What surprised us?" in shown
    assert not kept()


def test_answers_are_kept_and_the_newest_counts() -> None:
    invoke("--answer", "surprised=the pool", "--answer", "criterion-1=yes = in 40 s", "--for", "al")
    invoke("--answer", "debrief.surprised=the disk")
    found = rows()
    assert found["surprised"]["answer"] == "the disk"
    assert found["criterion-1"]["answer"] == "yes = in 40 s"
    assert found["criterion-1"]["by"] == "al"
    assert found["surprised"]["events"] == [r.id for r in kept() if "surprised" in repr(r.event)]
    assert len(found["surprised"]["events"]) == 2
    assert len(kept()) == 3


def test_with_a_key_the_same_command_adds_its_answers_once() -> None:
    same = ("--answer", "surprised=the pool", "--answer", "surprised=the disk", "--key", "k")
    for _ in range(2):
        invoke(*same)
    assert len(kept()) == 2
    invoke(*same[:-1], "other")
    assert len(kept()) == 4


def test_an_unknown_question_keeps_nothing_and_names_those_there_are() -> None:
    told = invoke("--answer", "surprised=x", "--answer", "mood=good", code=2).stderr
    assert "no question has the id 'mood'" in told
    assert "criterion-1, debrief-1, first_sign, surprised" in told
    assert not kept()


@pytest.mark.parametrize("pair", ["surprised", "surprised=", "surprised=  "])
def test_an_answer_without_text_is_a_mistake(pair: str) -> None:
    assert "is not ID=TEXT" in invoke("--answer", pair, code=2).stderr
    assert not kept()


def test_a_run_that_is_no_game_day_asks_nothing() -> None:
    first = played_once(process={}).records[0]
    assert isinstance(first.event, e.RunScheduled)
    keep([replace(first, event=replace(first.event, scenario={}, process={}))], "x1")
    result = CliRunner().invoke(cli, ["debrief", "--run", "x1"])
    assert "not a game day's run" in str(result.exception)


def test_the_log_keeps_the_questions_and_a_run_without_them_gets_those_of_today(
    here: Path,
) -> None:
    lists = (PACKAGED / "checklists.yaml").read_text().replace("What surprised us?", "And now?")
    (here / "process").mkdir()
    (here / "process/checklists.yaml").write_text(lists)
    assert rows()["surprised"]["question"] == "What surprised us?"
    keep(played_once(process=False).records, "r2")
    assert rows("--run", "r2")["surprised"]["question"] == "And now?"


# --- at a terminal --------------------------------------------------------------------------

QUESTIONS = [Question(id, f"{id}?", Origin.PROCESS) for id in ("one", "two", "three", "four")]


@pytest.mark.parametrize(
    ("typed", "answers"),
    [
        ("a\n\n b \n", [("one", "a"), ("three", "b")]),
        ("", []),
        ("\n\n\nlast", [("four", "last")]),
        ("a\nb\nc\nd\ne\n", [("one", "a"), ("two", "b"), ("three", "c"), ("four", "d")]),
    ],
)
def test_an_empty_line_skips_and_the_end_ends(
    typed: str, answers: list[tuple[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    given: list[tuple[str, str]] = []
    ask(QUESTIONS, io.StringIO(typed), lambda id, text: given.append((id, text)))
    assert given == answers
    told = capsys.readouterr()
    assert told.out == ""
    assert f"{len(answers)} answered, {4 - len(answers)} open" in told.err


def test_a_person_is_asked_what_is_open_until_ctrl_d() -> None:
    invoke("--answer", "criterion-1=yes")
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "gameday", "debrief"]
    asked = subprocess.Popen(command, stdin=theirs, stderr=theirs, stdout=subprocess.PIPE)
    os.close(theirs)
    os.write(ours, b"the runbook was old\n\n\x04")
    out, _ = asked.communicate(timeout=60)
    shown = os.read(ours, 65_536).decode()
    os.close(ours)
    assert (asked.returncode, out) == (0, b"")
    assert "1/11  What was in the way?  [debrief-1]" in shown
    assert "criterion-1" not in shown
    assert "1 answered, 10 open" in shown
    assert rows()["debrief-1"]["answer"] == "the runbook was old"


# --- what counts ----------------------------------------------------------------------------


def answer(seq: int, question: str, text: str, **at: Any) -> Record:
    """One more record of the run; ``at``: where it is not an hour after the last one."""
    last = played_once(process={}, **OWN).records[-1]
    moment = replace(last.at.plus(3600 + seq), **at)
    fact = e.DebriefAnswered(by="bob", text=text, question=question)
    return replace(last, seq=last.seq + seq, event=fact, at=moment)


def test_an_answer_after_a_reboot_is_newer_though_the_boot_clock_says_less() -> None:
    records = played_once(process={}, **OWN).records
    first, second = answer(1, "debrief-1", "before"), answer(2, "debrief-1", "after")
    rebooted = replace(second, at=replace(second.at, boot=5, boot_id="another"))
    own = {q.id: q for q in debrief(fold(RUN, [*records, first, rebooted]))}["debrief-1"]
    assert [word.fact.text for word in own.answers] == ["before", "after"]


def test_an_answer_that_was_struck_out_does_not_count() -> None:
    records = played_once(process={}, **OWN).records
    first, second = answer(1, "debrief-1", "right"), answer(2, "debrief-1", "wrong")
    struck = replace(second, seq=second.seq + 1, event=e.EntryAnnulled(by="f", entry=second.id))
    own = {q.id: q for q in debrief(fold(RUN, [*records, first, second, struck]))}["debrief-1"]
    assert own.answer is not None
    assert own.answer.fact.text == "right"


def test_whether_a_criterion_was_met_is_no_lesson_and_a_lost_question_keeps_its_answer() -> None:
    records = played_once(process={}, **OWN).records
    said = [answer(1, "criterion-1", "yes"), answer(2, "gone", "much"), answer(3, "debrief-1", "a")]
    state = fold(RUN, [*records, *said])
    assert list(lessons(state)) == ["a", "much"]
    assert debrief(state)[-1].origin is Origin.UNKNOWN
