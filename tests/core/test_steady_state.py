"""Steady state from samples, against a slow and obvious model."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from gameday.core.log.events import Sample
from gameday.core.run.steady_state import Change, Rules, Track, observe, observe_all, watermark

SECOND = 1_000_000_000


def samples(probe: str, readings: list[bool]) -> list[Sample]:
    """One sample a second."""
    return [
        Sample(probe, n * SECOND, n * SECOND, ok, ok, 1.0, "") for n, ok in enumerate(readings, 1)
    ]


def changes(readings: list[bool], rules: Rules) -> tuple[Change, ...]:
    """Changes of a single probe that starts out well."""
    start: Mapping[str, Track] = {"p": Track(True, 5, 0, 0)}
    return observe_all(start, samples("p", readings), {"p": rules}, ["p"])[1]


@given(st.lists(st.booleans(), max_size=60), st.integers(1, 4), st.integers(1, 4))
def test_changes_are_those_of_the_obvious_model(
    readings: list[bool], fail_after: int, recover_after: int
) -> None:
    expected: list[tuple[bool, int]] = []
    lost = False
    for end in range(1, len(readings) + 1):
        need = recover_after if lost else fail_after
        window = readings[max(end - need, 0) : end]
        if len(window) == need and all(ok is lost for ok in window):
            streak = end - need
            while streak > 0 and readings[streak - 1] is lost:
                streak -= 1
            lost = not lost
            expected.append((lost, (streak + 1) * SECOND))
    found = [
        (change.lost, change.at) for change in changes(readings, Rules(fail_after, recover_after))
    ]
    assert found == expected


def test_one_bad_sample_is_not_a_loss() -> None:
    assert changes([True, False, True, True], Rules(2, 2)) == ()


def test_the_time_of_a_loss_is_that_of_its_first_bad_sample() -> None:
    (change,) = changes([True, False, False], Rules(2, 2))
    assert (change.lost, change.at) == (True, 2 * SECOND)


def test_steady_state_is_back_when_the_last_probe_is() -> None:
    rules = {"a": Rules(1, 1), "b": Rules(1, 1)}
    series = [*samples("a", [True, False, True]), *samples("b", [True, False, False, True])]
    series.sort(key=lambda sample: sample.at)
    _, found = observe_all({}, series, rules, ["a", "b"])
    assert [(change.lost, change.at) for change in found] == [
        (True, 2 * SECOND),
        (False, 4 * SECOND),
    ]


def test_the_watermark_waits_for_the_slowest_probe() -> None:
    rules = {"a": Rules(1, 1), "b": Rules(1, 1)}
    tracks, _ = observe_all({}, samples("a", [True] * 5), rules, ["a", "b"])
    assert watermark(tracks, ["a", "b"]) == 0
    tracks, _ = observe_all(tracks, samples("b", [True] * 3), rules, ["a", "b"])
    assert watermark(tracks, ["a", "b"]) == 3 * SECOND


@given(
    st.lists(st.tuples(st.sampled_from("ab"), st.booleans()), max_size=60),
    st.sets(st.integers(0, 60)),
    st.integers(1, 3),
)
def test_many_at_once_leave_the_same_as_one_after_the_other(
    readings: list[tuple[str, bool]], cuts: set[int], decide_after: int
) -> None:
    rules = {name: Rules(decide_after, decide_after) for name in "ab"}
    series = [Sample(p, n, n, ok, ok, 1.0, "") for n, (p, ok) in enumerate(readings, 1)]
    expected: dict[str, Track] = {}
    for sample in series:
        before = expected.get(sample.probe, Track())
        expected[sample.probe] = observe(before, sample, rules[sample.probe])
    tracks: Mapping[str, Track] = {}
    edges = sorted({0, *cuts, len(series)})
    for first, last in pairwise(edges):
        tracks, _ = observe_all(tracks, series[first:last], rules, ["a", "b"])
    assert tracks == expected
