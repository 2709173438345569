"""What people type does nothing in a draft but be read, and what is said inside stays inside."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from gameday.adapters.incident_process import drafts as adapter
from gameday.bootstrap import store
from gameday.bootstrap.process_tables import blame_table
from gameday.cli.main import run
from gameday.core.drafts.kinds import AUDIENCES, KINDS
from gameday.core.drafts.neutral import markdown, plain, subject
from gameday.core.drafts.public_words import fit_for_outside
from gameday.core.drafts.words import FILL_IN, one_line
from gameday.core.log import events as e
from gameday.core.log.events import Draft, Record
from gameday.core.words import Audience, StatusPhase
from gameday.settings import load_settings
from tests.core.incident_process.spoken_runs import by, talkative_acts, talkative_played
from tests.engine.drill import act, play
from tests.reports.sample_runs import rich_scenario, with_latencies

HOSTILE = (
    "x <script>alert(1)</script> `rm -rf` [x](http://evil.example) ![i](http://evil.example/i.png)"
    "\n\n| a | b |\n|---|---|\n# big\n- one\n> said\n***bold*** ~~gone~~ <!channel> @here (@alice)"
    " <https://evil.example> www.evil.example [to fill in: y](http://evil.example) \\"
)
BENIGN = "x y"
EVERY = [
    *(["draft", kind] for kind in KINDS if kind != "comms"),
    *(["draft", "comms", "--audience", audience] for audience in AUDIENCES),
    *(["draft", "statuspage", "--status", str(phase)] for phase in StatusPhase),
]
OUTSIDE = [arguments for arguments in EVERY if {"statuspage", "customers"} & set(arguments)]
TYPED = [a for a in EVERY if "statuspage" not in a or "identified" in a]
"""Those in which anything that was typed stands; the status page's other phases need none."""
RENDERER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
ACTING = re.compile(r"<script|<!|@here|@alice|(?<![\\\u200b])://|www\.|(?<!\\)\]\(|\n\| a")
_WORDS = ("title", "narrative", "owner")
_LISTS = ("objectives", "success_criteria", "debrief", "setup")


def said_everywhere(text: str) -> list[Record]:
    """A run in which everything that can be typed is ``text``, the scenario's words too."""
    for_all = [
        by("carol", "+71s", "comms", audience="customers", text="x"),
        by("carol", "+72s", "comms", audience="status_page", status="identified", text="x"),
        act("+8s", "debrief", "mitigated", question="surprised", text="x"),
    ]
    played = play([*talkative_acts(), *for_all], **{**rich_scenario(), "process": {}})
    return [replace(r, event=_typed(r.event, text)) for r in with_latencies(played.records)]


def _typed(event: e.Event, text: str) -> e.Event:
    if isinstance(event, e.RunScheduled):
        scenario = {**event.scenario, **dict.fromkeys(_WORDS, text)}
        scenario |= {name: [text] for name in _LISTS}
        scenario["timeline"] = [{**inject, "title": text} for inject in scenario["timeline"]]
        scenario["participants"] = []
        return replace(event, title=text, scenario=scenario)
    if isinstance(event, e.InjectSent):
        return replace(event, title=text, message=text)
    if not isinstance(event, e.ResponderFact):
        return event
    told: dict[str, Any] = {"text": text, "by": f"Bob {text}"}
    for name in ("holder", "source", "evidence", "test", "to", "ticket", "owner", "detail"):
        if name in {field.name for field in fields(event)}:
            told[name] = f"Bob {text}"
    if isinstance(event, e.ActionItemAdded):
        told |= {"priority": text, "due": text}
    return replace(event, **told)


def keep(run_id: str, records: Sequence[Record]) -> None:
    with store.open_store(load_settings(Path.cwd(), {}, {})) as log:
        drafts = [Draft(record.event, record.at, record.key) for record in records]
        log.transact(run_id, 0, lambda _: drafts)


Drawn = Callable[..., str]


@pytest.fixture
def drawn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Drawn:
    """The text that a command prints, in a directory of its own."""
    monkeypatch.chdir(tmp_path)

    def draw(*arguments: str) -> str:
        assert run(list(arguments)) == 0
        return capsys.readouterr().out

    return draw


def shape(text: str) -> list[str]:
    """What a draft is once it is a page: its tags in order, and nothing of its words."""
    body = "\n".join(line for line in text.splitlines() if not line.startswith("Subject:"))
    return re.findall(r"<(/?[a-z]\w*)", RENDERER.render(body))


# --- nothing that is typed acts ------------------------------------------------------------------


def test_typed_text_is_read_and_does_nothing_in_any_draft(drawn: Drawn) -> None:
    keep("benign", said_everywhere(BENIGN))
    keep("hostile", said_everywhere(HOSTILE))
    for arguments in EVERY:
        hostile = drawn(*arguments, "--run", "hostile")
        assert ("alert(1)" in hostile) == (arguments in TYPED), arguments  # it did get there
        assert shape(hostile) == shape(drawn(*arguments, "--run", "benign")), arguments
        assert not ACTING.search(hostile), (arguments, ACTING.search(hostile))


def test_the_check_above_can_fail(drawn: Drawn, monkeypatch: pytest.MonkeyPatch) -> None:
    keep("benign", said_everywhere(BENIGN))
    keep("hostile", said_everywhere(HOSTILE))
    monkeypatch.setattr(adapter, "markdown", one_line)
    for arguments in TYPED:
        assert shape(drawn(*arguments, "--run", "hostile")) != shape(
            drawn(*arguments, "--run", "benign")
        ), arguments


def test_a_subject_is_one_line_without_backslashes(drawn: Drawn) -> None:
    keep("hostile", said_everywhere(HOSTILE))
    heads = [
        line
        for audience in AUDIENCES
        for line in drawn("draft", "comms", "--audience", audience).splitlines()
        if line.startswith("Subject:")
    ]
    assert len(heads) == len(AUDIENCES)
    for head in heads:
        assert head.startswith("Subject: EXERCISE: ")
        assert not re.search(r"[\\`<>|]|\]\(|@here|(?<!\u200b)://", head)
    assert sum("x ‹script›alert(1)‹/script› 'rm -rf' (x)" in head for head in heads) == 2


def test_a_team_s_template_needs_no_filter(drawn: Drawn) -> None:
    keep("hostile", said_everywhere(HOSTILE))
    keep("benign", said_everywhere(BENIGN))
    own = Path("process/drafts")
    own.mkdir(parents=True)
    text = "{% for r in facts.roles %}\n- {{ r.holder | upper }}\n{% endfor %}\n{{ facts.people }}"
    (own / "update.md.j2").write_text(text, encoding="utf-8")
    assert shape(drawn("draft", "update", "--run", "hostile")) == shape(
        drawn("draft", "update", "--run", "benign")
    )
    (own / "update.md.j2").rename(own / "update.txt.j2")
    hostile = drawn("draft", "update", "--run", "hostile")
    assert "`RM -RF`" in hostile  # plain text stays as it was typed, but for what acts
    assert not re.search(r"@here|@HERE|(?<!\u200b)://|<(?=\S)(?!\u200b)", hostile)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("a_b", r"a\_b"),
        ("- a", r"\- a"),
        ("1. a", r"1\. a"),
        ("# a", r"\# a"),
        ("#incident-1", "#incident-1"),
        ("a\nb\u2028c\x85d\u202ee", "a b c d e"),
        ("&lt;b>", "&amp;lt;b&gt;"),
        ("ops@example.com", "ops@example.com"),
        ("@ops", "@\u200bops"),
        ("a@here!", "a@\u200bhere!"),
        ("http://a.b/c", r"http\://a.b/c"),
        ("mailto:a@b.c", r"mailto\:a@b.c"),
        ("[to fill in: a_b]", r"[to fill in: a\_b]"),
        ("[to fill in: a](//b)", r"\[to fill in: a\](//b)"),
        ("[to fill in: a]: b", r"\[to fill in: a\]: b"),
        ("[to fill in: [a](b)]", r"\[to fill in: \[a\](b)\]"),
    ],
)
def test_markdown(typed: str, written: str) -> None:
    assert markdown(typed) == written
    page = RENDERER.render(markdown(typed))
    assert page.startswith("<p>")
    assert page.count("<") == 2


def test_plain_text_and_subjects() -> None:
    assert plain("a_b <b> @ops") == "a_b <\u200bb> @\u200bops"
    assert subject(r"Subject: [SEV1] a\_b \[c\] &lt;d&gt; &amp; \`e\` f\\\| http\://g") == (
        "Subject: [SEV1] a_b (c) ‹d› & 'e' f// http\u200b://g"
    )


# --- what is said inside stays inside ------------------------------------------------------------

INSIDE = "the intern's release leaks"


def inside_and_outside(messages: Mapping[Audience, str]) -> list[Record]:
    """A run in which everybody said the same inside, and something else to those outside."""
    records = []
    for record in talkative_played().records:
        event = record.event
        if isinstance(event, e.Communicated):
            if event.audience is Audience.INTERNAL:
                event = replace(event, text=INSIDE)
            elif (text := messages.get(event.audience)) is None:
                event = e.NoteAdded(by=event.by, text=INSIDE)
            else:
                event = replace(event, text=text, status=StatusPhase.IDENTIFIED)
        elif isinstance(event, e.ResponderFact):
            event = replace(event, text=INSIDE if event.text else "")
            if isinstance(event, e.HypothesisStated):
                event = replace(event, evidence=INSIDE, test=INSIDE)
        records.append(replace(record, event=event))
    return records


def people(records: Sequence[Record]) -> Iterator[str]:
    yield from {r.event.by for r in records if isinstance(r.event, e.ResponderFact)}
    yield "erin"


@pytest.mark.parametrize("arguments", OUTSIDE, ids=" ".join)
def test_people_outside_read_nothing_of_the_inside(drawn: Drawn, arguments: list[str]) -> None:
    records = inside_and_outside({Audience.STATUS_PAGE: "Paying takes longer than usual."})
    keep("r", records)
    text = drawn(*arguments)
    assert "intern" not in text
    assert not re.search(r"SEV\d|leak|switched", text)
    for name in people(records):
        assert not re.search(rf"\b{name}\b", text), name
    if arguments[-1] in ("customers", "identified"):
        assert "Paying takes longer than usual." in text
    assert "intern" in drawn("draft", "update")  # the same run, for those inside


@pytest.mark.parametrize("arguments", OUTSIDE, ids=" ".join)
def test_also_a_team_s_template_for_outside_sees_nothing_else(
    drawn: Drawn, arguments: list[str]
) -> None:
    keep("r", inside_and_outside({}))
    own = Path("process/drafts")
    own.mkdir(parents=True)
    name = "comms-customers" if "customers" in arguments else "statuspage"
    (own / f"{name}.md.j2").write_text("{{ facts }} of {{ facts.services }}", encoding="utf-8")
    text = drawn(*arguments)
    assert "checkout and payments" in text
    assert not re.search(r"intern|SEV\d|leak|switched|alice|bob|erin|staging", text)
    (own / f"{name}.md.j2").rename(own / "update.md.j2")
    assert "intern" in drawn("draft", "update")  # what is not for outside has it all


def test_where_nothing_was_said_for_them_a_gap_is_seen(drawn: Drawn) -> None:
    keep("r", inside_and_outside({}))
    customers = drawn("draft", "comms", "--audience", "customers")
    assert "**What happened:** [to fill in: what happened, in words for customers]" in customers
    identified = drawn("draft", "statuspage", "--status", "identified")
    assert "[to fill in: what the status page says of it while identified]" in identified


@pytest.mark.parametrize(
    "words", ["alice is on it", "a SEV1 at checkout", "P1: slow", "this was human error", "Erin!"]
)
def test_what_should_not_have_been_said_is_not_said_again(drawn: Drawn, words: str) -> None:
    keep("r", inside_and_outside({Audience.STATUS_PAGE: words}))
    for arguments in (["comms", "--audience", "customers"], ["statuspage", "--status=identified"]):
        text = drawn("draft", *arguments)
        assert words not in text
        assert any("names a person or a severity" in gap for gap in FILL_IN.findall(text))


def test_words_that_only_look_alike_are_fit_for_outside() -> None:
    blame = blame_table(None)
    assert fit_for_outside("Bobsleds are slow to load; the P100 is fine.", ["bob", " ", ""], blame)
    assert not fit_for_outside("Bob's are slow.", ["bob"], blame)


def test_words_that_nobody_can_check_are_not_said_again(drawn: Drawn) -> None:
    records = inside_and_outside({Audience.STATUS_PAGE: "Paying takes longer than usual."})
    first = records[0].event
    assert isinstance(first, e.RunScheduled)
    older = {name: table for name, table in first.process.items() if name != "blame"}
    keep("r", [replace(records[0], event=replace(first, process=older)), *records[1:]])
    text = drawn("draft", "comms", "--audience", "customers")
    assert "**What happened:** [to fill in: what happened, in words for customers]" in text
