"""Error budget as laws: losses count once, and healing earlier never costs more."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.core.scenario.service_level import ServiceLevel
from gameday.core.scorecard.error_budget import covered, error_budget

MONTH = ServiceLevel.model_validate({"objective": 99.9, "window": "30d"})
LASTED = 3600.0

times = st.floats(0, LASTED, allow_nan=False)
spans = st.tuples(times, times).map(lambda pair: (min(pair), max(pair)))


def test_the_workbooks_example() -> None:
    """99.9 % over 30 days allow 43.2 minutes; all of an hour lost is a burn rate of 1000."""
    found = error_budget(MONTH, [(0, LASTED)], LASTED)
    assert found.budget_s == pytest.approx(43.2 * 60)
    assert found.share == pytest.approx(60 / 43.2)
    assert found.burn_rate == pytest.approx(1000)


def test_a_burn_rate_of_one_uses_the_budget_up_in_its_window() -> None:
    window = MONTH.window
    found = error_budget(MONTH, [(0, MONTH.budget_s)], window)
    assert found.share == pytest.approx(1)
    assert found.burn_rate == pytest.approx(1)


def test_nothing_lost_is_nothing_spent_and_no_time_has_no_rate() -> None:
    assert error_budget(MONTH, [], LASTED).spent_s == 0
    assert error_budget(MONTH, [], LASTED).burn_rate == 0
    assert error_budget(MONTH, [], 0).burn_rate is None


@pytest.mark.parametrize(
    ("losses", "seconds"),
    [
        ([(10, 20), (30, 40)], 20),
        ([(10, 20), (15, 40)], 30),  # overlapping: once
        ([(10, 40), (15, 20)], 30),  # one within the other
        ([(15, 20), (10, 40), (10, 40)], 30),  # in any order, and twice
        ([(-5, 5)], 5),  # what was before the start is none of the run's
        ([(3590, 9999)], 10),  # nor what comes after its end
    ],
)
def test_what_is_counted(losses: list[tuple[float, float]], seconds: float) -> None:
    assert covered(losses, LASTED) == pytest.approx(seconds)


@given(st.lists(spans, max_size=8), st.lists(spans, min_size=1, max_size=4))
def test_more_losses_never_cost_less_and_never_more_than_the_run(
    some: list[tuple[float, float]], more: list[tuple[float, float]]
) -> None:
    assert covered(some, LASTED) <= covered([*some, *more], LASTED) + 1e-6
    assert 0 <= covered([*some, *more], LASTED) <= LASTED + 1e-6


@given(st.lists(spans, max_size=8), spans, st.floats(0, 1))
def test_an_earlier_end_of_an_impact_never_spends_more(
    others: list[tuple[float, float]], impact: tuple[float, float], part: float
) -> None:
    start, end = impact
    earlier = start + part * (end - start)
    late = error_budget(MONTH, [*others, (start, end)], LASTED)
    soon = error_budget(MONTH, [*others, (start, earlier)], LASTED)
    assert soon.spent_s <= late.spent_s + 1e-6
    assert soon.share <= late.share + 1e-9
    assert (soon.burn_rate or 0) <= (late.burn_rate or 0) + 1e-6


@given(st.lists(spans, min_size=2, max_size=8))
def test_the_law_notices_a_sum_that_counts_overlaps_twice(
    losses: list[tuple[float, float]],
) -> None:
    """The negative control: a plain sum is never less, and is more where losses overlap."""
    assert covered(losses, LASTED) <= sum(end - start for start, end in losses) + 1e-6
    twice = [losses[0], losses[0]]
    length = losses[0][1] - losses[0][0]
    assert covered(twice, LASTED) == pytest.approx(length)


@pytest.mark.parametrize(
    "wrong",
    [
        {"objective": 0, "window": "30d"},
        {"objective": 100, "window": "30d"},
        {"objective": 99.9, "window": "0s"},
        {"objective": 99.9, "window": 30},
        {"objective": 99.9},
    ],
)
def test_a_promise_that_is_none_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ServiceLevel.model_validate(wrong)
