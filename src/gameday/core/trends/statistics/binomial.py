"""An interval for a share."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054
"""Two-sided 95 % point of the standard normal distribution."""


@dataclass(frozen=True, slots=True)
class Share:
    """Hits of n, with an interval for the true share."""

    hits: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share that was seen."""
        return self.hits / self.n


def share(hits: int, n: int) -> Share:
    """A share with its 95 % interval after Wilson (1927, J. Am. Stat. Assoc. 22, 209-212): it
    covers 95 % on average over the true share, also for small n and at 0 or n hits.

    Raises ValueError unless 0 <= hits <= n and n > 0.
    """
    if not 0 <= hits <= n or n == 0:
        raise ValueError(f"{hits} of {n} is no share")
    p, z2 = hits / n, Z_95**2
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = Z_95 / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    # rounding must not keep the ends out at 0 and n hits
    low = 0.0 if hits == 0 else max(0.0, centre - half)
    high = 1.0 if hits == n else min(1.0, centre + half)
    return Share(hits, n, low, high)
