"""Nothing is left, whoever is killed at whatever step; and the sweep can tell."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.parts import required
from tests.sweep import sweep as sweeping
from tests.sweep import traced
from tests.sweep.points import Outcome
from tests.sweep.sweep import CONTROLS, Control, table
from tests.sweep.targets import Site, site

pytestmark = [pytest.mark.sweep, pytest.mark.timeout(1500)]

A_FAMILY = int(os.environ.get("GAMEDAY_SWEEP_POINTS", "104"))
"""Points to hit in each of the four families; there are some 500 in each."""
TRACED = max(4, A_FAMILY // 4)
"""The same for those that a tracer kills; with the others over 500 in all."""
SEVERAL = 3
"""Orphans that a control must show; one could be chance."""

Say = Callable[[str], None]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Iterator[Say]:
    """Prints past pytest, and how long the test took."""
    start = time.monotonic()

    def printed(text: str) -> None:
        with capsys.disabled():
            print(f"\n{text}")  # noqa: T201

    yield printed
    printed(f"({(time.monotonic() - start) / 60:.1f} minutes)")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Site]:
    """Something to break."""
    with site(tmp_path) as made:
        yield made


@pytest.fixture
def tracing() -> None:
    """strace may trace; else the reason is said, and where all parts are required it is a
    failure."""
    reason = traced.cannot_trace()
    if reason and required():
        pytest.fail(f"{reason}, and GAMEDAY_REQUIRE_ALL is set", pytrace=False)
    if reason:
        pytest.skip(reason)


def test_no_fault_is_left_at_any_point(
    gameday: Sequence[str], here: Site, tmp_path: Path, say: Say
) -> None:
    outcomes = list(sweeping.sweep(here, gameday, tmp_path, A_FAMILY))
    say(table(outcomes))
    _nothing_is_left(outcomes, A_FAMILY)
    together = [item for item in outcomes if item.point.also or item.point.during == "recover"]
    assert any(item.left for item in together), "no point needed a recovery: too few are visited"


def test_no_fault_is_left_at_any_system_call(
    gameday: Sequence[str], here: Site, tracing: None, tmp_path: Path, say: Say
) -> None:
    outcomes = list(sweeping.sweep_traced(here, gameday, tmp_path, TRACED))
    say(table(outcomes))
    _nothing_is_left(outcomes, TRACED)


def _nothing_is_left(outcomes: Sequence[Outcome], a_family: int) -> None:
    assert [item for item in outcomes if item.orphan] == []
    hit = sum(item.hit for item in outcomes)
    assert hit >= 4 * a_family, f"processes came to {hit} points only"


@pytest.mark.parametrize("what", CONTROLS, ids=[what.name for what in CONTROLS])
def test_each_safeguard_left_out_shows(
    gameday: Sequence[str], here: Site, what: Control, tmp_path: Path, say: Say
) -> None:
    outcomes = sweeping.control(here, gameday, tmp_path, what)
    say(_counts(f"control {what.name}", outcomes))
    assert sum(item.orphan for item in outcomes) >= SEVERAL, "the sweep would not notice"


def test_a_request_in_the_air_is_waited_for(
    gameday: Sequence[str], here: Site, tmp_path: Path, say: Say
) -> None:
    (late,) = (what for what in CONTROLS if what.family == "late")
    outcomes = sweeping.control(here, gameday, tmp_path, late, broken=False)
    say(_counts(f"not {late.name}", outcomes))
    assert [item for item in outcomes if item.orphan] == []


def test_the_tracer_shows_a_safeguard_left_out(
    gameday: Sequence[str], here: Site, tracing: None, tmp_path: Path, say: Say
) -> None:
    outcomes = sweeping.control_traced(here, gameday, tmp_path)
    say(_counts("control fault-before-intent, traced", outcomes))
    assert sum(item.orphan for item in outcomes) >= SEVERAL, "the sweep would not notice"


def _counts(what: str, outcomes: Sequence[Outcome]) -> str:
    orphans, hit = sum(item.orphan for item in outcomes), sum(item.hit for item in outcomes)
    return f"{what}: {len(outcomes)} points, {hit} hit, {orphans} orphans"
