"""Statistics against 10,000 simulated histories each, and against their laws."""

from __future__ import annotations

import itertools
import math
import random
import statistics
import sys
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.core.trends.statistics.binomial import share
from gameday.core.trends.statistics.median import FEWEST, median
from gameday.core.trends.statistics.observed import Observed, ordered
from gameday.core.trends.statistics.survival import median_of, survival
from gameday.core.trends.statistics.trend import FALSE_ALARMS, Change, trend

HISTORIES = 10_000
LONGEST = 30
"""Drills in a history, at most."""

Draw = Callable[[random.Random], Observed]


def plain(dice: random.Random) -> Observed:
    """Half of all such times are shorter than a minute."""
    return Observed(60 * dice.lognormvariate(0, 1))


def in_minutes(dice: random.Random) -> Observed:
    """Many of them are equal."""
    return Observed(60.0 * math.ceil(dice.lognormvariate(0, 1)))


def cut_short(dice: random.Random) -> Observed:
    """The same times, in drills that end after half a minute to six of them."""
    time, end = 60 * dice.lognormvariate(0, 1), dice.uniform(30, 360)
    return Observed(min(time, end), censored=time > end)


DRAWS = (plain, in_minutes, cut_short)
TRUE_MEDIAN = 60.0


def say(capsys: pytest.CaptureFixture[str], text: str) -> None:
    with capsys.disabled():
        sys.stdout.write(f"\n{text}\n")


@pytest.mark.parametrize("draw", [plain, cut_short])
def test_median_intervals_cover(draw: Draw, capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(7)
    covered = 0
    for _ in range(HISTORIES):
        found = median([draw(dice) for _ in range(dice.randint(FEWEST, LONGEST))])
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= TRUE_MEDIAN <= found.high
    say(capsys, f"{draw.__name__}: {covered} of {HISTORIES} median intervals cover")
    assert covered >= 0.95 * HISTORIES


def test_a_narrower_interval_would_be_noticed() -> None:
    """The negative control: one rank further in, and it covers too seldom."""
    dice = random.Random(7)
    covered = 0
    for _ in range(HISTORIES):
        times = sorted(plain(dice).seconds for _ in range(20))
        covered += times[6] <= 60 <= times[13]
    assert covered < 0.95 * HISTORIES


def test_share_intervals_cover_on_average(capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(7)
    covered = 0
    for _ in range(HISTORIES):
        truth, n = dice.random(), dice.randint(1, LONGEST)
        found = share(sum(dice.random() < truth for _ in range(n)), n)
        covered += found.low <= truth <= found.high
    say(capsys, f"{covered} of {HISTORIES} Wilson intervals cover")
    assert 0.945 * HISTORIES <= covered <= 0.965 * HISTORIES


@pytest.mark.parametrize("draw", DRAWS)
def test_false_alarms_of_a_trend(draw: Draw, capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(7)
    alarms = 0
    for _ in range(HISTORIES):
        found = trend([draw(dice) for _ in range(dice.randint(5, LONGEST))])
        alarms += found.change in (Change.SHORTER, Change.LONGER)
    say(capsys, f"{draw.__name__}: {alarms} of {HISTORIES} steady histories are called changed")
    assert alarms <= FALSE_ALARMS * HISTORIES


@pytest.mark.parametrize("draw", DRAWS)
def test_a_team_that_becomes_faster_is_seen(draw: Draw) -> None:
    """The negative control of the one above: the test can speak."""
    dice = random.Random(7)
    seen = 0
    for _ in range(500):
        times = [draw(dice) for _ in range(20)]
        faster = [Observed(t.seconds * 0.9**i, t.censored) for i, t in enumerate(times)]
        seen += trend(faster).change is Change.SHORTER
    assert seen > 250


def test_censoring_leaves_no_bias_in_the_median(capsys: pytest.CaptureFixture[str]) -> None:
    dice = random.Random(7)
    whole, cut, dropped = [], [], []
    for _ in range(HISTORIES):
        times = [cut_short(dice) for _ in range(LONGEST)]
        cut.append(median(times).value or math.inf)
        dropped.append(statistics.median(t.seconds for t in times if not t.censored))
        whole.append(median([plain(dice) for _ in range(LONGEST)]).value or math.inf)
    found = [statistics.median(values) for values in (whole, cut, dropped)]
    said = "medians of {} histories: {:.1f} s all reached, {:.1f} s censored, {:.1f} s dropped"
    say(capsys, said.format(HISTORIES, *found))
    assert abs(found[1] / found[0] - 1) < 0.02
    assert abs(found[2] / found[0] - 1) > 0.1, "dropping them would be no mistake here"


TIMES = st.lists(
    st.builds(Observed, st.integers(1, 20).map(float), st.booleans()), min_size=1, max_size=12
)


@given(TIMES)
def test_order_changes_no_median_and_reversed_order_turns_the_trend(times: list[Observed]) -> None:
    assert median(times) == median(list(reversed(times)))
    there, back = trend(times), trend(list(reversed(times)))
    turned = {Change.LONGER: Change.SHORTER, Change.SHORTER: Change.LONGER}
    assert back.change is turned.get(there.change, there.change)
    assert back.p == there.p


@given(st.lists(st.integers(1, 100).map(float), min_size=1, max_size=15))
def test_with_all_reached_the_median_is_the_usual_one(seconds: list[float]) -> None:
    found = median([Observed(one) for one in seconds])
    assert found.value == pytest.approx(statistics.median(seconds))
    if found.value is not None and found.low is not None and found.high is not None:
        assert found.low <= found.value <= found.high


def test_survival_of_a_published_example() -> None:
    """Gehan's 21 patients on 6-MP (Biometrika 52, 1965), as in every textbook: the median is 23
    weeks."""
    reached = [6, 6, 6, 7, 10, 13, 16, 22, 23]
    lost = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
    times = [*(Observed(float(one)) for one in reached), *(Observed(float(o), True) for o in lost)]
    steps = survival(ordered(times))
    shares = [round(share, 3) for _, share in steps]
    assert shares == [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert median_of(steps) == 23


def test_wilson_of_a_published_example() -> None:
    """Newcombe (Stat. Med. 17, 1998, 857-872): 81 of 263 and 0 of 20."""
    found = share(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    none = share(0, 20)
    assert (none.low, round(none.high, 4)) == (0.0, 0.1611)


def test_few_drills_prove_nothing() -> None:
    falling = [Observed(float(10 - number)) for number in range(10)]
    assert trend(falling[:4]).change is Change.TOO_FEW
    assert trend(falling[:5]).change is Change.SHORTER
    assert trend(falling[:5]).p == pytest.approx(2 / math.factorial(5))
    five = median(falling[:5])
    assert (five.value, five.low, five.high) == (8, None, None)
    six = median(falling[:6])
    assert (six.low, six.high, six.confidence) == (5, 10, 1 - 2 / 64)


def test_half_that_never_reached_it_have_no_median() -> None:
    times = [Observed(5.0), *(Observed(9.0, True) for _ in range(7))]
    found = median(times)
    assert found.value is None
    assert (found.low, found.high) == (5.0, math.inf)
    assert found.censored == 7


def test_what_was_not_reached_by_a_moment_is_longer_than_what_was_reached_just_then() -> None:
    from gameday.core.trends.statistics.trend import _signs

    reached, lost, later = Observed(5.0), Observed(5.0, True), Observed(9.0)
    assert _signs([reached, lost, later, lost, reached]) == [
        [0, 1, 1, 1, 0],
        [-1, 0, 0, 0, -1],  # it may have been reached before the later one, or after it
        [-1, 0, 0, 0, -1],
        [-1, 0, 0, 0, -1],
        [0, 1, 1, 1, 0],
    ]


@pytest.mark.parametrize("n", [4, 5, 6])
def test_the_variance_and_the_counted_orders_agree(n: int) -> None:
    """Daniels's formula against every order of times with ties and censoring."""
    from gameday.core.trends.statistics import trend as module

    dice = random.Random(n)
    times = [cut_short(dice) for _ in range(n - 1)] + [Observed(60.0, True)]
    signs = module._signs(times)
    scores = [module._score(signs, order) for order in itertools.permutations(range(n))]
    assert module._variance(signs) == pytest.approx(statistics.pvariance(scores))


@pytest.mark.parametrize("n", [*range(FEWEST, 40), 500])
def test_the_interval_is_the_narrowest_that_covers_often_enough(n: int) -> None:
    """Against the binomial distribution written out: throws of a fair coin."""

    def outside(rank: int) -> float:
        return float(2 * sum(math.comb(n, heads) for heads in range(rank + 1)) / 2**n)

    found = median([Observed(float(at)) for at in range(n)])
    assert found.low is not None
    assert found.confidence is not None
    rank = int(found.low)
    assert found.high == n - 1 - rank
    assert found.confidence == pytest.approx(1 - outside(rank))
    assert found.confidence >= 0.95
    assert outside(rank + 1) > 0.05, "a narrower one would cover often enough"


def test_more_hits_than_tries_are_no_share() -> None:
    with pytest.raises(ValueError, match="no share"):
        share(3, 2)
