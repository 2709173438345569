"""The median of a handful of times, with an interval that assumes no distribution."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from math import inf

from gameday.core.trends.statistics.observed import Observed, ordered
from gameday.core.trends.statistics.survival import median_of, survival

FEWEST = 6
"""From so many times on, the range of all of them covers the median with 95 %: 1 - 2/2^6."""


@dataclass(frozen=True, slots=True)
class Median:
    """value: in seconds, None when half of the drills did not reach it.

    low, high: an interval that holds the true median with ``confidence`` or more; None where n
    is too small to tell. high is infinite where too many did not reach it.
    """

    n: int
    censored: int
    value: float | None
    low: float | None
    high: float | None
    confidence: float | None


def median(times: Sequence[Observed], confidence: float = 0.95) -> Median:
    """The median of these times.

    The interval is that between two order statistics, from the sign test (Thompson 1936, Ann.
    Math. Stat. 7, 122-128). A time that was not reached could be any longer one: the lower end
    takes it as just over its censoring, the upper end as endless, so that the interval covers at
    least as often as stated whatever ended those drills.
    """
    n = len(times)
    in_order = ordered(times)
    value = median_of(survival(in_order)) if times else None
    reached = [one.seconds for one in in_order if not one.censored]
    censored = n - len(reached)
    cut = _cut(n, confidence)
    if cut is None:
        return Median(n, censored, value, None, None, None)
    rank, covered = cut
    longest = [*reached, *[inf] * censored]
    low, high = in_order[rank].seconds, longest[n - 1 - rank]
    return Median(n, censored, value, low, high, covered)


@cache
def _cut(n: int, confidence: float) -> tuple[int, float] | None:
    """How many of the shortest and of the longest times lie outside the interval, and how often
    that covers the median; None where no interval does so often enough."""
    if n < FEWEST:
        return None
    found, throws = None, 2**n
    heads = ways = 1  # in how many throws of a fair coin there are at most, and just, so many
    for outside in range(n // 2):
        covered = 1 - 2 * heads / throws
        if covered < confidence:
            break
        found = outside, covered
        ways = ways * (n - outside) // (outside + 1)
        heads += ways
    return found
