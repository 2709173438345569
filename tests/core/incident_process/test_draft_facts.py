"""What drafts know of a run: computed, never empty, and a visible gap where nobody knows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pytest

from gameday.core.drafts.facts import DraftFacts, draft_facts
from gameday.core.drafts.felt_impact import probe_impacts
from gameday.core.drafts.words import (
    CHANNEL_LONGEST,
    FILL_IN,
    channel,
    one_line,
    percent,
    span,
    to_fill,
)
from gameday.core.instant import Instant
from gameday.core.log import events as e
from gameday.core.scorecard.scorecard import Scorecard, scorecard
from gameday.core.words import Audience, StatusPhase
from gameday.reports.lines import line
from gameday.testing import EPOCH
from tests.core.incident_process.spoken_runs import silent, talkative, until
from tests.engine.drill import RUN
from tests.reports.sample_runs import ODD, hostile, rich


def facts(card: Scorecard, number: int = 1) -> DraftFacts:
    told = {record.id: said.text for record in card.records if (said := line(record))}
    return draft_facts(card, told, number)


def texts(value: Any) -> Iterator[str]:
    """Every text in the facts; anything that is neither text, number nor list is told."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, tuple):
        assert value
        for item in value:
            yield from texts(item)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from texts(getattr(value, field.name))
    else:
        assert isinstance(value, int), value


@pytest.mark.parametrize("name", ODD)
def test_nothing_is_ever_empty(name: str) -> None:
    for text in texts(facts(ODD[name]())):
        assert text.strip()
        assert "None" not in text
        assert text == one_line(text)


def test_a_run_in_which_much_was_said() -> None:
    known = facts(talkative())
    assert known.severity == "SEV1"
    assert known.symptom == "customers cannot pay"
    assert known.services == "checkout and payments"
    assert (known.commander, known.scribe, known.tech_lead) == ("erin", "dave", "bob")
    assert (known.hypothesis, known.standing) == ("the pool leaks", "confirmed")
    assert (known.evidence, known.test, known.cause) == ("50 of 50", "count", "the pool leaks")
    assert known.last_action.startswith("switched the cache on (bob, ")
    assert FILL_IN.fullmatch(known.next_action)  # it was done since
    assert (known.phase, known.number) == ("resolved", 2)
    assert known.next_update == "none, it is resolved"
    assert known.actions[0] == "Alert on the pool (bob, P1, due 2026-12-15)"
    assert FILL_IN.search(known.actions[1])
    assert known.lessons == ("how fast the pool fills",)
    assert "the disk is full (refuted)" in known.runbook.troubleshooting
    assert "was called in: vendor [V-4711]" in known.runbook.contacts
    assert known.runbook.steps == ("switched the cache on",)
    assert known.probes[0].startswith("checkout: 100 % of ")
    assert "slowest" in known.probes[1]
    assert known.ended_by == "what responders did"


@pytest.mark.parametrize(
    ("kind", "phase"),
    [
        (e.Declared, "investigating"),
        (e.HypothesisStated, "investigating"),
        (e.MitigationApproved, "identified"),
        (e.ActionTaken, "identified"),
        (e.MitigationVerified, "monitoring"),
        (e.RunCompleted, "resolved"),
    ],
)
def test_the_phase_moves_on_with_the_run(kind: type[e.Event], phase: str) -> None:
    assert facts(until(kind)).phase == phase


def test_nobody_is_past_identified_while_users_are_hurt() -> None:
    card = until(e.MitigationApproved)
    last = card.records[-1]
    said = e.Communicated(
        by="carol", text="all good", audience=Audience.INTERNAL, status=StatusPhase.RESOLVED
    )
    hurt = scorecard(RUN, [*card.records, replace(last, seq=last.seq + 1, event=said)])
    assert facts(hurt).phase == "identified"


def test_the_next_update_is_a_quarter_of_an_hour_after_the_last() -> None:
    declared = facts(until(e.Declared))
    assert declared.number == 1
    assert minutes(declared.next_update) - minutes(declared.declared) == 15
    assert minutes(declared.next_public_update) - minutes(declared.declared) == 30
    assert facts(until(e.MitigationProposed)).number == 2
    assert FILL_IN.fullmatch(facts(until(e.Detected)).next_update)


def test_a_policy_s_own_cadence_comes_first() -> None:
    card = until(e.MitigationProposed)
    process = card.state.process
    assert process is not None
    fast = replace(
        card, state=card.state._replace(process=process.model_copy(update={"pace": 0.1}))
    )
    assert re.fullmatch(r"\d\d:\d\d:\d\d UTC", facts(fast).next_update)  # 90 seconds
    none = replace(card, state=card.state._replace(process=None))
    assert facts(none).next_update == facts(card).next_update


def test_who_is_called_in_next_is_the_policy_s() -> None:
    assert facts(until(e.Declared)).escalate_to == "product manager"
    card = until(e.Escalated)
    assert facts(card).escalate_to == "product manager"  # the vendor is no step
    last, late = card.records[-1], card.ended.plus(3700)
    after_an_hour = replace(card, ended=late)
    assert facts(after_an_hour).escalate_to == "vp engineering"
    called = [
        replace(last, seq=last.seq + n, event=e.Escalated(by="alice", to=to))
        for n, to in enumerate(("vp_engineering", "team_lead", "product_manager"), 1)
    ]
    more = scorecard(RUN, [*card.records, *called])
    assert facts(more).escalate_to == "engineering manager"
    assert facts(replace(card, state=card.state._replace(process=None))).escalate_to == "team lead"


def test_what_was_approved_is_next_until_it_is_done() -> None:
    assert facts(until(e.MitigationApproved)).next_action == "switch the cache on (approved)"
    assert FILL_IN.fullmatch(facts(until(e.MitigationProposed)).next_action)


def test_while_it_goes_on_the_timeline_gives_no_cause_away() -> None:
    going_on = " ".join(x.text for x in facts(until(e.MitigationApproved)).timeline)
    assert "simulated slow" not in going_on
    assert "Payments turn slow" not in going_on
    assert "customers cannot pay" in going_on
    assert "simulated slow" in " ".join(x.text for x in facts(talkative()).timeline)


def test_where_nothing_was_said_gaps_are_seen() -> None:
    known = facts(silent())
    assert known.severity == "SEV2"  # the scenario's
    for text in (
        *(known.declared, known.detected, known.mitigated, known.commander, known.hypothesis),
        *(known.last_action, known.next_update, known.services, known.symptom, known.cause),
    ):
        assert FILL_IN.fullmatch(text), text
    assert known.impact == "100 % of the readings of up failed"
    assert known.phase == "investigating"
    assert known.ended_by == "the end of the exercise, not the response"


def test_annulled_entries_count_nowhere() -> None:
    card = rich()
    struck = card.state.annulled
    assert struck
    assert struck.isdisjoint(x.event for x in facts(card).timeline)
    assert "wrong channel" not in " ".join(texts(facts(card)))


def test_of_what_was_struck_out_nothing_is_told() -> None:
    card = talkative()
    kinds = (e.HypothesisStated, e.RoleHandedOver, e.ActionItemAdded, e.ActionTaken)
    struck = frozenset(record.id for record in card.records if isinstance(record.event, kinds))
    known = facts(replace(card, state=card.state._replace(annulled=struck)))
    assert known.commander == "alice"  # who came with it
    for text in (known.hypothesis, known.cause, known.last_action, *known.actions):
        assert FILL_IN.fullmatch(text), text
    assert known.next_action == "switch the cache on (approved)"


def test_what_people_write_stays_on_one_line() -> None:
    known = facts(hostile("a\nb\x00c\t| {{ facts.title }}"))
    assert known.title == "a b c | {{ facts.title }}"


def test_shares_are_those_of_the_samples_in_the_impacts() -> None:
    card = rich()
    (impact,) = card.impacts
    assert impact.end is not None
    one = probe_impacts(card)[0]
    begin, end = impact.start.at.boot, impact.end.at.boot
    within = [s for s in card.samples[one.probe] if begin <= s.at < end]
    assert (one.samples, one.failed) == (len(within), sum(not s.ok for s in within))
    assert one.share == one.failed / one.samples
    assert one.worst_ms is None  # it measures no latency
    assert probe_impacts(ODD["absorbed"]()) == ()


def test_the_channel_has_date_number_and_words() -> None:
    at = Instant(EPOCH, 0, "")
    assert channel(at, 7, "Payments: slow!") == "#incident-2026-09-21-007-payments-slow"
    assert channel(at, 1, "—") == "#incident-2026-09-21-001"
    assert len(channel(at, 1, "x" * 200)) <= CHANNEL_LONGEST + 1
    assert facts(rich(), 12).channel.startswith("#incident-2026-09-21-012-payments")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59.4, "59 s"), (60, "1m 00s"), (125, "2m 05s"), (8100, "2h 15m"), (-3, "0 s")],
)
def test_spans(seconds: float, text: str) -> None:
    assert span(seconds) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (0.0001, "under 0.1 %"), (0.25, "25 %"), (0.9999, "over 99.9 %"), (1, "100 %")],
)
def test_shares(share: float, text: str) -> None:
    assert percent(share) == text


def test_a_gap_is_found_again_also_where_it_is_escaped() -> None:
    assert FILL_IN.fullmatch(to_fill("who"))
    assert FILL_IN.search(r"a \[to fill in: who\] b")
    assert not FILL_IN.search("[link](#e1) to fill in: nothing")


def minutes(text: str) -> int:
    hour, minute = text.removesuffix(" UTC").split(":")
    return int(hour) * 60 + int(minute)
