"""Figures, and the few statistics they need."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any


@dataclass(frozen=True, slots=True)
class Figures:
    """What a benchmark found.

    ours, peer: the main figure, in ``unit``. goal: what is promised, in words; met: whether it
    was kept this time. n: measurements behind ``ours``. extra: further figures.
    """

    ours: float
    unit: str
    n: int
    goal: str
    met: bool
    peer: float | None = None
    peer_name: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)

    def line(self, name: str) -> str:
        """The one JSON line."""
        ratio = self.ours / self.peer if self.peer else None
        value = {
            "benchmark": name,
            "ours": rounded(self.ours),
            "peer": None if self.peer is None else rounded(self.peer),
            "peer_name": self.peer_name,
            "ratio": None if ratio is None else rounded(ratio),
            "goal": self.goal,
            "met": self.met,
            "unit": self.unit,
            "n": self.n,
            **self.extra,
        }
        return json.dumps(value)


def rounded(value: float) -> float:
    """Four significant digits: more would be noise."""
    return float(f"{value:.4g}")


def percentile(values: Sequence[float], percent: float) -> float:
    """By nearest rank, so a value that was really measured."""
    ordered = sorted(values)
    return ordered[max(math.ceil(len(ordered) * percent / 100), 1) - 1]


def spread(values: Sequence[float], prefix: str = "") -> dict[str, float]:
    """p50, p99 and the worst."""
    return {
        f"{prefix}p50": rounded(median(values)),
        f"{prefix}p99": rounded(percentile(values, 99)),
        f"{prefix}max": rounded(max(values)),
    }


def interleaved(
    ours: Callable[[], float], peer: Callable[[], float], times: int, warm_up: int
) -> tuple[list[float], list[float]]:
    """Both in turn, so that a slow minute of the machine hits both; the warm-up is dropped."""
    pairs = [(ours(), peer()) for _ in range(warm_up + times)][warm_up:]
    return [pair[0] for pair in pairs], [pair[1] for pair in pairs]
