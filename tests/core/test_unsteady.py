"""A run that is refused for unsteady state says what each probe saw."""

from __future__ import annotations

from typing import Any

import pytest

from gameday.core.agenda import agenda
from gameday.core.instant import Instant
from gameday.core.log import events as e
from gameday.core.log.events import Record, Sample
from gameday.core.run.commands import RefuseRun
from gameday.core.run.evolve import evolve
from gameday.core.run.state import RunState
from gameday.core.scenario.probes import Range, Regex, Tolerance
from gameday.core.scenario.tolerance import misfit
from gameday.testing import minimal_scenario

NOW = Instant(1_790_000_000.0, 10**12, "boot")


def told(value: Any, error: str, **probe: Any) -> str:
    """Why a run is refused whose one probe gave this twice."""
    http = {"type": "http", "url": "http://127.0.0.1:1/", **probe}
    values = dict(minimal_scenario(probes={"up": http}))
    samples = tuple(
        Sample("up", NOW.boot + n, NOW.boot + n, False, value, 1.0, error) for n in (1, 2)
    )
    scheduled = e.RunScheduled(title="t", scenario=values, source="s", digest="d")
    state = RunState("r")
    for seq, event in enumerate((scheduled, e.SamplesRecorded(chunk=0, samples=samples)), 1):
        state = evolve(state, Record("r", seq, event, NOW, NOW, None, "", ""))
    command = agenda(state)[0].command
    assert isinstance(command, RefuseRun)
    return command.reason.removeprefix("steady state does not hold before the start: ")


def test_a_refusal_says_what_the_probe_saw() -> None:
    assert told(None, "connection refused") == "up: connection refused"
    assert told(503, "") == "up: 503 is not 200"
    slow = {"measure": "latency", "tolerance": {"type": "range", "range": [0, 400]}}
    assert told(512.5, "", **slow) == "up: 512.5 is not between 0 and 400"


@pytest.mark.parametrize(
    ("value", "tolerance", "said"),
    [
        (200, "200", "200 is not '200'"),
        (500, [200, 204], "500 is not 200 or 204"),
        (False, True, "false is not true"),
        (None, 1, "no value is not 1"),
        ("broken", Regex(type="regex", pattern="^ok"), "'broken' does not match '^ok'"),
        (7, Range(type="range", range=(0, 5)), "7 is not between 0 and 5"),
        ("x" * 500, "ok", f"'{'x' * 80}…' is not 'ok'"),
    ],
)
def test_a_misfit_tells_text_from_numbers(value: Any, tolerance: Tolerance, said: str) -> None:
    assert misfit(value, tolerance) == said
