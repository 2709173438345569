"""`gameday draft`, `report postmortem` and tracked items, as a user meets them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from gameday.adapters.incident_process.drafts import PACKAGED, render_draft
from gameday.bootstrap import store
from gameday.bootstrap.drafts import told
from gameday.cli.main import run
from gameday.core.drafts.facts import DraftFacts, draft_facts
from gameday.core.drafts.kinds import AUDIENCES, KINDS, template_names
from gameday.core.drafts.words import FILL_IN
from gameday.core.errors import InvalidFile
from gameday.core.log.events import Draft, Record
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.words import StatusPhase
from gameday.settings import load_settings
from tests.core.incident_process.spoken_runs import silent, talkative
from tests.packaged_blame import blaming
from tests.reports.sample_runs import ODD, good, hostile, rich

TEMPLATES = [name for kind in KINDS for name in template_names(kind)]
EMPTY_FIELD = re.compile(r"\*\*[^*\n]+:\*\* *\n(?!- )|: *[,.;]|\( *\)")


def facts(card: Scorecard) -> DraftFacts:
    return draft_facts(card, told(card))


@pytest.fixture(scope="module")
def runs() -> dict[str, DraftFacts]:
    """A rich run, one in which nothing was declared, and every odd one."""
    cards = {"talkative": talkative(), "silent": silent(), **{k: v() for k, v in ODD.items()}}
    return {name: facts(card) for name, card in cards.items()}


@pytest.mark.parametrize("name", TEMPLATES)
def test_each_text_from_each_kind_of_run(name: str, runs: dict[str, DraftFacts]) -> None:
    for of, known in runs.items():
        text = render_draft(name, known)
        assert text.startswith("EXERCISE"), of
        assert "None" not in text, of
        assert not EMPTY_FIELD.search(text), (of, EMPTY_FIELD.search(text))
        assert blaming(text) == (), of
        assert "\n\n\n" not in text, of


def test_that_check_of_empty_fields_can_fail() -> None:
    for text in ("**Impact:**\n**Started:** x", "Cause: , and", "status ()", "Why: ."):
        assert EMPTY_FIELD.search(text), text


def test_what_is_not_known_is_seen(runs: dict[str, DraftFacts]) -> None:
    for name in ("declare", "update", "resolve", "escalate", "comms-executives"):
        assert len(FILL_IN.findall(render_draft(name, runs["silent"]))) >= 3, name
    assert not FILL_IN.search(render_draft("timeline", runs["silent"]))


def test_a_declaration_word_for_word(runs: dict[str, DraftFacts]) -> None:
    assert render_draft("declare", runs["talkative"]).splitlines() == [
        "EXERCISE (drill drill-1): no real incident.",
        "",
        "**SEV1 declared: Payments answer slowly, then not at all**",
        "",
        "**System:** checkout and payments (staging)",
        "**Impact:** customers cannot pay. Measured: 100 % of the readings of checkout failed",
        "**Started:** 14:14 UTC",
        "",
        "**Roles**",
        "- Incident commander: erin",
        "- Technical lead: bob",
        "- Communications lead: carol",
        "- Scribe: dave",
        "",
        "**Status:** resolved",
        "**Next update:** none, it is resolved",
        "**Room:** #incident-2026-09-21-001-payments-answer-slowly-then "
        "(all findings go here, nowhere else)",
        "**Bridge:** [to fill in: link to the call]",
    ]


def test_the_formats_of_the_runbooks(runs: dict[str, DraftFacts]) -> None:
    sections = {
        "runbook": ("Triggers", "Prerequisites", "Steps", "Verify", "Rollback", "Troubleshooting"),
        "drill": ("Objectives", "Scenario", "Setup", "Timeline", "Success criteria", "Debrief"),
        "postmortem": ("Summary", "Impact", "Timeline", "Five whys", "Action items", "Lessons"),
    }
    for name, headings in sections.items():
        text = render_draft(name, runs["talkative"])
        found = re.findall(r"^## ([A-Za-z ]+?)(?: \(.*)?$", text, re.MULTILINE)
        assert [one for one in headings if one not in found] == [], name
    assert "Contacts" in render_draft("runbook", runs["talkative"])


def test_people_s_words_break_no_table_and_run_no_template() -> None:
    text = render_draft("timeline", facts(hostile("a | b {{ facts.owner }}\n<x>")))
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}
    assert "facts.owner" in text


# --- templates of a team -------------------------------------------------------------------------


def of_team(tmp_path: Path, name: str, text: str | bytes) -> Path:
    (tmp_path / "drafts").mkdir(exist_ok=True)
    path = tmp_path / "drafts" / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("ending", [".md.j2", ".txt.j2"])
def test_a_team_s_own_stands_for_the_packaged(
    ending: str, tmp_path: Path, runs: dict[str, DraftFacts]
) -> None:
    of_team(tmp_path, f"declare{ending}", "Subject: help\nours: {{ facts.title | upper }} {{ 1 }}")
    text = render_draft("declare", runs["talkative"], tmp_path)
    assert text.startswith("EXERCISE (drill drill-1)")  # no template leaves that out
    assert "\nSubject: EXERCISE: help\nours: PAYMENTS ANSWER" in text
    other = render_draft("update", runs["talkative"], tmp_path)
    assert other == render_draft("update", runs["talkative"])


def test_a_subject_is_marked_once(tmp_path: Path, runs: dict[str, DraftFacts]) -> None:
    of_team(tmp_path, "update.md.j2", "subject:EXERCISE x\nSubject:\tEXERCISER\n")
    text = render_draft("update", runs["good"], tmp_path)
    assert text.splitlines()[2:] == ["subject:EXERCISE x", "Subject: EXERCISE: EXERCISER"]


def test_a_team_s_may_include_a_packaged_one(tmp_path: Path, runs: dict[str, DraftFacts]) -> None:
    of_team(tmp_path, "declare.md.j2", "ours\n{% include 'update.md.j2' %}")
    assert "**Update #" in render_draft("declare", runs["good"], tmp_path)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a\n{{ facts.titel }}", 2, "titel"),
        ("a\n\n{{ fact.title }}", 3, "'fact' is undefined"),
        ("{% if %}", 1, "xpected"),
        ("a\n{% for x in facts.roles %}", 2, "nexpected end"),
        ("a\n{{ facts.title.__class__.__mro__ }}", 2, "unsafe"),
        ("\n{{ facts.title.format.__globals__ }}", 2, "unsafe"),
        ("a\n{{ 1 / 0 }}", 2, "division"),
        ("a\n{{ facts.title | nonesuch }}", 2, "nonesuch"),
        ("a\n{% include 'gone.md.j2' %}", 2, "gone.md.j2"),
        ("a\n{% include '../secret' %}", 2, "secret"),
        ("a\n{{ range(10000000) }}", 2, "too big"),
        (b"\xff\xfe", 1, "UTF-8"),
    ],
)
def test_a_mistake_in_a_team_s_template_is_placed(
    text: str | bytes, line: int, said: str, tmp_path: Path, runs: dict[str, DraftFacts]
) -> None:
    path = of_team(tmp_path, "declare.md.j2", text)
    (tmp_path / "secret").write_text("s3cret", encoding="utf-8")
    with pytest.raises(InvalidFile) as caught:
        render_draft("declare", runs["talkative"], tmp_path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column) == (str(path), line, 1)
    assert said in problem.message
    assert "s3cret" not in problem.message


def test_a_mistake_in_what_is_included_is_placed_there(
    tmp_path: Path, runs: dict[str, DraftFacts]
) -> None:
    of_team(tmp_path, "declare.md.j2", "a\n{% include 'part.md.j2' %}")
    part = of_team(tmp_path, "part.md.j2", "\n\n{{ facts.nonesuch }}")
    with pytest.raises(InvalidFile) as caught:
        render_draft("declare", runs["good"], tmp_path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == (str(part), 3)


def test_a_template_changes_nothing(tmp_path: Path, runs: dict[str, DraftFacts]) -> None:
    of_team(tmp_path, "update.md.j2", "{% set x = [] %}{{ x.append(1) }}")
    with pytest.raises(InvalidFile, match="unsafe"):
        render_draft("update", runs["good"], tmp_path)


def test_every_packaged_template_belongs_to_a_kind() -> None:
    assert {path.name for path in PACKAGED.iterdir()} == {f"{name}.md.j2" for name in TEMPLATES}


# --- the commands --------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with two runs of one day, in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    keep("first", good().records)
    keep("second", talkative().records)
    return tmp_path


def keep(run_id: str, records: Sequence[Record]) -> None:
    with store.open_store(load_settings(Path.cwd(), {}, {})) as log:
        drafts = [Draft(record.event, record.at, record.key) for record in records]
        log.transact(run_id, 0, lambda _: drafts)


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_on_stdout(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["draft", kind]) == 0
    text = capsys.readouterr().out
    assert text.count("EXERCISE (drill second)") == len(template_names(kind))


@pytest.mark.usefixtures("kept")
def test_the_number_of_the_day_is_in_the_room(capsys: pytest.CaptureFixture[str]) -> None:
    for name, number in (("first", "001"), ("second", "002")):
        assert run(["draft", "declare", "--run", name]) == 0
        assert f"#incident-2026-09-21-{number}-" in capsys.readouterr().out


@pytest.mark.usefixtures("kept")
def test_one_audience_and_each_phase(capsys: pytest.CaptureFixture[str]) -> None:
    for audience in AUDIENCES:
        assert run(["draft", "comms", "--audience", audience]) == 0
        assert capsys.readouterr().out.count("EXERCISE (") == 1
    for phase in StatusPhase:
        assert run(["draft", "statuspage", "--status", str(phase)]) == 0
        text = capsys.readouterr().out
        assert f"**{phase.capitalize()}: checkout and payments**" in text
        assert "Next update: none" not in text  # a phase that is asked for is told as one
    assert run(["draft", "update", "--audience", "customers"]) == 2
    assert run(["draft", "update", "--status", "resolved"]) == 2
    assert run(["draft", "poem"]) == 2
    assert run(["draft", "update", "--run", "nonesuch"]) == 5


def test_a_file_that_people_wrote_in_is_never_written_over(
    kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for arguments in (["draft", "update"], ["report", "postmortem"]):
        command = [*arguments, "--out", "texts"]
        assert run(command) == 0
        path = kept / capsys.readouterr().err.strip().splitlines()[-1]
        first = path.read_text(encoding="utf-8")
        assert run(command) == 0  # the same again is no loss
        path.write_text(first + "mine\n", encoding="utf-8")
        assert run(command) == 4
        assert "says something else" in capsys.readouterr().err
        assert path.read_text(encoding="utf-8") == first + "mine\n"


def test_a_team_s_mistake_is_exit_3(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kept / "process").mkdir()
    path = of_team(kept / "process", "update.md.j2", "{{ nonesuch }}")
    assert run(["draft", "update"]) == 3
    assert f"{path}:1:1: 'nonesuch' is undefined" in capsys.readouterr().err


@pytest.mark.usefixtures("kept")
def test_a_postmortem_as_markdown_and_html(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["report", "postmortem"]) == 0
    assert capsys.readouterr().out.startswith("# EXERCISE postmortem: Payments answer slowly")
    assert run(["report", "postmortem", "first", "--format", "html"]) == 0
    assert capsys.readouterr().out.startswith("<!doctype html>")
    assert run(["report", "postmortem", "-o", "json"]) == 2
    assert run(["report", "postmortem", "--check", "x.md", "--format", "html"]) == 2


def test_a_checked_run_s_people_are_known(kept: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (kept / "p.md").write_text("bob forgot it", encoding="utf-8")
    assert run(["report", "postmortem", "second", "--check", "p.md"]) == 1
    assert "'bob forgot'" in capsys.readouterr().out
    assert run(["report", "postmortem", "--check", "p.md"]) == 1
    assert "'bob forgot'" not in capsys.readouterr().out


@pytest.mark.usefixtures("kept")
def test_tracked_items_as_a_table_and_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    keep("third", rich().records)
    assert run(["report", "actions", "--tracked", "-o", "json"]) == 0
    items = json.loads(capsys.readouterr().out)
    by_title = {item["title"]: item for item in items}
    assert by_title["Alert on the pool"]["status"] == "open"
    assert by_title["Test error paths"]["status"] == "done"
    assert by_title["an all-clear was false"]["asked"] is False
    assert all(item["id"] for item in items)
    assert run(["report", "actions", "--tracked"]) == 0
    table = capsys.readouterr().out
    assert "STATUS" in table
    assert "Alert on the pool" in table
    for wrong in (["second", "--tracked"], ["--tracked", "--send"], ["-o", "json"]):
        assert run(["report", "actions", *wrong]) == 2
