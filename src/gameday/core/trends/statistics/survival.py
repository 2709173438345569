"""The share of drills in which something is not reached yet, by time: Kaplan and Meier."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gameday.core.trends.statistics.observed import Observed


@dataclass(frozen=True, slots=True)
class Step:
    """From ``seconds`` on, ``share`` of the drills have not reached it."""

    seconds: float
    share: float


def survival(times: Sequence[Observed]) -> tuple[Step, ...]:
    """The product-limit estimate (Kaplan and Meier 1958, J. Am. Stat. Assoc. 53, 457-481).

    A time that was not reached counts as at risk until its end, and then no more; one that ends
    just when another is reached was still at risk then.
    """
    steps: list[Step] = []
    share, at_risk = 1.0, len(times)
    ended = Counter(one.seconds for one in times)
    reached = Counter(one.seconds for one in times if not one.censored)
    for moment in sorted(ended):
        if reached[moment]:
            share *= 1 - reached[moment] / at_risk
            steps.append(Step(moment, share))
        at_risk -= ended[moment]
    return tuple(steps)


def median_of(steps: Sequence[Step]) -> float | None:
    """The first moment by which half have reached it; half-way between two where exactly half
    have between them, as a median of all reached times is. None when half never did."""
    for index, step in enumerate(steps):
        if abs(step.share - 0.5) < _EXACT and index + 1 < len(steps):
            return (step.seconds + steps[index + 1].seconds) / 2
        if step.share <= 0.5 + _EXACT:
            return step.seconds
    return None


_EXACT = 1e-9
"""Shares are products of fractions: this near is equal."""
