"""Action items over drills: none is called verified unless a drill could have told otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from gameday.core.log import events as e
from gameday.core.log.codec import decode_value, encode_value
from gameday.core.scorecard.comparable import result_of
from gameday.core.scorecard.run_result import (
    FollowUpResult,
    ItemResult,
    Likeness,
    RunResult,
    TimeResult,
)
from gameday.core.trends.action_items import (
    ItemStatus,
    TrackedItem,
    finding_of,
    slug,
    tracked_items,
)
from gameday.core.words import TimeVerdict
from gameday.reports.next_steps import next_steps
from tests.core.incident_process.spoken_runs import talkative
from tests.reports.sample_runs import ODD, good, nobody_acted, rich

LATE = "mitigate was late"


def drill(number: int, **changes: Any) -> RunResult:
    """A valid drill, one each thousand seconds, in which nothing was found."""
    time = TimeResult("mitigate", "impacted → mitigated", 1.0, 1.0, 60.0, TimeVerdict.MET)
    result = RunResult(
        run_id=f"r{number}",
        started=1000.0 * number,
        title="A drill",
        team="sre",
        environment="test",
        severity="SEV2",
        services=(),
        families=(),
        roles=(),
        likeness=Likeness("faults", "scenario"),
        run="valid",
        system="recovered",
        people="met",
        attribution="responder",
        score=90.0,
        times=(time,),
        findings=(),
        annulled=0,
    )
    return result._replace(**changes)


def late(number: int, **changes: Any) -> RunResult:
    return drill(number, **{"findings": (LATE,), **changes})


def fine(number: int, **changes: Any) -> RunResult:
    return drill(number, **{"good": (LATE,), **changes})


def asks(text: str, **rest: str) -> ItemResult:
    return ItemResult(text, rest.get("owner", ""), rest.get("priority", ""), rest.get("due", ""))


def did(item: str, at: float, done: bool = True) -> FollowUpResult:
    return FollowUpResult(item, done, at)


def one(results: Sequence[RunResult]) -> TrackedItem:
    (item,) = tracked_items(results)
    return item


ASKED = asks("Write a runbook (mitigate was late)", owner="bob", priority="P1", due="2026-12-15")
DONE = (did(ASKED.title, 1500.0),)


def test_a_finding_waits_until_somebody_takes_it() -> None:
    item = one([late(1), late(2)])
    assert (item.title, item.asked, item.status) == (LATE, False, ItemStatus.OPEN)
    assert item.runs == ("r1", "r2")
    taken = one([late(1), late(2, items=(ASKED,))])
    assert (taken.asked, taken.owner, taken.finding) == (True, "bob", LATE)


@pytest.mark.parametrize(
    ("later", "status", "decided_by"),
    [
        ([], "done", ""),
        ([fine(2)], "verified", "r2"),
        ([late(2)], "repeated", "r2"),
        ([fine(2), late(3)], "repeated", "r3"),
        ([late(2), fine(3)], "verified", "r3"),
        ([drill(2)], "done", ""),  # it could not be told there
        ([fine(2, run="aborted")], "done", ""),
        ([late(2, run="aborted")], "done", ""),
        ([fine(2, title="Another drill")], "done", ""),
        ([fine(2, likeness=Likeness("other", "scenario"))], "done", ""),
        ([fine(2, times=(drill(2).times[0]._replace(target=120.0),))], "done", ""),
        ([fine(2, times=(drill(2).times[0]._replace(target=30.0),))], "verified", "r2"),
        ([drill(2, items=(ASKED,))], "repeated", "r2"),  # people ask for it again
    ],
)
def test_only_a_drill_that_could_tell_decides(
    later: list[RunResult], status: str, decided_by: str
) -> None:
    first = late(1, items=(ASKED,), followups=DONE)
    items = [item for item in tracked_items([*later, first]) if item.asked]  # in any order
    assert [(item.status, item.decided_by) for item in items] == [(status, decided_by)]


def test_a_drill_before_it_was_done_verifies_nothing() -> None:
    first = late(1, items=(ASKED,))
    done = fine(2, followups=(did(ASKED.title, 2500.0),))
    assert one([first, done]).status is ItemStatus.DONE
    assert one([first, done, fine(3)]).status is ItemStatus.VERIFIED


def test_done_by_its_id_or_by_the_report_s_words() -> None:
    for words in (slug(LATE), LATE, "Mitigate took 4m (target 3m): write down the quickest way"):
        assert one([late(1, followups=(did(words, 1500.0),))]).status is ItemStatus.DONE
    assert one([late(1, followups=(did("something else", 1500.0),))]).status is ItemStatus.OPEN
    assert one([late(1, followups=(did(" ", 1500.0),))]).status is ItemStatus.OPEN


def test_left_out_and_the_last_word_counts() -> None:
    out = did(ASKED.title, 1400.0, done=False)
    assert one([late(1, items=(ASKED,), followups=(out,))]).status is ItemStatus.LEFT_OUT
    both = late(1, items=(ASKED,), followups=(*DONE, out))
    assert one([both, fine(2)]).status is ItemStatus.VERIFIED
    undone = late(1, items=(ASKED,), followups=(did(ASKED.title, 1600.0, done=False), *DONE))
    assert one([undone, fine(2)]).status is ItemStatus.LEFT_OUT


def test_an_item_about_no_finding_is_never_verified() -> None:
    item = asks("Alert on the pool")
    first = drill(1, items=(item,), followups=(did("alert-on-the-pool", 1500.0),))
    assert one([first, fine(2)]).status is ItemStatus.DONE


def test_what_is_said_again_fills_in_what_was_open() -> None:
    again = [
        drill(1, items=(asks("Alert", owner="bob"),)),
        drill(2, items=(asks("alert!", due="x"),)),
    ]
    item = one(again)
    assert (item.title, item.owner, item.due, item.runs) == ("alert!", "bob", "x", ("r1", "r2"))


def test_every_step_of_a_report_about_a_finding_names_it() -> None:
    seen = set()
    for name in ODD:
        card = ODD[name]()
        findings = result_of(card).findings
        named = {finding_of(step.text, findings) for step in next_steps(card)} - {""}
        if card.verdicts.people.verdict != "not_exercised":
            assert named == set(findings), name
        seen |= named
    assert {LATE, "an all-clear was false", "expected and missed: An executive is told"} <= seen


def test_no_other_step_names_one() -> None:
    findings = (LATE, "detect was late", "an all-clear was false", "another severity was declared")
    assert finding_of("Harden the system: users felt a fault it should absorb.", findings) == ""
    assert finding_of("Premitigate tookover", findings) == ""
    assert finding_of("rehearse severity: SEV1 was declared", findings) == findings[-1]


def test_what_is_kept_of_a_run_says_what_went_well_too() -> None:
    kept = result_of(good())
    assert {LATE, "detect was late", "steady state did not come back"} <= set(kept.good)
    for card in (good(), rich(), nobody_acted()):
        result = result_of(card)
        assert set(result.good).isdisjoint(result.findings)
    assert LATE not in result_of(nobody_acted()).good


def test_rules_of_the_process_are_findings_too() -> None:
    kept = result_of(talkative())
    rule = "not kept: a hypothesis is tested"
    assert rule in kept.findings
    assert "not kept: nobody is blamed" in kept.good
    assert finding_of("Test each one, as a hypothesis is tested", kept.findings) == rule
    assert finding_of("Alert on the pool", kept.findings) == ""


def test_what_people_asked_for_is_kept_and_comes_back_from_json() -> None:
    kept = result_of(talkative())
    assert [item.title for item in kept.items] == ["Alert on the pool", "Test error paths"]
    assert kept.items[0] == ItemResult("Alert on the pool", "bob", "P1", "2026-12-15")
    (done,) = kept.followups
    assert (done.item, done.done) == ("Test error paths", True)
    assert decode_value(RunResult, encode_value(kept)) == kept
    statuses = {item.title: item.status for item in tracked_items([kept]) if item.asked}
    assert statuses == {
        "Alert on the pool": ItemStatus.OPEN,
        "Test error paths": ItemStatus.DONE,
    }


def test_what_was_kept_can_be_read_though_it_is_longer_or_shorter() -> None:
    kept = encode_value(drill(1))
    required = len(RunResult._fields) - len(RunResult._field_defaults)
    assert decode_value(RunResult, kept) == drill(1)
    assert decode_value(RunResult, kept[:required]) == drill(1)
    assert decode_value(RunResult, [*kept, "of a newer version"]) == drill(1)
    with pytest.raises(TypeError):
        decode_value(RunResult, kept[: required - 1])


def test_what_was_struck_out_is_no_item() -> None:
    card = talkative()
    first = next(r.id for r in card.records if isinstance(r.event, e.ActionItemAdded))
    struck = replace(card, state=card.state._replace(annulled=frozenset({first})))
    assert [item.title for item in result_of(struck).items] == ["Test error paths"]
