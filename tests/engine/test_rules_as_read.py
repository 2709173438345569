"""Rules say what a reader of the log would say, also where people are careless with words."""

from __future__ import annotations

from typing import Any

import pytest

from gameday.core.incident_process.rules import RuleOutcome, rule_outcomes
from gameday.core.log import events as e
from gameday.core.process_tables.rule_table import RuleTable
from gameday.core.scenario.responder_script import Act
from gameday.core.words import RuleVerdict, RunPhase
from tests.engine.drill import Played, play
from tests.engine.process_drills import acts_of, drill_values

LONG_COMMAND = "broken/hand-over.yaml"


def said(at: str, do: str, by: str = "alice", **rest: Any) -> Act:
    return Act.model_validate({"after": "impacted", "at": at, "by": by, "do": do, **rest})


def drill(*more: Act, script: str = "kept.yaml", without: tuple[str, ...] = ()) -> Played:
    acts = [act for act in acts_of(script) if act.id not in without]
    return play([*acts, *more], **drill_values())


def outcome(rule: str, run: Played) -> RuleOutcome:
    return next(each for each in run.card.rules if each.rule.id == rule)


@pytest.mark.parametrize("rule", ["blame", "commander_debugs", "escalation"])
def test_what_an_observer_saw_breaks_any_rule(rule: str) -> None:
    found = outcome(rule, drill(said("+47s", "observe", "olga", rule=rule, text="in the hall")))
    assert (found.verdict, found.why) == (RuleVerdict.BROKEN, "olga saw: in the hall")


def test_an_option_that_the_matrix_lacks_does_not_fit() -> None:
    other = said("+48s", "propose", "bob", option="restart-it")
    found = outcome("fitting_mitigation", drill(other, without=("propose",)))
    assert found.verdict is RuleVerdict.BROKEN
    assert found.why == "restart-it was chosen: no option of the matrix"


def test_nobody_hands_over_to_themselves() -> None:
    again = said("+600s", "handover", role="incident_commander", holder="alice", text="me again")
    run = drill(again, script=LONG_COMMAND)
    assert outcome("hand_over", run).verdict is RuleVerdict.BROKEN


def test_who_has_just_taken_the_command_is_not_worn_out() -> None:
    over = said("+700s", "handover", role="incident_commander", holder="erin", text="all stable")
    run = drill(over, script=LONG_COMMAND)
    assert outcome("hand_over", run).verdict is RuleVerdict.KEPT


@pytest.mark.parametrize("to", ["Legal", " legal "])
def test_it_does_not_matter_how_a_contact_is_written(to: str) -> None:
    manager = said("+13s", "escalate", to="Engineering manager")
    run = drill(manager, said("+18s", "escalate", to=to), without=("tell-legal", "tell-manager"))
    assert outcome("escalation", run).verdict is RuleVerdict.KEPT
    assert outcome("special_cases", run).verdict is RuleVerdict.KEPT


def test_a_vendor_by_any_spelling_needs_a_ticket() -> None:
    run = drill(said("+64s", "escalate", "dan", to="Vendor"), without=("vendor",))
    assert outcome("vendor_ticket", run).verdict is RuleVerdict.BROKEN


def test_the_page_may_be_taken_before_it_is_said_who_noticed() -> None:
    run = drill(said("+9s", "detect", source="alert"), without=("detect",))
    assert outcome("response_time", run).verdict is RuleVerdict.KEPT


def test_a_review_that_was_left_out_may_be_held_after_all() -> None:
    run = drill(said("+678s", "followup", "erin", item="review", done=False))
    assert outcome("review_held", run).verdict is RuleVerdict.KEPT
    assert outcome("review_actions", run).verdict is RuleVerdict.KEPT


def test_what_is_owed_at_once_is_told_so() -> None:
    found = outcome("escalation", drill(without=("tell-manager",)))
    assert found.why == "tell the engineering manager: not at once"


@pytest.mark.parametrize(
    ("act", "told"),
    [
        (said("+52s", "approve", entry="e9999"), "'e9999' is no proposal"),
        (said("+52s", "verdict", entry="e1", verdict="confirmed"), "'e1' is no hypothesis"),
        (
            said("+52s", "observe", rule="gossip", text="x"),
            "no rule is named 'gossip' in run drill-1",
        ),
        (said("+52s", "annul", entry="e9999", text="x"), "nobody said 'e9999'"),
    ],
)
def test_a_script_that_names_what_is_not_there_is_told_so_and_ends_no_drill(
    act: Act, told: str
) -> None:
    run = drill(act)
    assert run.state.phase is RunPhase.COMPLETED
    notes = [record.event for record in run.of(e.NoteAdded)]
    assert [told in note.text for note in notes if isinstance(note, e.NoteAdded)] == [True]
    assert {each.verdict for each in run.card.rules} == {RuleVerdict.KEPT}


def test_an_approval_of_what_is_not_there_approves_nothing() -> None:
    run = drill(said("+52s", "approve", entry="e9999"), without=("approve",))
    assert outcome("unapproved_mitigation", run).verdict is RuleVerdict.BROKEN


def test_a_rule_of_another_version_hides_no_other() -> None:
    run = drill()
    process = run.state.process
    assert process is not None
    first, *others = process.rules.rules
    table = RuleTable(rules=[first.model_copy(update={"id": "of-another-version"}), *others])
    state = run.state._replace(process=process.model_copy(update={"rules": table}))
    unknown, *rest = rule_outcomes(state, run.records, run.records[-1].at)
    assert unknown.verdict is RuleVerdict.NOT_ASKED
    assert {each.verdict for each in rest} == {RuleVerdict.KEPT}


def test_a_false_word_of_resolution_ends_no_duty() -> None:
    silent = [act.id or "" for act in acts_of("kept.yaml") if act.do in ("comms", "resolve")]
    run = drill(said("+20s", "resolve", "bob"), without=tuple(silent))
    for rule in ("silence", "internal_update", "external_update", "early_resolution"):
        assert outcome(rule, run).verdict is RuleVerdict.BROKEN, rule


FORM = dict.fromkeys(("impact", "how_many", "worsening", "what_changed", "mitigable_now"), "none")


@pytest.mark.parametrize(
    "act",
    [
        said("+40s", "note", "carol", text="bob forgot to test it"),
        said("+47s", "verdict", "bob", verdict="confirmed", text="alice broke it"),
        said("+35s", "hypothesis", "dan", text="a leak", evidence="carol missed it", test="count"),
        said("+30s", "triage", "bob", answers={**FORM, "what_changed": "her fault"}),
    ],
)
def test_blame_is_found_by_name_and_in_whatever_was_written(act: Act) -> None:
    assert outcome("blame", drill(act)).verdict is RuleVerdict.BROKEN


def test_spaces_answer_no_question() -> None:
    run = drill(said("+30s", "triage", answers={**FORM, "worsening": "  "}), without=("triage",))
    assert outcome("triage_form", run).why == "not answered: worsening"


def test_one_person_with_all_roles_is_alone() -> None:
    alone = [
        act.model_copy(update={"by": "alice", "holder": "alice" if act.holder else None})
        for act in acts_of("kept.yaml")
        if act.do != "handover"
    ]
    found = outcome("hero", play(alone, **drill_values()))
    assert found.why == "alice did 9 different things, and nobody else had a role"


@pytest.mark.parametrize(("by", "kept"), [("dan", False), ("alice", True)])
def test_only_who_commands_can_hand_the_command_over(by: str, kept: bool) -> None:
    over = said("+100s", "handover", by, role="incident_commander", holder="dan", text="brief")
    found = outcome("too_many_in_charge", drill(over, without=("hand-over", "approve")))
    assert (found.verdict is RuleVerdict.KEPT) == kept, found.why
