"""The scorecard as JSON: the contract for scripts. Numbers carry the events they come from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gameday.core.instant import Instant
from gameday.core.run.milestones import Mark
from gameday.core.run.times import ResponseTime
from gameday.core.scorecard.expectations import ExpectationOutcome
from gameday.core.scorecard.fault_summary import FaultSummary
from gameday.core.scorecard.impact_summary import ImpactSummary
from gameday.core.scorecard.scorecard import Scorecard
from gameday.core.scorecard.verdicts import Verdict
from gameday.core.trends.since_last import SinceLast
from gameday.reports.process_json import debrief_values, process_values
from gameday.reports.system_json import system_values

SCHEMA_VERSION = 1


def to_json(card: Scorecard, since: SinceLast | None = None) -> dict[str, Any]:
    """The report as JSON values. since: the comparison with the scenario's last run."""
    judged = card.verdicts
    return {
        "schema_version": SCHEMA_VERSION,
        "run": _run(card),
        "verdicts": {
            "run": judged.run.verdict,
            "system": judged.system.verdict,
            "people": judged.people.verdict,
        },
        "reasons": {
            "run": _reasons(judged.run),
            "system": _reasons(judged.system),
            "people": _reasons(judged.people),
        },
        "milestones": {str(name): _mark(card, mark) for name, mark in card.milestones.items()},
        "times": {time.name: _time(time) for time in card.times},
        "expectations": [_expectation(outcome) for outcome in card.expectations],
        "hints": list(card.hints),
        "severity": _severity(card),
        "attribution": str(card.attribution.attribution),
        "attribution_why": card.attribution.why,
        "attribution_evidence": list(card.attribution.evidence),
        "impacts": [_impact(card, impact) for impact in card.impacts],
        "false_all_clears": [
            {
                "event": item.event,
                "by": item.by,
                "time": item.at.isoformat(),
                "milestone": str(item.milestone),
                "reason": item.reason,
            }
            for item in card.false_all_clears
        ],
        "unneeded_actions": [
            {"event": item.event, "by": item.by, "time": item.at.isoformat(), "text": item.text}
            for item in card.unneeded_actions
        ],
        "steady_state": _steady_state(card),
        "system": system_values(card.system),
        "faults": [_fault(card, fault) for fault in card.faults],
        "score": _score(card),
        "process": process_values(card),
        "debrief": debrief_values(card),
        "since_last": None if since is None else _since(since),
    }


def _run(card: Scorecard) -> dict[str, Any]:
    scenario = card.scenario
    return {
        "id": card.run_id,
        "title": scenario.title,
        "owner": scenario.owner,
        "environment": scenario.environment,
        "severity": str(scenario.severity),
        "expects": str(scenario.expects),
        "phase": str(card.state.phase),
        "started": card.started.isoformat(),
        "ended": card.ended.isoformat(),
        "duration_s": round(card.offset(card.ended), 3),
        "events": len(card.records),
    }


def _reasons(verdict: Verdict) -> list[str]:
    return list(verdict.reasons)


def _mark(card: Scorecard, mark: Mark | None) -> dict[str, Any] | None:
    if mark is None:
        return None
    return {"time": mark.at.isoformat(), "event": mark.event, **_offset(card, mark.at)}


def _offset(card: Scorecard, at: Instant) -> Mapping[str, float]:
    return {"offset_s": round(card.offset(at), 3)}


def _time(time: ResponseTime) -> dict[str, Any]:
    return {
        "seconds": None if time.seconds is None else round(time.seconds, 3),
        "target_s": time.target.within,
        "verdict": str(time.verdict),
        "from": str(time.target.from_),
        "to": str(time.target.to),
        "from_event": time.from_event,
        "to_event": time.to_event,
        "observed_s": None if time.observed_s is None else round(time.observed_s, 3),
        "why": time.why,
    }


def _expectation(outcome: ExpectationOutcome) -> dict[str, Any]:
    shows = outcome.expectation.shows
    return {
        "inject": outcome.inject,
        "title": outcome.expectation.title,
        "shows": None if shows is None else str(shows),
        "within_s": outcome.expectation.within,
        "verdict": str(outcome.verdict),
        "seconds": None if outcome.seconds is None else round(outcome.seconds, 3),
        "from_event": outcome.from_event,
        "to_event": outcome.to_event,
        "why": outcome.why,
    }


def _severity(card: Scorecard) -> dict[str, Any]:
    said = card.severity
    return {
        "expected": str(said.expected),
        "declared": None if said.declared is None else str(said.declared),
        "event": said.event,
    }


def _impact(card: Scorecard, impact: ImpactSummary) -> dict[str, Any]:
    return {
        "start": _mark(card, impact.start),
        "end": _mark(card, impact.end),
        "seconds": round(impact.seconds, 3),
        "probes": list(impact.probes),
        "attribution": str(impact.finding.attribution),
        "why": impact.finding.why,
        "evidence": list(impact.finding.evidence),
    }


def _steady_state(card: Scorecard) -> dict[str, Any]:
    summary = card.steady_state
    return {
        "samples": summary.samples,
        "failed": summary.failed,
        "availability": summary.availability,
        "longest_gap_s": summary.longest_gap_s,
        "lost_chunks": list(summary.lost_chunks),
        "lost_seconds": summary.lost_seconds,
    }


def _fault(card: Scorecard, fault: FaultSummary) -> dict[str, Any]:
    return {
        "id": fault.id,
        "title": fault.title,
        "targets": list(fault.targets),
        "status": str(fault.status),
        "cause": fault.cause,
        "injected": _mark(card, fault.injected),
        "undone": _mark(card, fault.undone),
        "verified": fault.verified,
        "late_s": fault.late_s,
        "proof": list(fault.proof),
        "reasons": list(fault.reasons),
    }


def _since(since: SinceLast) -> dict[str, Any]:
    return {
        "run": since.run_id,
        "differences": list(since.differences),
        "times": {
            now.name: {"before_s": _rounded(before.seconds), "now_s": _rounded(now.seconds)}
            for before, now in since.times
        },
        "score": {"before": since.score_before, "now": since.score_now},
        "new_findings": list(since.new),
        "gone_findings": list(since.gone),
    }


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 3)


def _score(card: Scorecard) -> dict[str, Any]:
    return {
        "total": card.score.total,
        "parts": [
            {
                "name": part.name,
                "points": part.points,
                "max": part.max,
                "why": part.why,
                "events": list(part.events),
            }
            for part in card.score.parts
        ],
    }
