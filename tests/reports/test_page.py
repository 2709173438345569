"""The checks of pages notice what they are there to notice."""

from __future__ import annotations

from tests.reports.page import Page


def test_a_sound_page_has_no_mistakes() -> None:
    page = Page('<body><p id="a">x<br></p><svg><path d="M0 0"/></svg><a href="#a">y</a></body>')
    assert (page.mistakes, page.twice, page.dangling, page.outside) == ([], [], [], [])
    assert page.text == "xy"


def test_each_fault_of_a_page_is_noticed() -> None:
    assert Page("<body><p><b>x</p></b></body>").mistakes
    assert Page("<body><p>x</body>").mistakes
    assert Page('<p id="a"></p><p id="a"></p>').twice == ["a"]
    assert Page('<a href="#gone">x</a>').dangling == ["gone"]
    assert Page('<section aria-labelledby="gone"></section>').dangling == ["gone"]
    assert Page('<img src="https://x/y.png">').outside
    assert Page('<p onclick="x()"></p>').outside
