"""The schema of the incident process and the debrief: a part of the JSON report's."""

from __future__ import annotations

from gameday.core.incident_process.debrief import Origin
from gameday.core.incident_process.phase_times import PhaseVerdict
from gameday.core.process_tables.phases import Moment
from gameday.core.words import Audience, Role, RuleVerdict, StatusPhase
from gameday.reports.process_section import CLEAN, SaidBy
from gameday.reports.schema_parts import (
    EVENT,
    EVENTS,
    SECONDS,
    TEXT,
    Schema,
    list_of,
    object_of,
    one_of,
    or_none,
)


def process_schema() -> Schema:
    """The incident process."""
    return object_of(
        pace={"type": "number", "exclusiveMinimum": 0},
        clean_times=list_of(object_of(id=one_of(CLEAN), seconds=SECONDS, origin=one_of(SaidBy))),
        phases=list_of(
            object_of(
                id=TEXT,
                title=TEXT,
                source=TEXT,
                verdict=one_of(PhaseVerdict),
                why=TEXT,
                **{"from": one_of(Moment)},
                to=list_of(one_of(Moment)),
                from_event=or_none(EVENT),
                to_event=or_none(EVENT),
                seconds=or_none(SECONDS),
                window_s=or_none(SECONDS),
            )
        ),
        rules=list_of(
            object_of(
                id=TEXT,
                title=TEXT,
                source=TEXT,
                verdict=one_of(RuleVerdict),
                why=TEXT,
                events=EVENTS,
            )
        ),
        roles=list_of(
            object_of(
                role=one_of(Role),
                holder=TEXT,
                from_event=or_none(EVENT),
                from_s=SECONDS,
                until_s=or_none(SECONDS),
            )
        ),
        messages=list_of(
            object_of(
                event=EVENT,
                by=TEXT,
                audience=one_of(Audience),
                status=or_none(one_of(StatusPhase)),
                text=TEXT,
                offset_s=SECONDS,
            )
        ),
    )


def question_schema() -> Schema:
    """A question of the debrief with its newest answer; events: all of its answers."""
    return object_of(
        id=TEXT,
        origin=one_of(Origin),
        question=TEXT,
        answer=or_none(TEXT),
        by=or_none(TEXT),
        events=EVENTS,
    )
