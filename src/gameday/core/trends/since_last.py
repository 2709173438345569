"""What is another in a run than in the last valid run of the same scenario before it. Two runs
prove no trend (:mod:`gameday.core.trends.trends` says what many do), so nothing here is called
better or worse."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gameday.core.scorecard.run_result import RunResult, TimeResult


@dataclass(frozen=True, slots=True)
class SinceLast:
    """differences: what made it another exercise, in words; then times are not comparable.

    times: each response time that both have, before and now. new, gone: findings of one alone.
    """

    run_id: str
    started: float
    differences: tuple[str, ...]
    times: tuple[tuple[TimeResult, TimeResult], ...]
    score_before: float | None
    score_now: float | None
    new: tuple[str, ...]
    gone: tuple[str, ...]


def last_before(now: RunResult, results: Iterable[RunResult]) -> RunResult | None:
    """The latest valid run of the same scenario that began earlier."""
    earlier = [
        one for one in results if one.title == now.title and one.valid and one.started < now.started
    ]
    return max(earlier, key=lambda one: one.started, default=None)


def since_last(now: RunResult, before: RunResult) -> SinceLast:
    """The comparison of a run with one before it."""
    times = {time.name: time for time in before.times}
    pairs = tuple((times[time.name], time) for time in now.times if time.name in times)
    targets = any((a.target, a.span) != (b.target, b.span) for a, b in pairs)
    return SinceLast(
        run_id=before.run_id,
        started=before.started,
        differences=(*before.likeness.differences(now.likeness), *(["targets"] * targets)),
        times=pairs,
        score_before=before.score,
        score_now=now.score,
        new=tuple(one for one in now.findings if one not in before.findings),
        gone=tuple(one for one in before.findings if one not in now.findings),
    )
