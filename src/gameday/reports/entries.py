"""The event log as rows: a sentence, when, who, and through what. Samples are left out."""

from __future__ import annotations

from typing import NamedTuple

from gameday.core.log import events as e
from gameday.core.log.events import Event, Record
from gameday.core.scorecard.scorecard import Scorecard
from gameday.reports.lines import MARKS, line
from gameday.reports.wording import clock, day, offset


class Entry(NamedTuple):
    """One row. ``refers``: entries that this one speaks of. ``struck``: it was annulled."""

    id: str
    offset: str
    wall: str
    mark: str
    text: str
    who: str
    channel: str
    refers: tuple[str, ...]
    struck: bool


def entries(card: Scorecard) -> tuple[Entry, ...]:
    """Every event but samples, in the order of the log."""
    told = [r for r in card.records if not isinstance(r.event, e.SamplesRecorded)]
    one_day = len({day(record.at) for record in told}) == 1
    return tuple(_entry(card, record, one_day) for record in told)


def _entry(card: Scorecard, record: Record, one_day: bool) -> Entry:
    event, told = record.event, line(record)
    wall = clock(record.at) if one_day else f"{day(record.at)} {clock(record.at)}"
    return Entry(
        id=record.id,
        offset=offset(card.offset(record.at)),
        wall=wall,
        mark=MARKS[told.kind] if told else "",
        text=(told.text if told else type(event).__name__) + _recorded(card, record),
        who=getattr(event, "by", ""),
        channel=getattr(event, "channel", ""),
        refers=_refers(event),
        struck=record.id in card.state.annulled,
    )


def _recorded(card: Scorecard, record: Record) -> str:
    """When a late entry was really written down."""
    if isinstance(record.event, e.ResponderFact) and record.event.late:
        return f", at {offset(card.offset(record.recorded))}"
    return ""


def _refers(event: Event) -> tuple[str, ...]:
    if isinstance(event, (e.ClaimConfirmed, e.ClaimRefuted)):
        return (event.claim,)
    if isinstance(event, e.EntryAnnulled):
        return (event.entry,)
    return event.evidence if isinstance(event, e.MitigationVerified) else ()
