"""Every benchmark runs and counts right. Its figures are not looked at: no test asserts a time."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from benchmarks.__main__ import BENCHMARKS
from benchmarks.measure import Figures, percentile, rounded

ROOT = Path(__file__).parents[1]
KEYS = ["benchmark", "ours", "peer", "peer_name", "ratio", "goal", "met", "unit", "n"]
COUNTS = {
    "sampling_1s": ("ours", "expected"),
    "sampling_100ms": ("ours", "expected"),
    "fault_start": ("n", "expected"),
    "undo_20": ("undone", "faults"),
    "append_50_tasks": ("n", "acknowledged"),
    "append_50_processes": ("n", "expected"),
    "trends_10k": ("n", "runs"),
}
"""Where a benchmark counts: the figure and the one it must equal."""


def quick(*names: str) -> subprocess.CompletedProcess[str]:
    """``python -m benchmarks --quick NAME``."""
    return subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", *names],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )


@pytest.mark.parametrize("name", BENCHMARKS)
def test_it_prints_one_line(name: str) -> None:
    done = quick(name)
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    figures: dict[str, Any] = json.loads(line)
    assert list(figures)[: len(KEYS)] == KEYS
    assert figures["benchmark"] == name
    assert isinstance(figures["met"], bool)
    assert figures["ours"] > 0
    assert figures["n"] > 0
    if figures["peer"] is not None:
        assert figures["peer"] > 0
        assert figures["ratio"] > 0
        assert figures["peer_name"]
    if name in COUNTS:
        counted, expected = COUNTS[name]
        assert figures[counted] == figures[expected]


def test_an_unknown_name_is_refused() -> None:
    done = quick("sampling_1s", "warp_speed")
    assert (done.returncode, done.stdout) == (2, "")
    assert "no benchmark warp_speed" in done.stderr


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(value) for value in range(1, 101)]
    assert [percentile(values, percent) for percent in (1, 50, 99, 100)] == [1, 50, 99, 100]
    assert percentile([3.0], 99) == 3.0
    assert rounded(0.123456) == 0.1235


def test_without_a_peer_there_is_no_ratio() -> None:
    line = Figures(ours=2.0, unit="s", n=1, goal="< 3 s", met=True, extra={"max": 2.5}).line("x")
    assert json.loads(line) == {
        "benchmark": "x",
        "ours": 2.0,
        "peer": None,
        "peer_name": None,
        "ratio": None,
        "goal": "< 3 s",
        "met": True,
        "unit": "s",
        "n": 1,
        "max": 2.5,
    }
