"""The HTML report: sound, whole, escaped, and the same every time."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise

import pytest

from gameday.core.log import events as e
from gameday.core.scorecard.scorecard import Scorecard, scorecard
from gameday.core.words import Milestone
from gameday.reports import page as pages
from gameday.reports.html import to_html
from gameday.reports.wording import clean
from tests.engine.drill import RUN
from tests.reports.page import Page
from tests.reports.sample_runs import ODD, good, hostile, huge, rich, stuck, with_latencies

EVIL = "</title><script>alert('x')</script>\"'<img src=x onerror=y>&amp; | `code`\nnext"


@pytest.fixture(scope="module")
def card() -> Scorecard:
    return rich()


@pytest.fixture(scope="module")
def page(card: Scorecard) -> Page:
    return Page(to_html(card))


@pytest.mark.parametrize("name", ODD)
def test_every_kind_of_run_makes_a_sound_page(name: str) -> None:
    card = ODD[name]()
    page = Page(to_html(card))
    assert page.mistakes == []
    assert page.twice == []
    assert page.dangling == []
    assert page.outside == []
    for verdict in (card.verdicts.run, card.verdicts.system, card.verdicts.people):
        assert verdict.verdict.replace("_", " ") in page.text
    for milestone in Milestone:
        assert milestone in page.text
    assert "None" not in page.text
    assert "nan" not in page.text.split()


def test_the_summary_answers_what_a_lead_asks(page: Page) -> None:
    (summary,) = [x for x in page.all("section") if x.attributes.get("class") == "summary"]
    told = " ".join(summary.text.split())  # non-breaking spaces become plain ones
    assert "What was broken Simulated slow On sim/slow" in told
    assert "alice, 38.0 s after users were first hurt An alert told them" in told
    assert "bob, a responder Steady state came back 0.5 s after a responder acted" in told
    assert "Run ✔ valid System ✔ recovered" in told
    assert "People ✘ missed" in told
    assert "83.7 of 100" in told
    assert "1 all-clear was false" in told
    assert told.index("What was broken") < told.index("Run ✔") < told.index("What to do next")


def test_the_page_has_landmarks_and_headings_in_order(page: Page) -> None:
    assert page.all("html")[0].attributes["lang"] == "en"
    assert page.all("title")[0].text
    for landmark in ("header", "main", "nav", "footer"):
        assert len(page.all(landmark)) == 1, landmark
    levels = [int(x.tag[1]) for x in page.elements if re.fullmatch("h[1-6]", x.tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for table in page.all("table"):
        heads = [x for x in page.all("th") if table in x.within and "scope" in x.attributes]
        assert heads
    for section in page.all("section"):
        assert section.attributes["aria-labelledby"]


def test_every_event_but_samples_has_a_row(card: Scorecard, page: Page) -> None:
    rows = {x.attributes["id"] for x in page.all("tr") if "id" in x.attributes}
    told = {r.id for r in card.records if not isinstance(r.event, e.SamplesRecorded)}
    assert rows == told


def test_numbers_lead_to_their_events(card: Scorecard, page: Page) -> None:
    links = {(x.text, x.attributes["href"]) for x in page.all("a")}
    for given in card.times:
        assert any(href == f"#{given.to_event}" for _, href in links), given.name
    assert ("38.0\N{NO-BREAK SPACE}s", f"#{card.times[0].to_event}") in links
    assert ("4m\N{NO-BREAK SPACE}21.0s", f"#{card.impacts[0].end.event}") in links  # type: ignore[union-attr]
    assert ("14.67", f"#{card.score.parts[0].events[-1]}") in links


def test_the_timeline_has_all_lanes(page: Page) -> None:
    drawn = page.all("svg")[0].text
    for lane in ("steady state", "checkout", "latency.p95", "slow", "injects", "alice", "bob"):
        assert lane in drawn, lane
    for words in ("milestones", "detect", "target 30s", "paused", "note (late)", "(annulled)"):
        assert words in drawn, words
    assert "says mitigated (false)" in drawn
    assert page.all("svg")[0].attributes["role"] == "group"
    assert "Milestones: injected" in page.all("desc")[0].text


def test_what_people_write_is_text_and_nothing_else() -> None:
    html = to_html(hostile(EVIL))
    page = Page(html)
    assert page.all("script") == []
    assert page.all("img") == []
    assert page.mistakes == []
    assert page.outside == []
    assert "<script>" in page.all("h1")[0].text
    assert page.text.count("<script>alert('x')</script>") >= 8


def test_without_escaping_that_check_would_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages._environment(), "autoescape", False)
    monkeypatch.setattr(pages._environment(), "cache", None)
    assert Page(to_html(hostile(EVIL))).all("script")


def test_characters_no_file_may_hold_are_replaced() -> None:
    html = to_html(hostile("null \x00 escape \x1b"))
    assert "\x00" not in html
    assert "\x1b" not in html
    assert "null \N{REPLACEMENT CHARACTER} escape" in html
    assert (
        clean("half \ud800, whole 😀\ttab\n") == "half \N{REPLACEMENT CHARACTER}, whole 😀\ttab\n"
    )
    assert clean("\u202e96e") == "\N{REPLACEMENT CHARACTER}96e"  # would be read backwards


def test_a_stuck_fault_stands_first() -> None:
    page = Page(to_html(stuck()))
    first = page.all("li")[0]
    assert first.attributes["class"] == "urgent"
    assert "gameday recover" in first.text
    assert "STUCK" in page.all("svg")[0].text


def test_the_same_records_give_the_same_bytes(card: Scorecard) -> None:
    again = scorecard(RUN, list(card.records))
    assert to_html(again) == to_html(card)
    last = card.records[-1]
    later = replace(last, at=last.at.plus(1))
    assert to_html(scorecard(RUN, [*card.records[:-1], later])) != to_html(card)


def test_neither_process_nor_time_zone_nor_locale_changes_a_byte() -> None:
    code = (
        "import hashlib; from tests.reports.sample_runs import good;"
        "from gameday.reports.html import to_html;"
        "from gameday.reports.markdown import to_markdown;"
        "card = good();"
        "print(hashlib.sha256((to_html(card) + to_markdown(card)).encode()).hexdigest())"
    )
    settings = (
        {"PYTHONHASHSEED": "1", "TZ": "Asia/Tokyo"},
        {"PYTHONHASHSEED": "2", "TZ": "America/New_York", "LC_ALL": "C"},
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **changes, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for changes in settings
    }
    assert len(found) == 1


def test_ten_thousand_events_and_a_hundred_thousand_samples() -> None:
    card = huge(10_000, 100_000)
    assert sum(len(series) for series in card.samples.values()) == 100_000
    html = to_html(card)
    assert len(html.encode()) < 2_000_000
    page = Page(html)
    assert page.mistakes == []
    assert page.dangling == []
    assert len([x for x in page.all("tr") if "id" in x.attributes]) == 10_000


def test_a_number_that_is_drawn_is_not_a_link_to_samples() -> None:
    card = good()
    samples = {r.id for r in card.records if isinstance(r.event, e.SamplesRecorded)}
    targets = {x.attributes.get("href", "")[1:] for x in Page(to_html(card)).all("a")}
    assert not samples & targets


def test_a_reboot_in_the_run_is_said(card: Scorecard) -> None:
    moved = [
        replace(r, at=replace(r.at, boot_id="second")) if r.id == card.records[-1].id else r
        for r in with_latencies(card.records)
    ]
    assert "was restarted" in to_html(scorecard(RUN, moved))
    assert "was restarted" not in to_html(card)
