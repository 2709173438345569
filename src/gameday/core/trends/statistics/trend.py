"""Whether times became longer or shorter from drill to drill, or whether nobody can tell."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from math import erfc, factorial, sqrt

from gameday.core.trends.statistics.observed import Observed

FALSE_ALARMS = 0.05
"""How often a series that does not change is called changed, at most."""
FEWEST = 5
"""With fewer drills not even the clearest order is rarer than that: 2 of 4! orders are 8 %."""
_COUNTED = 6
"""Up to so many drills every order is counted, also where times are equal or not reached."""


class Change(StrEnum):
    """What can be said of a series."""

    SHORTER = "shorter"
    LONGER = "longer"
    NONE_SEEN = "none_seen"
    TOO_FEW = "too_few"


@dataclass(frozen=True, slots=True)
class Trend:
    """p: how often chance alone gives as clear an order; None where there are too few."""

    change: Change
    n: int
    p: float | None


def trend(times: Sequence[Observed]) -> Trend:
    """The test of Mann (1945, Econometrica 13, 245-259) against a trend, for times in the order
    of their drills: every pair is compared, and a pair of which nobody knows which is longer
    (two that were not reached, or one that may have been) counts for neither.

    Exact where no two are equal and all were reached, and for few drills; else by the normal
    approximation with the variance over all orders (Daniels 1944, Biometrika 33, 129-135).
    """
    n = len(times)
    if n < FEWEST:
        return Trend(Change.TOO_FEW, n, None)
    signs = _signs(times)
    score = _score(signs, range(n))
    p = _chance(signs, score)
    if p > FALSE_ALARMS:
        return Trend(Change.NONE_SEEN, n, p)
    return Trend(Change.LONGER if score > 0 else Change.SHORTER, n, p)


def _signs(times: Sequence[Observed]) -> list[list[int]]:
    """Each time compared with each other: 1 when the other is surely longer, -1 when it is surely
    shorter, else 0. One that was not reached by a moment is longer than one reached just then."""
    ranks = {one: rank for rank, one in enumerate(sorted(set(times)))}
    ranked = [(ranks[one], one.censored) for one in times]
    signs = [[0] * len(times) for _ in times]
    for a, (one, one_censored) in enumerate(ranked):
        for b, (other, other_censored) in enumerate(ranked[:a]):
            if one < other and not one_censored:
                signs[a][b], signs[b][a] = 1, -1
            elif other < one and not other_censored:
                signs[a][b], signs[b][a] = -1, 1
    return signs


def _score(signs: Sequence[Sequence[int]], order: Sequence[int]) -> int:
    return sum(signs[a][b] for a, b in itertools.combinations(order, 2))


def _chance(signs: Sequence[Sequence[int]], score: int) -> float:
    n = len(signs)
    if all(signs[a][b] for a, b in itertools.combinations(range(n), 2)):
        pairs = n * (n - 1) // 2
        fewest = (pairs - abs(score)) // 2
        return min(1.0, 2 * sum(_orders(n)[: fewest + 1]) / factorial(n))
    if n <= _COUNTED:
        orders = list(itertools.permutations(range(n)))
        as_clear = sum(abs(_score(signs, order)) >= abs(score) for order in orders)
        return as_clear / len(orders)
    spread = sqrt(_variance(signs))
    if not spread:
        return 1.0
    return erfc(max(abs(score) - 1, 0) / spread / sqrt(2))  # the score is a whole number


@cache
def _orders(n: int) -> tuple[int, ...]:
    """How many orders of n have 0, 1, 2, … pairs the wrong way round (Mahonian numbers)."""
    counts = [1]
    for size in range(2, n + 1):
        longer = [0] * (len(counts) + size - 1)
        for inversions, count in enumerate(counts):
            for more in range(size):
                longer[inversions + more] += count
        counts = longer
    return tuple(counts)


def _variance(signs: Sequence[Sequence[int]]) -> float:
    """Of the score over all orders of the same times (Daniels's formula; the score counts each
    pair once, his both ways: a quarter)."""
    n = len(signs)
    ranks = [2 * place - n + 1 for place in range(n)]  # row sums of the order's own signs
    a_rows, a_all = sum(r * r for r in ranks), n * (n - 1)
    b_rows = sum(sum(row) ** 2 for row in signs)
    b_all = sum(n - row.count(0) for row in signs)
    both = 4 * (a_rows - a_all) * (b_rows - b_all) / (n * (n - 1) * (n - 2)) + 2 * a_all * b_all / (
        n * (n - 1)
    )
    return both / 4
