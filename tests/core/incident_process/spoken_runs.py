"""Runs in which people say much, and runs in which they say nothing."""

from __future__ import annotations

from typing import Any

from gameday.core.log import events as e
from gameday.core.scenario.responder_script import Act
from gameday.core.scorecard.scorecard import Scorecard, scorecard
from tests.engine.drill import RUN, SHIELD, Played, act, played_once
from tests.reports.sample_runs import rich_scenario, with_latencies


def by(person: str, at: str, do: str, **rest: Any) -> Act:
    """One act of a person, counted from when users were first hurt."""
    return act(at, do, "impacted", **rest).model_copy(update={"by": person})


def talkative_acts() -> list[Act]:
    """All that a team can say in an incident that goes well."""
    return [
        by("alice", "+20s", "detect", source="alert", text="p95 above 400 ms"),
        by("alice", "+25s", "ack"),
        by("alice", "+30s", "role", role="scribe", holder="dave"),
        by("alice", "+40s", "declare", severity="SEV1", text="customers cannot\npay"),
        by("carol", "+45s", "comms", audience="status_page", status="investigating", text="look"),
        by("bob", "+50s", "hypothesis", text="the disk is full"),
        by("bob", "+55s", "verdict", verdict="refuted"),
        by("bob", "+60s", "hypothesis", text="the pool leaks", evidence="50 of 50", test="count"),
        by("bob", "+65s", "verdict", verdict="confirmed"),
        by("carol", "+70s", "comms", audience="internal", status="identified", text="a leak"),
        by("bob", "+80s", "triage"),
        by("bob", "+85s", "propose", option="feature_flag", text="switch the cache on"),
        by("alice", "+90s", "approve"),
        by("alice", "+95s", "escalate", to="vendor", ticket="V-4711"),
        by("alice", "+100s", "handover", role="incident_commander", holder="erin", text="brief"),
        by("bob", "+120s", "act", http=SHIELD, text="switched the cache on"),
        by("bob", "+130s", "mitigate"),
        act("+5s", "item", "mitigated", text="Alert on the pool", owner="bob", priority="P1")
        .model_copy(update={"due": "2026-12-15"}),
        act("+6s", "item", "mitigated", text="Test error paths"),
        act("+7s", "followup", "mitigated", item="Test error paths"),
        act("+8s", "debrief", "mitigated", question="surprised", text="how fast the pool fills"),
        act("+20s", "resolve", "mitigated"),
    ]  # fmt: skip


def talkative() -> Scorecard:
    """The whole of it."""
    return scorecard(RUN, with_latencies(talkative_played().records))


def talkative_played() -> Played:
    """The same with its records as they are, held against the packaged process."""
    return played_once(talkative_acts(), **{**rich_scenario(), "process": {}})


def until(kind: type[e.Event]) -> Scorecard:
    """The same run, cut off after the first event of a kind."""
    records = talkative_played().records
    cut = next(n for n, record in enumerate(records, 1) if isinstance(record.event, kind))
    return scorecard(RUN, records[:cut])


def silent() -> Scorecard:
    """A fault that users felt, and nobody who said a word: no services, no participants."""
    return played_once().card
