"""Trends as HTML, Markdown, JSON and CSV: the same figures, and nothing that is not known."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest

from gameday.core.trends.trends import Incident, Trends, trends
from gameday.reports.trends_html import to_html as trends_to_html
from gameday.reports.trends_json import to_csv, to_json
from gameday.reports.trends_markdown import to_markdown
from tests.core.test_trends import run
from tests.reports.page import Page

INCIDENT = Incident("i1", 0.0, "SEV1", "checkout", "sre", {"detect": 500.0})


def some() -> Trends:
    """Runs with everything in them: a break, one that does not count, one not reached."""
    runs = [run(n, 10.0 * n) for n in range(1, 4)]
    runs += [run(4, None, target=30), run(5, 20, target=30), run(6, 40, target=30, run="invalid")]
    return trends(runs, services=["checkout", "payments"], incidents=[INCIDENT])


@pytest.mark.parametrize("found", [some(), trends([]), trends([run(1, None)])])
def test_the_page_is_sound(found: Trends) -> None:
    page = Page(trends_to_html(found))
    assert page.mistakes == []
    assert page.twice == []
    assert page.dangling == []
    assert page.outside == []
    assert "None" not in page.text
    assert len(page.all("h1")) == len(page.all("main")) == 1


def test_every_point_is_drawn_with_its_words() -> None:
    page = Page(trends_to_html(some()))
    kinds = [str(dot.attributes["class"]).split()[1] for dot in page.all("circle")]
    assert kinds == ["uncounted"] * 3 + ["censored", "met", "uncounted"]
    told = [" ".join(title.text.split()) for title in page.all("title")[1:]]
    assert told[3].startswith("r04: not within 1m 30.0s, target 30s: missed; another exercise")


def test_markdown_says_the_same() -> None:
    text = to_markdown(some())
    assert "| detect | 2 | 20.0 s | too few to tell (2 of 6) |" in text.replace("\xa0", " ")
    assert "payments" in text.split("Never drilled")[1]
    assert "beside the drills and never mixed with them" in text
    assert to_markdown(some()) == text
    assert "No game day has ended yet." in to_markdown(trends([]))


def test_json_has_every_point_and_no_endless_number() -> None:
    runs = [run(n, None) for n in range(6)]
    found = to_json(trends(runs, incidents=[INCIDENT]))
    (group,) = found["groups"]
    (series,) = group["times"]
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    assert (series["median_s"], series["interval"]["high_s"]) == (None, None)
    assert series["interval"]["confidence"] > 0.95
    assert [point["run"] for point in series["points"]] == [one.run_id for one in runs]
    assert found["incidents"]["times"][0]["median_s"] == 500.0


def test_hints_and_annulled_entries_are_marked_in_every_format() -> None:
    found = trends([run(1, 10), run(2, 20, hints=2), run(3, 30, annulled=1)])
    page = Page(trends_to_html(found))
    assert [dot.attributes["class"] for dot in page.all("circle")].count("ring") == 2
    assert (
        "Hints were given or entries annulled in r02 (2 hints) and r03 (1 annulled)." in page.text
    )
    assert "2 hints" in to_markdown(found)
    (series,) = to_json(found)["groups"][0]["times"]
    assert [point["marks"] for point in series["points"]] == [[], ["2 hints"], ["1 annulled"]]
    rows = list(csv.DictReader(io.StringIO(to_csv(found))))
    assert [row["marks"] for row in rows] == ["", "2 hints", "1 annulled"]


def test_without_hints_nothing_is_ringed() -> None:
    text = trends_to_html(trends([run(1, 10), run(2, 20, run="invalid")]))
    assert 'class="ring"' not in text
    assert "Hints were given or entries annulled in" not in text


def test_many_marked_drills_are_counted() -> None:
    page = Page(trends_to_html(trends([run(n, 10, hints=1) for n in range(1, 21)])))
    assert "annulled in 8 earlier drills, r09 (1 hint)" in page.text


def test_csv_has_a_row_for_each_point() -> None:
    rows: list[dict[str, Any]] = list(csv.DictReader(io.StringIO(to_csv(some()))))
    assert [row["seconds"] for row in rows] == ["10.0", "20.0", "30.0", "", "20", "40"]
    assert rows[3]["breaks"] == "target"
    assert rows[5]["marks"] == "run invalid"
    assert [row["counted"] for row in rows] == ["False"] * 3 + ["True"] * 2 + ["False"]


def test_csv_holds_no_formula() -> None:
    rows = list(csv.DictReader(io.StringIO(to_csv(trends([run(1, 10, title="=1+1")])))))
    assert [(row["scenario"], row["seconds"]) for row in rows] == [("'=1+1", "10")]


def test_what_people_wrote_is_escaped() -> None:
    nasty = "<script>alert(1)</script> | *x*"
    found = trends([run(1, 70, title=nasty), run(2, 70, title=nasty)])
    page = Page(trends_to_html(found))
    assert not page.all("script")
    assert "<script>" not in to_markdown(found)
