"""The share of drills in which something is not reached yet, by time: Kaplan and Meier."""

from __future__ import annotations

from collections.abc import Sequence

from gameday.core.trends.statistics.observed import Observed

Step = tuple[float, float]
"""Seconds, and the share of the drills that have not reached it from then on."""


def survival(in_order: Sequence[Observed]) -> tuple[Step, ...]:
    """The product-limit estimate (Kaplan and Meier 1958, J. Am. Stat. Assoc. 53, 457-481), of times
    in their order (:func:`gameday.core.trends.statistics.observed.ordered`).

    A time that was not reached counts as at risk until its end, and then no more; one that ends
    just when another is reached was still at risk then. Of times that were reached together each
    takes its part of the share: as much as all of them at once.
    """
    share, shares = 1.0, dict[float, float]()
    for at_risk, (seconds, censored) in zip(range(len(in_order), 0, -1), in_order, strict=True):
        if not censored:
            share *= (at_risk - 1) / at_risk
            shares[seconds] = share
    return tuple(shares.items())


def median_of(steps: Sequence[Step]) -> float | None:
    """The first moment by which half have reached it; half-way between two where exactly half
    have between them, as a median of all reached times is. None when half never did."""
    for index, (seconds, share) in enumerate(steps):
        if abs(share - 0.5) < _EXACT and index + 1 < len(steps):
            return (seconds + steps[index + 1][0]) / 2
        if share <= 0.5 + _EXACT:
            return seconds
    return None


_EXACT = 1e-9
"""Shares are products of fractions: this near is equal."""
