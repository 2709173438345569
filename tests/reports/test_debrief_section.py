"""Phases and the debrief in every format of the report."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from jsonschema import Draft202012Validator, ValidationError

from gameday.core.log import events as e
from gameday.core.scorecard.scorecard import Scorecard, scorecard
from gameday.reports.html import to_html
from gameday.reports.json_report import to_json
from gameday.reports.json_schema import report_schema
from gameday.reports.markdown import to_markdown
from gameday.reports.postmortem import postmortem
from tests.core.incident_process.spoken_runs import talkative
from tests.engine.drill import RUN, played_once
from tests.engine.process_drills import played

DEBATE = "broken/rollback-debate.yaml"


def html_part(page: str, id: str) -> str:
    return page[page.index(f'<h2 id="{id}"') :].split("</section>")[0]


def markdown_part(text: str, title: str) -> str:
    return text[text.index(f"## {title}\n") :].split("\n## ")[0]


def said(card: Scorecard, *answers: tuple[str, str]) -> Scorecard:
    """The same run, and these answers after it."""
    last = card.records[-1]
    more = [
        replace(
            last,
            seq=last.seq + number,
            at=last.at.plus(number),
            event=e.DebriefAnswered(by="bob", question=question, text=text),
        )
        for number, (question, text) in enumerate(answers, start=1)
    ]
    return scorecard(RUN, [*card.records, *more])


def test_the_page_has_every_phase_and_says_which_was_over() -> None:
    part = html_part(to_html(played(DEBATE).card), "process")
    row = part[part.index('<th scope="row">Mitigation') :].split("</tr>")[0]
    assert '<td class="bad"><span aria-hidden="true">✘</span> over</td>' in row
    assert "126.0 s, window 1m30s" in row
    assert part.count(">✔</span> within") == 7
    (declared,) = [r.id for r in played(DEBATE).records if isinstance(r.event, e.Declared)]
    assert f'href="#{declared}"' in row


def test_the_page_of_the_drill_that_keeps_all_has_none_over() -> None:
    part = html_part(to_html(played("kept.yaml").card), "process")
    assert part.count(">✔</span> within") == 8
    assert "over</td>" not in part


def test_markdown_says_the_same() -> None:
    over = markdown_part(to_markdown(played(DEBATE).card), "Incident process")
    assert "| 2m 06.0s | 1m30s | ✘ over |" in over.replace(
        "\N{NARROW NO-BREAK SPACE}", " "
    ).replace("\N{NO-BREAK SPACE}", " ")
    assert over.count("✔ within") == 7
    assert "✘ over" not in to_markdown(played("kept.yaml").card)


def test_json_has_the_phases_and_holds_to_the_schema() -> None:
    value = json.loads(json.dumps(to_json(played(DEBATE).card)))
    check = Draft202012Validator(report_schema())
    check.validate(value)
    phases = {phase["id"]: phase for phase in value["process"]["phases"]}
    mitigation = phases["mitigation"]
    assert (mitigation["verdict"], mitigation["window_s"]) == ("over", 90)
    assert (mitigation["from"], mitigation["to"]) == ("declared", ["mitigated"])
    assert phases["review"]["window_s"] is None
    mitigation["verdict"] = "late"
    with pytest.raises(ValidationError, match="late"):
        check.validate(value)


def test_a_run_without_process_has_no_phases_and_only_its_own_questions() -> None:
    plain = played_once(debrief=["What was in the way?"]).card
    value = json.loads(json.dumps(to_json(plain)))
    Draft202012Validator(report_schema()).validate(value)
    assert value["process"] is None
    assert [question["id"] for question in value["debrief"]] == ["debrief-1"]
    assert "of the process" not in html_part(to_html(plain), "debrief")


def test_where_nobody_asks_there_is_no_debrief() -> None:
    plain = played_once().card
    assert 'id="debrief"' not in to_html(plain)
    assert "## Debrief" not in to_markdown(plain)
    assert to_json(plain)["debrief"] == []


def test_the_newest_answer_stands_beside_its_question() -> None:
    card = said(
        played("kept.yaml").card,
        ("debrief-1", "the first"),
        ("debrief-1", "the <b>second</b> | one"),
    )
    newest = card.records[-1].id
    page = html_part(to_html(card), "debrief")
    assert "the &lt;b&gt;second&lt;/b&gt; | one" in page
    assert f'href="#{newest}"' in page
    assert "the first" not in page
    assert "10 questions of the process still open" in page
    assert 'class="check"' not in page
    text = markdown_part(to_markdown(card), "Debrief")
    assert f"| bob | [{newest}](#{newest}) |" in text
    assert "\\| one" in text
    value = to_json(card)["debrief"][0]
    assert value["answer"] == "the <b>second</b> | one"
    assert len(value["events"]) == 2


def test_what_is_open_is_a_form() -> None:
    page = html_part(to_html(played("kept.yaml").card), "debrief")
    assert "Which step of the process was in the way" in page
    assert "<code>debrief-1</code>" in page
    assert f"gameday debrief --run {RUN}" in page
    text = markdown_part(to_markdown(played("kept.yaml").card), "Debrief")
    assert "- [ ] Which step of the process was in the way" in text


def test_a_postmortem_learns_from_the_newest_answers() -> None:
    card = said(talkative(), ("surprised", "how slowly it drained"), ("real", "the pager"))
    assert postmortem(card).lessons == ("how slowly it drained", "the pager")
