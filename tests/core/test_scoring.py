"""Scores as laws: bounded, continuous, and earlier never scores less."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gameday.core.run.times import ResponseTime
from gameday.core.scenario.scenario import DEFAULT_TARGETS
from gameday.core.scorecard.scoring import (
    FALSE_ALL_CLEAR,
    HONEST_ALL_CLEARS,
    WEIGHTS,
    absorbed_score,
    credit,
    people_score,
)
from gameday.core.words import TimeVerdict

seconds = st.floats(0, 100_000, allow_nan=False)


def _time(name: str, took: float | None) -> ResponseTime:
    target = DEFAULT_TARGETS[name]
    if took is None:
        return ResponseTime(name, target, None, 1.0, TimeVerdict.CENSORED, "", "e1", None)
    verdict = TimeVerdict.MET if took <= target.within else TimeVerdict.MISSED
    return ResponseTime(name, target, took, took, verdict, "", "e1", "e2")


times = st.fixed_dictionaries({name: st.none() | seconds for name in DEFAULT_TARGETS})


@given(times, st.integers(0, 5))
def test_a_score_lies_between_0_and_100(took: dict[str, float | None], false: int) -> None:
    score = people_score([_time(n, s) for n, s in took.items()], [f"e{i}" for i in range(false)])
    if all(when is None for when in took.values()):
        assert score.total is None
    else:
        assert score.total is not None
        assert 0 <= score.total <= 100
    for part in score.parts:
        assert part.points is None or 0 <= part.points <= part.max


@given(times, st.sampled_from(sorted(DEFAULT_TARGETS)), seconds, seconds)
def test_doing_a_thing_earlier_never_scores_less(
    took: dict[str, float | None], name: str, one: float, other: float
) -> None:
    early, late = sorted((one, other))
    scores = [
        people_score([_time(n, s) for n, s in {**took, name: when}.items()], []).total or 0.0
        for when in (early, late)
    ]
    assert scores[0] >= scores[1]


@given(times)
def test_a_false_all_clear_never_scores_more(took: dict[str, float | None]) -> None:
    given_times = [_time(n, s) for n, s in took.items()]
    honest = people_score(given_times, []).total or 0.0
    assert honest >= (people_score(given_times, ["e9"]).total or 0.0)


@given(st.floats(0.1, 1000), st.floats(0, 3000), st.floats(0, 0.5))
def test_credit_has_no_cliff(target: float, took: float, step: float) -> None:
    assert abs(credit(took, target) - credit(took + step, target)) <= step / target + 1e-9


@given(st.sampled_from(sorted(WEIGHTS)), st.floats(0.05, 10))
def test_nothing_missed_is_rounded_to_all_points(name: str, over: float) -> None:
    took = {**dict.fromkeys(WEIGHTS, 0.0), name: DEFAULT_TARGETS[name].within + over}
    score = people_score([_time(each, seconds) for each, seconds in took.items()], ())
    (part,) = (part for part in score.parts if part.name == name)
    assert part.points is not None
    assert part.points < part.max
    assert score.total is not None
    assert score.total < 100


def test_the_weights_make_100() -> None:
    assert sum(WEIGHTS.values()) + HONEST_ALL_CLEARS == 100
    assert set(WEIGHTS) == set(DEFAULT_TARGETS)
    assert FALSE_ALL_CLEAR <= HONEST_ALL_CLEARS


@given(seconds, seconds)
def test_an_absorbed_fault_scores_the_share_that_held(fault: float, lost: float) -> None:
    total = absorbed_score(fault, lost, ()).total
    assert total is not None
    assert 0 <= total <= 100
    if lost == 0:
        assert total == 100
