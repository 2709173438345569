"""Reports in a real browser: nothing is fetched, nothing complains, everybody can read them, and
the first screen says what a lead wants to know."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python import sync_playwright as axe
from playwright import sync_api as playwright

from gameday.core.trends.trends import trends
from gameday.reports.html import to_html
from gameday.reports.trends_html import to_html as trends_to_html
from tests.core.test_trends import run
from tests.parts import find
from tests.reports import sample_runs
from tests.reports.test_trends_reports import some

pytestmark = pytest.mark.needs_chromium

DESK, PHONE = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
A4_PX = 718
"""What is left of a sheet's width at 96 dots an inch, beside the margins."""


def _report(name: str) -> str:
    return to_html(getattr(sample_runs, name)())


PAGES: dict[str, Callable[[], str]] = {
    **{
        name: partial(_report, name)
        for name in ("rich", "good", "absorbed", "stuck", "refused", "nobody_acted", "going_on")
    },
    "trends": lambda: trends_to_html(some()),
    "trends of none": lambda: trends_to_html(trends([])),
    "trends of many": lambda: trends_to_html(trends([run(n, 10.0 + n) for n in range(200)])),
}


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """The system's Chromium."""
    with playwright.sync_playwright() as driver:
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        opened = driver.chromium.launch(executable_path=find("chromium"), args=arguments)
        yield opened
        opened.close()


class Tab:
    """A page in the browser, and what it complained of or asked for."""

    def __init__(self, browser: Any, file: Path, **options: Any) -> None:
        self.complaints: list[str] = []
        self.page = browser.new_page(**options)
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)
        self._file = file
        self.page.goto(file.as_uri())

    def _asked(self, request: Any) -> None:
        if request.url != self._file.as_uri() and not request.url.startswith("data:"):
            self.complaints.append(f"asked for {request.url}")


@pytest.fixture(scope="module", params=PAGES)
def file(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(PAGES[request.param], tmp_path_factory.mktemp("page"))


def written(make: Callable[[], str], directory: Path) -> Path:
    """The page as a file. It is made in a thread of its own: the browser's driver has an event
    loop running in this one, and drills in virtual time need one too."""
    path = directory / "page.html"
    with ThreadPoolExecutor(1) as thread:
        path.write_text(thread.submit(make).result(), encoding="utf-8")
    return path


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_and_asks_for_nothing(browser: Any, file: Path, scheme: str) -> None:
    tab = Tab(browser, file, viewport=DESK, color_scheme=scheme)
    found = axe.Axe().run(tab.page)
    assert found.violations_count == 0, found.generate_report()
    assert tab.complaints == []
    tab.page.close()


@pytest.mark.parametrize("width", [PHONE["width"], A4_PX])
def test_nothing_is_wider_than_a_phone_or_a_sheet(browser: Any, file: Path, width: int) -> None:
    tab = Tab(browser, file, viewport={**PHONE, "width": width})
    if width == A4_PX:
        tab.page.emulate_media(media="print")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= width
    tab.page.close()


def test_axe_and_the_console_notice_what_they_are_there_for(browser: Any, tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text('<p style="color:#ddd">x</p><img src="https://localhost:1/x.png">')
    tab = Tab(browser, bad, viewport=DESK)
    assert axe.Axe().run(tab.page).violations_count > 2
    assert "asked for https://localhost:1/x.png" in tab.complaints
    tab.page.close()


def test_the_first_screen_answers_a_lead(browser: Any, tmp_path: Path) -> None:
    """Fault, first detection, who ended it and what to do next, without scrolling."""
    tab = Tab(browser, written(PAGES["rich"], tmp_path), viewport=DESK)
    for words in (
        "Simulated slow",
        "An alert told them",
        "bob, a responder",
        "Look at the probes before calling it over",
    ):
        place = tab.page.get_by_text(words).first.bounding_box()
        assert place is not None, words
        assert place["y"] >= 0, words
        assert place["y"] + place["height"] <= DESK["height"], words
    tab.page.close()


def test_the_timeline_is_zoomed_by_keyboard_and_without_a_script(
    browser: Any, tmp_path: Path
) -> None:
    tab = Tab(browser, written(PAGES["rich"], tmp_path), viewport=DESK)
    plot = tab.page.locator(".plot")
    whole = plot.bounding_box()["width"]
    tab.page.locator("#zoom-1").focus()
    tab.page.keyboard.press("ArrowRight")
    assert plot.bounding_box()["width"] == pytest.approx(2 * whole, rel=0.05)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= DESK["width"]
    assert axe.Axe().run(tab.page).violations_count == 0
    tab.page.emulate_media(media="print")
    assert plot.bounding_box()["width"] <= DESK["width"]
    tab.page.close()
