"""Results of runs, for trends: kept beside the log, so that a run's records are read only once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from gameday.adapters.event_log.parsing import Parse, parser_for
from gameday.bootstrap.store import Unreadable, clock, read_run, scored_run
from gameday.core.errors import StoreFailure
from gameday.core.log.codec import decode_value, encode_value
from gameday.core.scorecard.run_result import VERSION, RunResult
from gameday.core.trends.since_last import SinceLast, last_before, since_last

if TYPE_CHECKING:
    from gameday.adapters.event_log.sqlite import SqliteEventLog
    from gameday.core.log.events import Record
    from gameday.core.run.summary import RunSummary
    from gameday.core.scorecard.scorecard import Scorecard
    from gameday.core.trends.trends import Trends
    from gameday.core.words import Grouping


def each_result(
    log: SqliteEventLog, wanted: Callable[[RunSummary], bool] = lambda _: True
) -> Iterator[RunResult | Unreadable]:
    """The result of every game day that has ended (or the wanted ones), oldest first. One bad run
    hides no other."""
    kept = log.results(VERSION)
    parse = parser_for(len(kept))
    for summary in filter(wanted, log.summaries()):
        if summary.unreadable:
            yield Unreadable(summary.run_id, summary.unreadable)
        elif summary.game_day and not summary.goes_on:
            yield _read(kept.get(summary.run_id, ""), parse) or _made(log, summary.run_id)


def scored(log: SqliteEventLog, wanted: str | None) -> Scorecard:
    """The scorecard of the run that is meant; without a wish, of the newest game day. Raises
    NothingToDo when there is none."""
    from gameday.core.scorecard.scorecard import scorecard

    run_id = scored_run(log, wanted)
    return scorecard(run_id, log.read(run_id))


def since_last_run(log: SqliteEventLog, card: Scorecard) -> SinceLast | None:
    """The comparison with the last valid run of the scenario before this one; None: there is
    none. Runs that cannot be read are passed over."""
    from gameday.core.scorecard.comparable import result_of

    def comparable(summary: RunSummary) -> bool:
        return summary.title == card.scenario.title and summary.run_id != card.run_id

    known = [one for one in each_result(log, comparable) if isinstance(one, RunResult)]
    if not known:
        return None
    now = result_of(card)
    before = last_before(now, known)
    return None if before is None else since_last(now, before)


def trends_of(
    results: Iterable[RunResult], grouping: Grouping, scenarios: Path, incidents: Path | None
) -> Trends:
    """Trends of these results, held against the services of the game days in a directory and the
    fault families there are. Raises InvalidFile for a file of incidents with mistakes."""
    from gameday.adapters.chaostoolkit import plugins
    from gameday.adapters.drilled_services import services_in
    from gameday.adapters.incidents import load_incidents
    from gameday.core.trends.trends import trends

    return trends(
        results,
        grouping,
        services=services_in(scenarios),
        families=plugins.known(),
        incidents=load_incidents(incidents, clock().now().wall) if incidents else (),
    )


def _read(text: str, parse: Parse) -> RunResult | None:
    """A result as it was kept; None where nothing was, or nothing that makes sense."""
    try:
        found: RunResult = decode_value(RunResult, parse(text))
    except (AttributeError, KeyError, TypeError, ValueError):
        return None
    return found


def _made(log: SqliteEventLog, run_id: str) -> RunResult | Unreadable:
    from gameday.core.scorecard.comparable import (
        result_of,  # late: trends of kept results need none
    )
    from gameday.core.scorecard.scorecard import scorecard

    def make(run_id: str, records: Sequence[Record]) -> tuple[RunResult, str]:
        return result_of(scorecard(run_id, records)), records[-1].digest

    made = read_run(log, run_id, make)
    if isinstance(made, Unreadable):
        return made
    result, digest = made
    data = json.dumps(encode_value(result), ensure_ascii=False)
    with suppress(StoreFailure):  # a store that cannot be written: made anew the next time
        log.keep_result(run_id, VERSION, digest, data)
    return result
