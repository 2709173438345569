"""A time of day that somebody states is the last one that their clock showed, also where clocks
are put forward and back."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from gameday.cli.respond import stated
from gameday.core.instant import Instant
from gameday.core.log.responses import BadResponse


@pytest.fixture(autouse=True)
def berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clocks go forward on 29 March 2026 at 01:00 UTC, and back on 25 October at 01:00 UTC."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(utc: str) -> Instant:
    return Instant(datetime.fromisoformat(f"{utc}+00:00").timestamp(), 10**12, "b")


@pytest.mark.parametrize(
    ("now", "text", "meant"),
    [
        ("2026-11-21T10:10", "11:07", "2026-11-21T10:07"),
        ("2026-11-21T10:10", "11:07:30", "2026-11-21T10:07:30"),
        ("2026-11-20T23:05", "23:58", "2026-11-20T22:58"),  # typed after midnight
        ("2026-03-29T01:05", "01:59", "2026-03-29T00:59"),  # six minutes ago, not sixty-six
        ("2026-10-25T01:05", "02:59", "2026-10-25T00:59"),  # the first 02:59
        ("2026-10-25T01:05", "02:03", "2026-10-25T01:03"),  # the second 02:03, not the first
        ("2026-10-25T01:05", "01:30", "2026-10-24T23:30"),
    ],
)
def test_the_last_time_that_the_clock_showed_it(now: str, text: str, meant: str) -> None:
    found = stated(text, at(now))
    assert datetime.fromtimestamp(found.wall, UTC) == datetime.fromisoformat(f"{meant}+00:00")
    assert found.boot - at(now).boot == round((found.wall - at(now).wall) * 1e9)


@pytest.mark.parametrize(
    ("now", "text", "told"),
    [
        ("2026-11-21T10:10", "11:30", "lies in the future"),
        ("2026-03-29T01:05", "02:30", "no clock showed that"),
        ("2026-11-21T10:10", "25:00", "hour must be"),
    ],
)
def test_what_no_clock_has_shown_is_refused(now: str, text: str, told: str) -> None:
    with pytest.raises(BadResponse, match=told):
        stated(text, at(now))
