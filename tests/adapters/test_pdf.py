"""Pages are printed by the browser that is there, and nothing is left where that fails."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gameday.adapters import pdf
from gameday.adapters.pdf import BrowserFailure, print_pdf
from tests.parts import find

PAGE = "<title>x</title><p>A page to print."


@pytest.mark.needs_chromium
def test_a_page_is_printed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "BROWSERS", (find("chromium"),))
    print_pdf(PAGE, tmp_path / "page.pdf")
    printed = (tmp_path / "page.pdf").read_bytes()
    assert printed.startswith(b"%PDF-")
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) == 1


def test_without_a_browser_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BrowserFailure, match="no browser to print with") as caught:
        print_pdf(PAGE, tmp_path / "page.pdf")
    assert "open the HTML report" in caught.value.hint
    assert not (tmp_path / "page.pdf").exists()


def test_a_browser_that_cannot_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = tmp_path / "chromium"
    browser.write_text("#!/bin/sh\necho no display >&2\nexit 1\n", encoding="utf-8")
    browser.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(BrowserFailure, match="did not print: no display"):
        print_pdf(PAGE, tmp_path / "page.pdf")
    assert not (tmp_path / "page.pdf").exists()
