"""A run beside the last one of its scenario: what is another, and no verdict on it."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest

from gameday.core.scorecard.run_result import Likeness
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.trends.since_last import SinceLast, last_before, since_last
from gameday.reports.html import to_html
from gameday.reports.json_report import to_json
from gameday.reports.json_schema import report_schema
from gameday.reports.markdown import to_markdown
from tests.core.test_trends import run
from tests.reports.page import Page
from tests.reports.sample_runs import rich


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return rich()


def test_the_last_is_the_latest_valid_one_of_the_same_scenario_before() -> None:
    now = run(5, 10)
    others = [run(1, 10), run(3, 20), run(4, 20, run="aborted"), run(4, 9, title="Another")]
    found = last_before(now, [*others, now, run(6, 10)])
    assert found is not None
    assert found.run_id == "r03"
    assert last_before(run(1, 10), others) is None


def test_times_and_findings_are_put_side_by_side() -> None:
    found = since_last(run(2, 20), run(1, 70))
    assert [(before.seconds, now.seconds) for before, now in found.times] == [(70, 20)]
    assert (found.new, found.gone) == ((), ("detect was late",))
    assert found.differences == ()


def test_another_exercise_is_said_to_be_one() -> None:
    other = since_last(run(2, 20, likeness=Likeness("x", "scenario")), run(1, 70))
    assert other.differences == ("faults",)
    assert since_last(run(2, 20, target=30), run(1, 70)).differences == ("targets",)


SAME = since_last(run(2, 20), run(1, 70))
OTHER = since_last(run(2, 70, target=30), run(1, 20))


@pytest.mark.parametrize(
    ("since", "said"),
    [
        (SAME, "the same exercise. Two runs show no trend."),
        (OTHER, "its targets were others, so times and scores are not to be compared"),
    ],
)
def test_every_format_says_it(card: Scorecard, since: SinceLast, said: str) -> None:
    page = Page(to_html(card, since))
    assert (page.mistakes, page.twice, page.dangling, page.outside) == ([], [], [], [])
    assert said in " ".join(page.text.split())
    assert said in to_markdown(card, since)
    value: Any = to_json(card, since)
    jsonschema.Draft202012Validator(report_schema()).validate(value)
    assert value["since_last"]["run"] == "r01"


def test_a_first_run_says_nothing_of_it(card: Scorecard) -> None:
    assert to_json(card)["since_last"] is None
    assert "Since the last run" not in to_html(card) + to_markdown(card)
