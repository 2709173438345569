"""The schema of the JSON report: what scripts may rely on. A new field is an addition; one that
goes or changes its meaning raises ``schema_version``."""

from __future__ import annotations

from gameday.core.run.state import FaultStatus
from gameday.core.scenario.inject import Shows
from gameday.core.scorecard.protections import Worked
from gameday.core.scorecard.readings import Split
from gameday.core.words import (
    Attribution,
    Cause,
    Expects,
    Milestone,
    RunPhase,
    Severity,
    TimeVerdict,
)
from gameday.reports.json_report import SCHEMA_VERSION
from gameday.reports.process_schema import process_schema, question_schema
from gameday.reports.schema_parts import (
    COUNT,
    EVENT,
    EVENTS,
    NUMBER,
    SECONDS,
    SHARE,
    TEXT,
    TEXTS,
    TIME,
    YES,
    Schema,
    list_of,
    object_of,
    one_of,
    or_none,
)


def report_schema() -> Schema:
    """The schema, as JSON Schema of the 2020-12 draft."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gameday report",
        "description": "A game day's scorecard, computed from its event log alone.",
        **object_of(
            schema_version={"const": SCHEMA_VERSION},
            run=_run(),
            verdicts=object_of(run=_RUN, system=_SYSTEM, people=_PEOPLE),
            reasons=object_of(run=TEXTS, system=TEXTS, people=TEXTS),
            milestones=object_of(**{str(name): or_none(_mark()) for name in Milestone}),
            times={"type": "object", "additionalProperties": _time()},
            expectations=list_of(_expectation()),
            hints=EVENTS,
            severity=object_of(
                expected=one_of(Severity),
                declared=or_none(one_of(Severity)),
                event=or_none(EVENT),
            ),
            attribution=one_of(Attribution),
            attribution_why=TEXT,
            attribution_evidence=EVENTS,
            impacts=list_of(_impact()),
            false_all_clears=list_of(
                object_of(event=EVENT, by=TEXT, time=TIME, milestone=one_of(Milestone), reason=TEXT)
            ),
            unneeded_actions=list_of(object_of(event=EVENT, by=TEXT, time=TIME, text=TEXT)),
            steady_state=_steady_state(),
            system=_system(),
            faults=list_of(_fault()),
            score=_score(),
            process=or_none(process_schema()),
            debrief=list_of(question_schema()),
            since_last=or_none(_since()),
        ),
    }


_RUN: Schema = {"enum": ["valid", "invalid", "aborted", "refused", "unsafe", "unfinished"]}
_SYSTEM: Schema = {"enum": ["held", "recovered", "not_recovered", "unknown"]}
_PEOPLE: Schema = {"enum": ["met", "missed", "censored", "not_exercised"]}


def _run() -> Schema:
    return object_of(
        id=TEXT,
        title=TEXT,
        owner=TEXT,
        environment=TEXT,
        severity=one_of(Severity),
        expects=one_of(Expects),
        phase=one_of(RunPhase),
        started=TIME,
        ended=TIME,
        duration_s=SECONDS,
        events=COUNT,
    )


def _mark() -> Schema:
    return object_of(time=TIME, event=EVENT, offset_s=SECONDS)


def _time() -> Schema:
    return object_of(
        seconds=or_none(SECONDS),
        target_s=SECONDS,
        verdict=one_of(TimeVerdict),
        **{"from": one_of(Milestone)},
        to=one_of(Milestone),
        from_event=or_none(EVENT),
        to_event=or_none(EVENT),
        observed_s=or_none(SECONDS),
        why=TEXT,
    )


def _expectation() -> Schema:
    return object_of(
        inject=TEXT,
        title=TEXT,
        shows=or_none(one_of(Shows)),
        within_s=SECONDS,
        verdict=one_of(TimeVerdict),
        seconds=or_none(SECONDS),
        from_event=or_none(EVENT),
        to_event=or_none(EVENT),
        why=TEXT,
    )


def _impact() -> Schema:
    return object_of(
        start=_mark(),
        end=or_none(_mark()),
        seconds=SECONDS,
        probes=TEXTS,
        attribution=one_of(Attribution),
        why=TEXT,
        evidence=EVENTS,
    )


def _steady_state() -> Schema:
    return object_of(
        samples=COUNT,
        failed=COUNT,
        availability=or_none(SHARE),
        longest_gap_s=SECONDS,
        lost_chunks=list_of(COUNT),
        lost_seconds=SECONDS,
    )


def _system() -> Schema:
    spread = object_of(
        samples=COUNT,
        unread=COUNT,
        lowest=or_none(NUMBER),
        median=or_none(NUMBER),
        highest=or_none(NUMBER),
    )
    return object_of(
        error_budget=or_none(_budget()),
        during=one_of(Split),
        readings=list_of(
            object_of(
                probe=TEXT,
                latency=YES,
                unit={"enum": ["ms", None]},
                range={"type": "array", "items": or_none(NUMBER), "minItems": 2, "maxItems": 2},
                **dict.fromkeys(("before", "during", "after"), spread),
            )
        ),
        protections=list_of(_protection()),
        alerts=list_of(_protection()),
    )


def _budget() -> Schema:
    return object_of(
        objective_percent={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100},
        window_s=SECONDS,
        budget_s=SECONDS,
        spent_s={"type": "number", "minimum": 0},
        share={"type": "number", "minimum": 0},
        burn_rate=or_none({"type": "number", "minimum": 0}),
    )


def _protection() -> Schema:
    return object_of(
        inject=TEXT,
        title=TEXT,
        probe=TEXT,
        verdict=one_of(Worked),
        seconds=or_none(SECONDS),
        why=TEXT,
        events=EVENTS,
    )


def _fault() -> Schema:
    return object_of(
        id=TEXT,
        title=TEXT,
        targets=TEXTS,
        status=one_of(FaultStatus),
        cause=or_none(one_of(Cause)),
        injected=or_none(_mark()),
        undone=or_none(_mark()),
        verified=YES,
        late_s=or_none(SECONDS),
        proof=TEXTS,
        reasons=TEXTS,
    )


_POINTS: Schema = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 100}, {"type": "null"}]}


def _score() -> Schema:
    part = object_of(name=TEXT, points=_POINTS, max=_POINTS, why=TEXT, events=EVENTS)
    return object_of(total=_POINTS, parts=list_of(part))


def _since() -> Schema:
    times = object_of(before_s=or_none(SECONDS), now_s=or_none(SECONDS))
    return object_of(
        run=TEXT,
        differences=TEXTS,
        times={"type": "object", "additionalProperties": times},
        score=object_of(before=_POINTS, now=_POINTS),
        new_findings=TEXTS,
        gone_findings=TEXTS,
    )
