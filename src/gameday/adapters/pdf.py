"""HTML on paper, by the browser that is there: its print styles are the page's own."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from gameday.core.errors import ExitCode, GamedayError

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
"""Names under which a browser that can print without a window is looked for."""
TIMEOUT_S = 60.0


class BrowserFailure(GamedayError):
    """No browser is there, or it could not print."""

    exit_code = ExitCode.FAILURE


def print_pdf(html: str, path: Path) -> None:
    """Write the page as a PDF file of A4 sheets. Blocks. Raises BrowserFailure, and then leaves no
    file behind."""
    browser = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if browser is None:
        raise BrowserFailure(
            f"no browser to print with (looked for {', '.join(BROWSERS)})",
            hint="install Chromium, or open the HTML report in any browser and print it",
        )
    with tempfile.TemporaryDirectory(prefix="gameday-print-") as name:
        page, printed = Path(name) / "page.html", Path(name) / "page.pdf"
        page.write_text(html, encoding="utf-8")
        _print(browser, page, printed, Path(name) / "profile")
        path.write_bytes(printed.read_bytes())


def _print(browser: str, page: Path, printed: Path, profile: Path) -> None:
    command = [
        browser,
        *("--headless", "--disable-gpu", "--no-pdf-header-footer"),
        *(["--no-sandbox"] if os.geteuid() == 0 else []),  # as root it has none
        f"--user-data-dir={profile}",
        f"--print-to-pdf={printed}",
        page.as_uri(),
    ]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
        said = done.stderr.strip().splitlines()[-1:]
    except subprocess.TimeoutExpired:
        said = [f"not done after {TIMEOUT_S:g} s"]
    except OSError as error:
        said = [error.strerror or str(error)]
    if not printed.is_file() or not printed.stat().st_size:
        raise BrowserFailure(
            f"{browser} did not print: {''.join(said) or 'it says nothing'}",
            hint="open the HTML report in any browser and print it",
        )
