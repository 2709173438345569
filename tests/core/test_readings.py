"""Lowest, median and highest reading of each probe, before, during and after the trouble."""

from __future__ import annotations

from typing import Any

import pytest

from gameday.core.log.events import Sample
from gameday.core.scenario.probes import Probe
from gameday.core.scenario.scenario import Scenario
from gameday.core.scorecard.readings import ProbeReadings, Split, Spread, Trouble, readings
from gameday.testing import minimal_scenario

RANGE = {"type": "range", "range": [0, 500]}
LATENCY = {"type": "http", "url": "http://x/", "measure": "latency", "tolerance": RANGE}
NUMBER = {"type": "http", "url": "http://x/", "measure": "json", "tolerance": RANGE}
LOST = Trouble(Split.IMPACT, ((10, 20), (30, 40)))


def probe(value: dict[str, Any]) -> Probe:
    """A probe as a scenario has it."""
    changes = {"probes": {"p": value}, "steady_state": {"title": "t", "probes": ["p"]}}
    return Scenario.model_validate(minimal_scenario(**changes)).probes["p"]


def at(time: int, value: Any) -> Sample:
    return Sample("p", time, time, True, value, 1.0, "")


def read(*samples: Sample, of: dict[str, Any] = NUMBER) -> ProbeReadings:
    (found,) = readings({"p": probe(of)}, {"p": samples}, LOST)
    return found


def test_each_sample_is_in_one_phase() -> None:
    found = read(*(at(time, time) for time in range(50)))
    assert (found.before.lowest, found.before.highest) == (0, 9)
    assert (found.during.samples, found.during.lowest, found.during.highest) == (20, 10, 39)
    assert (found.after.samples, found.after.lowest, found.after.highest) == (20, 20, 49)
    assert found.before.samples + found.during.samples + found.after.samples == 50


@pytest.mark.parametrize(
    ("values", "median"), [((3, 1, 2), 2), ((4, 1, 2, 3), 2.5), ((7,), 7), (("12.5", "3"), 7.75)]
)
def test_the_median(values: tuple[Any, ...], median: float) -> None:
    assert read(*(at(n, value) for n, value in enumerate(values))).before.median == median


def test_what_could_not_be_read_has_no_number_and_is_counted() -> None:
    found = read(at(1, 5), at(2, None), at(3, float("nan")), at(4, float("inf")), at(5, True))
    assert found.before == Spread(5, 4, 5, 5, 5)
    assert read(at(1, None)).before == Spread(1, 1, None, None, None)
    assert read().after == Spread(0, 0, None, None, None)


def test_only_a_probe_that_says_so_is_a_latency() -> None:
    assert read(of=LATENCY).latency
    named_so = {**NUMBER, "json_path": "$.p95_ms"}
    assert not read(of=named_so).latency


def test_what_is_not_judged_by_a_range_has_no_readings() -> None:
    status = {"type": "http", "url": "http://x/"}
    assert readings({"p": probe(status)}, {"p": (at(1, 200),)}, LOST) == ()


def test_without_trouble_all_is_before() -> None:
    calm = Trouble(Split.NOTHING, ())
    (found,) = readings({"p": probe(NUMBER)}, {"p": (at(1, 3), at(99, 5))}, calm)
    assert (found.before.samples, found.during.samples, found.after.samples) == (2, 0, 0)
