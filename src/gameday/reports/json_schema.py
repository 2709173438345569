"""The schema of the JSON report: what scripts may rely on. A new field is an addition; one that
goes or changes its meaning raises ``schema_version``."""

from __future__ import annotations

from typing import Any

from gameday.core.incident_process.rules import RuleVerdict
from gameday.core.inject import Shows
from gameday.core.protections import Worked
from gameday.core.readings import Split
from gameday.core.state import FaultStatus
from gameday.core.times import TimeVerdict
from gameday.core.words import (
    Attribution,
    Audience,
    Cause,
    Expects,
    Milestone,
    Role,
    RunPhase,
    Severity,
    StatusPhase,
)
from gameday.reports.json_report import SCHEMA_VERSION

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_NUMBER: Schema = {"type": "number"}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_YES: Schema = {"type": "boolean"}
_TIME: Schema = {"type": "string", "format": "date-time", "description": "wall time, UTC"}
_SECONDS: Schema = {"type": "number", "description": "seconds, from the boot clock"}
_SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
_EVENT: Schema = {"type": "string", "pattern": "^e[0-9]+$", "description": "an entry of the log"}
_EVENTS: Schema = {"type": "array", "items": _EVENT}


def report_schema() -> Schema:
    """The schema, as JSON Schema of the 2020-12 draft."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "gameday report",
        "description": "A game day's scorecard, computed from its event log alone.",
        **_object(
            schema_version={"const": SCHEMA_VERSION},
            run=_run(),
            verdicts=_object(run=_RUN, system=_SYSTEM, people=_PEOPLE),
            reasons=_object(run=_TEXTS, system=_TEXTS, people=_TEXTS),
            milestones=_object(**{str(name): _or_none(_mark()) for name in Milestone}),
            times={"type": "object", "additionalProperties": _time()},
            expectations=_list(_expectation()),
            hints=_EVENTS,
            severity=_object(
                expected=_one_of(Severity),
                declared=_or_none(_one_of(Severity)),
                event=_or_none(_EVENT),
            ),
            attribution=_one_of(Attribution),
            attribution_why=_TEXT,
            attribution_evidence=_EVENTS,
            impacts=_list(_impact()),
            false_all_clears=_list(
                _object(
                    event=_EVENT, by=_TEXT, time=_TIME, milestone=_one_of(Milestone), reason=_TEXT
                )
            ),
            unneeded_actions=_list(_object(event=_EVENT, by=_TEXT, time=_TIME, text=_TEXT)),
            steady_state=_steady_state(),
            system=_system(),
            faults=_list(_fault()),
            score=_score(),
            process=_or_none(_process()),
            since_last=_or_none(_since()),
        ),
    }


_RUN: Schema = {"enum": ["valid", "invalid", "aborted", "refused", "unsafe", "unfinished"]}
_SYSTEM: Schema = {"enum": ["held", "recovered", "not_recovered", "unknown"]}
_PEOPLE: Schema = {"enum": ["met", "missed", "censored", "not_exercised"]}


def _run() -> Schema:
    return _object(
        id=_TEXT,
        title=_TEXT,
        owner=_TEXT,
        environment=_TEXT,
        severity=_one_of(Severity),
        expects=_one_of(Expects),
        phase=_one_of(RunPhase),
        started=_TIME,
        ended=_TIME,
        duration_s=_SECONDS,
        events=_COUNT,
    )


def _process() -> Schema:
    return _object(
        pace={"type": "number", "exclusiveMinimum": 0},
        rules=_list(
            _object(
                id=_TEXT,
                title=_TEXT,
                source=_TEXT,
                verdict=_one_of(RuleVerdict),
                why=_TEXT,
                events=_EVENTS,
            )
        ),
        roles=_list(
            _object(
                role=_one_of(Role),
                holder=_TEXT,
                from_event=_or_none(_EVENT),
                from_s=_SECONDS,
                until_s=_or_none(_SECONDS),
            )
        ),
        messages=_list(
            _object(
                event=_EVENT,
                by=_TEXT,
                audience=_one_of(Audience),
                status=_or_none(_one_of(StatusPhase)),
                text=_TEXT,
                offset_s=_SECONDS,
            )
        ),
    )


def _mark() -> Schema:
    return _object(time=_TIME, event=_EVENT, offset_s=_SECONDS)


def _time() -> Schema:
    return _object(
        seconds=_or_none(_SECONDS),
        target_s=_SECONDS,
        verdict=_one_of(TimeVerdict),
        **{"from": _one_of(Milestone)},
        to=_one_of(Milestone),
        from_event=_or_none(_EVENT),
        to_event=_or_none(_EVENT),
        observed_s=_or_none(_SECONDS),
        why=_TEXT,
    )


def _expectation() -> Schema:
    return _object(
        inject=_TEXT,
        title=_TEXT,
        shows=_or_none(_one_of(Shows)),
        within_s=_SECONDS,
        verdict=_one_of(TimeVerdict),
        seconds=_or_none(_SECONDS),
        from_event=_or_none(_EVENT),
        to_event=_or_none(_EVENT),
        why=_TEXT,
    )


def _impact() -> Schema:
    return _object(
        start=_mark(),
        end=_or_none(_mark()),
        seconds=_SECONDS,
        probes=_TEXTS,
        attribution=_one_of(Attribution),
        why=_TEXT,
        evidence=_EVENTS,
    )


def _steady_state() -> Schema:
    return _object(
        samples=_COUNT,
        failed=_COUNT,
        availability=_or_none(_SHARE),
        longest_gap_s=_SECONDS,
        lost_chunks=_list(_COUNT),
        lost_seconds=_SECONDS,
    )


def _system() -> Schema:
    spread = _object(
        samples=_COUNT,
        unread=_COUNT,
        lowest=_or_none(_NUMBER),
        median=_or_none(_NUMBER),
        highest=_or_none(_NUMBER),
    )
    return _object(
        error_budget=_or_none(_budget()),
        during=_one_of(Split),
        readings=_list(
            _object(
                probe=_TEXT,
                latency=_YES,
                unit={"enum": ["ms", None]},
                range={"type": "array", "items": _or_none(_NUMBER), "minItems": 2, "maxItems": 2},
                **dict.fromkeys(("before", "during", "after"), spread),
            )
        ),
        protections=_list(_protection()),
        alerts=_list(_protection()),
    )


def _budget() -> Schema:
    return _object(
        objective_percent={"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 100},
        window_s=_SECONDS,
        budget_s=_SECONDS,
        spent_s={"type": "number", "minimum": 0},
        share={"type": "number", "minimum": 0},
        burn_rate=_or_none({"type": "number", "minimum": 0}),
    )


def _protection() -> Schema:
    return _object(
        inject=_TEXT,
        title=_TEXT,
        probe=_TEXT,
        verdict=_one_of(Worked),
        seconds=_or_none(_SECONDS),
        why=_TEXT,
        events=_EVENTS,
    )


def _fault() -> Schema:
    return _object(
        id=_TEXT,
        title=_TEXT,
        targets=_TEXTS,
        status=_one_of(FaultStatus),
        cause=_or_none(_one_of(Cause)),
        injected=_or_none(_mark()),
        undone=_or_none(_mark()),
        verified=_YES,
        late_s=_or_none(_SECONDS),
        proof=_TEXTS,
        reasons=_TEXTS,
    )


_POINTS: Schema = {"anyOf": [{"type": "number", "minimum": 0, "maximum": 100}, {"type": "null"}]}


def _score() -> Schema:
    part = _object(name=_TEXT, points=_POINTS, max=_POINTS, why=_TEXT, events=_EVENTS)
    return _object(total=_POINTS, parts=_list(part))


def _since() -> Schema:
    times = _object(before_s=_or_none(_SECONDS), now_s=_or_none(_SECONDS))
    return _object(
        run=_TEXT,
        differences=_TEXTS,
        times={"type": "object", "additionalProperties": times},
        score=_object(before=_POINTS, now=_POINTS),
        new_findings=_TEXTS,
        gone_findings=_TEXTS,
    )


def _object(**properties: Schema) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _or_none(schema: Schema) -> Schema:
    return {"anyOf": [schema, {"type": "null"}]}


def _one_of(words: Any) -> Schema:
    return {"enum": [str(word) for word in words]}
