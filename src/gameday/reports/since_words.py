"""A comparison of two runs in words: no arrow, no praise."""

from __future__ import annotations

from collections.abc import Iterator

from gameday.core.instant import Instant
from gameday.core.trends.since_last import SinceLast
from gameday.reports.wording import day, listed, points


def compared(since: SinceLast) -> str:
    """With which run, and whether the two can be compared."""
    when = day(Instant(since.started, 0, ""))
    score = f"The score was {points(since.score_before)}, and is {points(since.score_now)}."
    if since.differences:
        others = listed(since.differences)
        return (
            f"That was {since.run_id} on {when}, and another exercise: its {others} were others, "
            f"so times and scores are not to be compared. {score}"
        )
    return f"That was {since.run_id} on {when}, the same exercise. Two runs show no trend. {score}"


def findings(since: SinceLast) -> Iterator[str]:
    """What was found now and not then, and the other way round."""
    if since.new:
        yield f"new: {'; '.join(since.new)}"
    if since.gone:
        yield f"not found any more: {'; '.join(since.gone)}"
    if not since.new and not since.gone:
        yield "the findings are the same"
