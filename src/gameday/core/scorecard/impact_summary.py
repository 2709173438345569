"""Losses of steady state as reports show them: from when to when, and who ended each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gameday.core.instant import Instant, seconds_between
from gameday.core.log import events as e
from gameday.core.log.events import Record
from gameday.core.run.attribution import Finding, attribute
from gameday.core.run.milestones import Mark
from gameday.core.run.state import RunState


@dataclass(frozen=True, slots=True)
class ImpactSummary:
    """One loss of steady state and who ended it."""

    start: Mark
    end: Mark | None
    seconds: float
    probes: tuple[str, ...]
    finding: Finding


def impact_summaries(
    state: RunState, records: Sequence[Record], ended: Instant
) -> tuple[ImpactSummary, ...]:
    """All of them, in order; one that goes on is as long as what is known of it."""
    starts = [r for r in records if isinstance(r.event, e.ImpactStarted)]
    ends = [r for r in records if isinstance(r.event, e.ImpactEnded)]
    found = []
    for index, (record, impact) in enumerate(zip(starts, state.impacts, strict=True)):
        assert isinstance(record.event, e.ImpactStarted)
        end = ends[index] if index < len(ends) else None
        found.append(
            ImpactSummary(
                start=Mark(record.at, record.id),
                end=Mark(end.at, end.id) if end else None,
                seconds=seconds_between(record.at, end.at if end else ended),
                probes=record.event.probes,
                finding=attribute(state, impact),
            )
        )
    return tuple(found)


def losses(impacts: Sequence[ImpactSummary], ended: Instant) -> tuple[tuple[Instant, Instant], ...]:
    """When steady state was lost, and when it was back, or else the end of the run."""
    return tuple((one.start.at, one.end.at if one.end else ended) for one in impacts)
