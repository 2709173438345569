"""Nothing is left, whoever is killed at whatever step; and the sweep can tell."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.sweep.sweep import CONTROLS, Control, control, sweep, table
from tests.sweep.targets import site

pytestmark = [pytest.mark.sweep, pytest.mark.timeout(1500)]

GAMEDAY = (sys.executable, "-m", "gameday")
A_FAMILY = int(os.environ.get("GAMEDAY_SWEEP_POINTS", "140"))
"""Points of each of the four families; there are some 500 in each, `make sweep` visits them."""


def test_no_fault_is_left_at_any_point(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with site(tmp_path) as here:
        outcomes = list(sweep(here, GAMEDAY, tmp_path, A_FAMILY))
    with capsys.disabled():
        print(f"\n{table(outcomes)}")  # noqa: T201
    assert len(outcomes) >= 4 * A_FAMILY
    assert [item for item in outcomes if item.orphan] == []
    assert sum(item.hit for item in outcomes) > len(outcomes) / 2, (
        "few processes came to their point"
    )
    together = [item for item in outcomes if item.point.also or item.point.during == "recover"]
    assert any(item.left for item in together), "no point needed a recovery: too few are visited"


@pytest.mark.parametrize("what", CONTROLS, ids=[name for name, _, _ in CONTROLS])
def test_each_safeguard_left_out_shows(
    what: Control, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with site(tmp_path) as here:
        outcomes = control(here, GAMEDAY, tmp_path, what)
    orphans = sum(item.orphan for item in outcomes)
    with capsys.disabled():
        print(f"\ncontrol {what[0]}: {len(outcomes)} points, {orphans} orphans")  # noqa: T201
    assert orphans, "the sweep would not notice"
