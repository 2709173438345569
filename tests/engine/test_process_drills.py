"""The rules of the incident process: each is broken by a drill, one drill keeps them all, and the
scorecard of each says so. Whole drills in virtual time."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gameday.adapters.incident_process.tables import load_table
from gameday.adapters.notice_file import DutyNotices, NoticeFile
from gameday.core.incident_process.rules import DUTIES, PATTERNS, RuleOutcome
from gameday.core.instant import seconds_between
from gameday.core.log import events as e
from gameday.core.process_tables.rule_table import Rule, RuleTable
from gameday.core.words import RuleVerdict
from gameday.reports.markdown import to_markdown
from gameday.testing import CollectingNotifier
from tests.engine.drill import Stage, play
from tests.engine.process_drills import DRILLS, acts_of, drill_values, play_script, played

RULES = {rule.id: rule for rule in load_table("rules", RuleTable).rules}


def outcomes(script: str) -> dict[str, RuleOutcome]:
    return {outcome.rule.id: outcome for outcome in played(script).card.rules}


def test_every_rule_is_code_and_every_code_a_rule() -> None:
    assert set(RULES) == {*DUTIES, *PATTERNS}
    named = {rule.broken_by for rule in RULES.values()} | {r.kept_by for r in RULES.values()}
    there = {str(path.relative_to(DRILLS)) for path in DRILLS.rglob("*.yaml")}
    assert named | {"game-day.yaml"} == there


def test_one_drill_keeps_them_all() -> None:
    found = {
        rule: outcome.why
        for rule, outcome in outcomes("kept.yaml").items()
        if outcome.verdict is not RuleVerdict.KEPT
    }
    assert found == {}
    assert not played("kept.yaml").of(e.DutyMissed)


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_drill_breaks_it_and_shows_where(rule: Rule) -> None:
    outcome = outcomes(rule.broken_by)[rule.id]
    assert outcome.verdict is RuleVerdict.BROKEN, outcome.why
    known = {record.id for record in played(rule.broken_by).records}
    assert set(outcome.events) <= known
    assert outcome.events
    assert f"✘ {rule.title}" in to_markdown(played(rule.broken_by).card)


@pytest.mark.parametrize("script", ["kept.yaml", *sorted(r.broken_by for r in RULES.values())])
def test_a_stepped_wall_clock_changes_no_rule(script: str) -> None:
    async def steps(stage: Stage) -> None:
        for at, seconds in ((60, 3600), (200, -7200), (700, 86_400)):
            await stage.at(at)
            stage.clock.step_wall(seconds)

    stepped = {o.rule.id: o.verdict for o in play_script(script, steps).card.rules}
    assert stepped == {rule: outcome.verdict for rule, outcome in outcomes(script).items()}


def test_a_page_that_is_owed_reaches_people_at_the_declaration(tmp_path: Path) -> None:
    """By the port through which a terminal, a file or a pager hears of it."""
    heard, file = CollectingNotifier(), tmp_path / "notices.log"
    run = play(acts_of("broken/paging.yaml"), notifiers=(heard,), **drill_values())
    declared = run.of(e.Declared)[0].at
    paged = [r for r in heard.records if "duty='page." in repr(r.event)]
    assert [
        (type(r.event).__name__, r.event.duty, round(seconds_between(declared, r.at), 1))
        for r in paged
        if isinstance(r.event, (e.DutyFellDue, e.DutyMissed))
    ] == [
        ("DutyFellDue", "page.on-call", 0),
        ("DutyFellDue", "page.rotation", 0),
        ("DutyMissed", "page.rotation", 3),  # a minute of grace, at the drill's pace
    ]
    for record in heard.records:
        asyncio.run(DutyNotices(NoticeFile(file)).notify(record))
    told = file.read_text(encoding="utf-8")
    assert "due now (on call): page whoever is on call" in told
    assert "overdue (rotation): page everybody else of the rotation" in told
    (rule,) = [o for o in run.card.rules if o.rule.id == "paging"]
    assert rule.why == "page everybody else of the rotation: not at once"


def test_whoever_owes_something_is_called_when_it_is_due_and_again_when_it_stays_undone() -> None:
    run = played("broken/room.yaml")
    declared = run.of(e.Declared)[0].at
    due = [r.at for r in run.of(e.DutyFellDue) if "duty='room'" in repr(r.event)]
    missed = run.of(e.DutyMissed)
    assert [round(seconds_between(declared, at), 1) for at in due] == [15.0]  # 5 minutes' worth
    assert [round(seconds_between(declared, r.at), 1) for r in missed] == [18.0]  # one of grace
    assert "duty='room'" in repr(missed[0].event)
