"""For all tests: parts that may be absent, and nothing left running at the end."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

from tests import leftovers
from tests.parts import PARTS, find, required

# No test may need a time to hold: a machine can be busy.
settings.register_profile(
    "gameday", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("gameday")

_SESSION = pytest.StashKey[str]()
_LEFT = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """A marker for each part."""
    for part in PARTS:
        config.addinivalue_line("markers", f"needs_{part}: uses a real {part}; see tests/parts.py")
    config.stash[_SESSION] = leftovers.begin()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip, or fail, a test whose parts are absent, before any fixture of it."""
    asked = "sweep" in item.config.getoption("-m")
    if item.get_closest_marker("sweep") and not (required() or asked):
        pytest.skip("a sweep takes minutes: `make sweep` runs it, and CI does")
    for marker in item.iter_markers():
        part = marker.name.removeprefix("needs_")
        if marker.name == f"needs_{part}" and find(part) is None:
            reason = f"{part} is not installed (looked for {', '.join(PARTS[part])})"
            if required():
                pytest.fail(f"{reason}, and GAMEDAY_REQUIRE_ALL is set", pytrace=False)
            pytest.skip(reason)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """A process left behind by a test fails the whole session."""
    mark = session.config.stash[_SESSION]
    left = session.config.stash[_LEFT] = leftovers.remaining(mark) if mark else []
    if left and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Name what was left."""
    left = config.stash.get(_LEFT, [])
    if left:
        terminalreporter.section("processes that tests left behind", red=True)
        for process in left:
            terminalreporter.line(process)
