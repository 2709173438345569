"""Rules, roles and messages in every format of the report."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator

from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.words import RuleVerdict
from gameday.reports.html import to_html
from gameday.reports.json_report import to_json
from gameday.reports.json_schema import report_schema
from gameday.reports.markdown import to_markdown
from gameday.reports.next_steps import next_steps
from tests.engine.drill import play
from tests.engine.process_drills import played

BROKEN = "broken/blame.yaml"


def card(script: str) -> Scorecard:
    return played(script).card


def test_the_page_names_what_was_broken_where_and_why_it_is_a_rule() -> None:
    page = to_html(card(BROKEN))
    part = page[page.index('id="process"') : page.index('id="log"')]
    broken = part[: part.index("Rules kept")]
    assert "Nobody is blamed" in broken
    assert "who fears blame keeps quiet".capitalize() in broken
    (entry,) = [r.id for r in card(BROKEN).records if "her fault" in str(r.event)]
    assert f'href="#{entry}"' in broken
    assert "3 minutes stood for an hour" in part


def test_the_page_of_a_drill_that_keeps_them_all_names_nothing_broken() -> None:
    page = to_html(card("kept.yaml"))
    assert "Rules broken" not in page
    assert page.count('<li><span class="good" aria-hidden="true">✔</span>') == 31


@pytest.mark.parametrize("script", ["kept.yaml", BROKEN])
def test_markdown_says_the_same(script: str) -> None:
    text = to_markdown(card(script))
    part = text[text.index("## Incident process") : text.index("## Event log")]
    for outcome in card(script).rules:
        said = f"✘ {outcome.rule.title}" in part
        assert said == (outcome.verdict is RuleVerdict.BROKEN), outcome.rule.id
    assert "| incident commander | erin |" in part
    assert "We are looking into slow orders" in part
    clean = "Time without impact: 15s for mitigated, 45s for resolved (as the game day has it), 45s"
    assert clean in part


def test_json_holds_to_the_schema_and_has_every_rule() -> None:
    value = to_json(card(BROKEN))
    Draft202012Validator(report_schema()).validate(json.loads(json.dumps(value)))
    broken = [rule["id"] for rule in value["process"]["rules"] if rule["verdict"] == "broken"]
    assert broken == ["blame"]
    clean = {one["id"]: (one["seconds"], one["origin"]) for one in value["process"]["clean_times"]}
    assert clean == {
        "mitigated": (15, "process"),  # five minutes, at the drill's pace
        "resolved": (45, "game_day"),
        "stable": (45, "process"),
        "quiet": (90, "process"),
    }
    assert {message["audience"] for message in value["process"]["messages"]} == {
        "internal",
        "status_page",
    }
    assert [
        r["holder"] for r in value["process"]["roles"] if r["role"] == "incident_commander"
    ] == [
        "alice",
        "erin",
    ]


def test_a_lead_is_told_in_the_first_list() -> None:
    said = [step for step in next_steps(card(BROKEN)) if "1 rule of the process" in step.text]
    assert "“Nobody is blamed”" in said[0].text
    assert said[0].events


def test_a_drill_that_is_held_against_no_process_has_no_such_part() -> None:
    plain = play([]).card
    assert to_json(plain)["process"] is None
    assert 'id="process"' not in to_html(plain)
    assert not re.search("^## Incident process", to_markdown(plain), re.MULTILINE)
