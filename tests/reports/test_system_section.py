"""What each report says of protections, alerts, error budget and readings; and of hints."""

from __future__ import annotations

import re
from functools import cache

import jsonschema
import pytest

from gameday.core.log.events import HintGiven
from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.html import to_html
from gameday.reports.json_report import to_json
from gameday.reports.json_schema import report_schema
from gameday.reports.markdown import to_markdown
from tests.engine.drill import Stage, good_responders, play
from tests.engine.system_drills import drill, from_on, never, told
from tests.reports.page import Page
from tests.reports.sample_runs import absorbed, faultless, good, rich


@cache
def failed() -> Scorecard:
    """The breaker was to open, and did not; an error budget is promised."""
    return told(drill("protection", "30s", promise=True), never)


def both(card: Scorecard) -> tuple[str, str]:
    """The page's text and the Markdown, with plain spaces."""
    page = Page(to_html(card))
    assert (page.mistakes, page.twice, page.dangling, page.outside) == ([], [], [], [])
    text = " ".join(page.text.split())
    return text, to_markdown(card).replace("\N{NO-BREAK SPACE}", " ")


def test_a_protection_that_did_not_work_is_told() -> None:
    for text in both(failed()):
        assert "Protections and alerts" in text
        assert "✘ did not work" in text
        assert "A protection did not work: The breaker opens (not within 30s)." in text


def test_one_that_worked_and_an_alert_are_told() -> None:
    for text in both(told(drill("protection", "30s"), from_on(5))):
        assert "✔ worked" in text
        assert "A protection worked: The breaker opens" in text
    for text in both(told(drill("alert", "30s"), from_on(5))):
        assert "alert" in text.split("Protections and alerts")[1]
        assert "A protection" not in text


def test_entries_in_markdown_lead_to_rows() -> None:
    text = to_markdown(told(drill("protection", "30s"), from_on(5)))
    section = text.split("## Protections and alerts")[1].split("##")[0]
    wanted = set(re.findall(r"\]\(#(e\d+)\)", section))
    assert wanted
    assert wanted <= set(re.findall(r'<a id="(e\d+)"></a>', text))


def test_the_error_budget_is_told_with_its_meaning() -> None:
    for text in both(failed()):
        assert "Error budget spent" in text
        assert "99.9 % of 30d, an error budget of 43m12s" in text
        assert "Site Reliability Workbook, chapter 5" in text


def test_without_a_promise_nothing_is_said_of_a_budget() -> None:
    """The negative control, of protections too."""
    for text in both(good()):
        assert "rror budget" not in text
        assert "Burn rate" not in text
        assert "Protections and alerts" not in text
        assert "hint" not in text


def test_readings_are_before_during_and_after() -> None:
    for text in both(rich()):
        assert "While steady state was lost" in text
        assert "latency.p95 (latency)" in text
        assert "between 0 and 400 ms" in text
    readings = to_json(rich())["system"]["readings"]
    (latency,) = readings
    assert (latency["probe"], latency["unit"]) == ("latency.p95", "ms")
    assert latency["before"]["highest"] < 400 < latency["during"]["median"]
    assert latency["after"]["median"] < 400


def test_what_the_probes_do_not_measure_has_no_readings() -> None:
    for make in (absorbed, faultless):
        for text in both(make()):
            assert "Readings" not in text
        assert to_json(make())["system"]["readings"] == []


def test_json_says_the_same_and_fits_its_schema() -> None:
    report = to_json(failed())
    jsonschema.Draft202012Validator(report_schema()).validate(report)
    budget = report["system"]["error_budget"]
    assert budget["objective_percent"] == 99.9
    assert budget["spent_s"] == pytest.approx(report["steady_state"]["lost_seconds"], abs=0.01)
    (shown,) = report["system"]["protections"]
    assert (shown["verdict"], shown["probe"]) == ("did_not_work", "breaker")
    assert report["expectations"][0]["shows"] == "protection"
    assert to_json(good())["system"]["error_budget"] is None


@pytest.mark.parametrize("count", [1, 2])
def test_hints_stand_beside_the_times(count: int) -> None:
    async def scene(stage: Stage) -> None:
        for number in range(count):
            await stage.at(100 + number)
            await stage.say(HintGiven(by="fay", text=f"hint {number}"))

    card = play(good_responders(), scene).card
    said = "1 hint was given:" if count == 1 else "2 hints were given:"
    page, text = both(card)
    assert f"{said} {' '.join(card.hints)}" in page
    assert said in text
    assert to_json(card)["hints"] == list(card.hints)
    assert len(card.hints) == count
