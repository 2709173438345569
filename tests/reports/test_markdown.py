"""The Markdown report: tables that are tables, text that stays text."""

from __future__ import annotations

import re

import pytest

from gameday.core.scorecard.scorecard import scorecard
from gameday.core.words import Milestone
from gameday.reports.markdown import to_markdown
from gameday.reports.markdown_text import escape, table
from tests.engine.drill import RUN
from tests.reports.sample_runs import ODD, hostile, rich

EVIL = "a | b\n| c | <script>x</script> `d` *e* [f](http://g) <!-- \\| $h$ # &lt;"


def tables(text: str) -> list[list[str]]:
    """Runs of lines that begin with a pipe."""
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("|"):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [rows for rows in found if rows]


def broken(text: str) -> list[str]:
    """Rows that have not as many cells as their table's head, and tables without a rule."""
    wrong = []
    for rows in tables(text):
        cells = [len(re.findall(r"(?<!\\)(?:\\\\)*\|", row)) for row in rows]
        wrong += [row for row, count in zip(rows, cells, strict=True) if count != cells[0]]
        if not re.fullmatch(r"\|( (:--|--:) \|)+", rows[1]):
            wrong.append(rows[1])
    return wrong


@pytest.mark.parametrize("name", ODD)
def test_every_kind_of_run_makes_sound_tables(name: str) -> None:
    card = ODD[name]()
    text = to_markdown(card)
    assert tables(text)
    assert broken(text) == []
    for milestone in Milestone:
        assert f"| {milestone} |" in text
    for verdict in (card.verdicts.run, card.verdicts.system, card.verdicts.people):
        assert f"**{verdict.verdict.replace('_', ' ')}**" in text
    assert "None" not in text


def test_what_people_write_stays_text() -> None:
    text = to_markdown(hostile(EVIL))
    assert broken(text) == []
    assert "<script" not in text.replace("\\<", "")
    assert "<!--" not in text.replace("\\<", "")
    assert text.splitlines()[0].startswith("# a \\| b \\| c \\| \\<script\\>")


def test_without_escaping_that_check_would_fail() -> None:
    assert broken(table(("a", "b"), [("x", EVIL.replace("\n", " "))]))
    assert broken(table(("a", "b"), [("x", escape(EVIL))])) == []


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("plain, with: stops.", "plain, with: stops."),
        ("two\nlines\r\n\tand more", "two lines and more"),
        ("- no list", "\\- no list"),
        ("1. no list", "1\\. no list"),
        ("38.0 s", "38.0 s"),
        ("a_b*c", "a\\_b\\*c"),
        ("\\|", "\\\\\\|"),
        ("<b>&nbsp;", "\\<b\\>&amp;nbsp;"),
        ("", ""),
    ],
)
def test_escape(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_references_lead_to_rows() -> None:
    text = to_markdown(rich())
    wanted = set(re.findall(r"\]\(#(e\d+)\)", text))
    assert wanted
    assert wanted <= set(re.findall(r'<a id="(e\d+)"></a>', text))


def test_the_order_is_that_of_the_html() -> None:
    headings = re.findall(r"^## (.*)$", to_markdown(rich()), re.MULTILINE)
    assert headings == [
        *("What to do next", "Timeline", "Response times", "Expectations", "Score", "Impacts"),
        *("False all-clears", "Faults", "Steady state", "What starts and stops each clock"),
        *("Debrief", "Event log", "Scenario"),
    ]


def test_the_same_records_give_the_same_bytes() -> None:
    card = rich()
    assert to_markdown(scorecard(RUN, list(card.records))) == to_markdown(card)
