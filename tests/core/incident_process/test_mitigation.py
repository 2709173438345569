"""The mitigation matrix: total, in order, and never what is forbidden, whatever a team writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.adapters.incident_process.tables import load_table
from gameday.core.errors import InvalidFile
from gameday.core.process_tables.mitigation import Matrix, recommend, situation_of
from gameday.core.scenario.situation import Situation

MATRIX = load_table("mitigation", Matrix)
IDS = [option.id for option in MATRIX.options]
FACTS = [name for name, field in Situation.model_fields.items() if field.annotation is bool]
SITUATIONS = st.builds(
    Situation,
    deploy_minutes_ago=st.none() | st.floats(0, 10_000),
    tried=st.frozensets(st.sampled_from(IDS)),
    **{name: st.booleans() for name in FACTS},
)
CONDITION = st.sampled_from(FACTS).map(
    lambda fact: {"fact": fact, "met": "m", "unmet": f"no {fact}"}
)
FORBIDS = st.sampled_from(FACTS).map(lambda fact: {"fact": fact, "because": f"it is {fact}"})


def _option(number: int, **rest: Any) -> dict[str, Any]:
    said = {"id": f"o{number}", "name": "N", "because": "b", "command": "true", "approval": True}
    return {**said, "eta_minutes": None, "risk": None, **rest}


CONDITIONS = st.fixed_dictionaries(
    {
        "needs": st.lists(CONDITION, min_size=1, max_size=3),
        "any_of": st.lists(CONDITION, max_size=3),
        "unless": st.lists(FORBIDS, max_size=3),
    }
)
MATRICES = st.lists(CONDITIONS, max_size=6).map(
    lambda parts: Matrix.model_validate(
        {"options": [*(_option(n, **part) for n, part in enumerate(parts)), _option(99)]}
    )
)


@given(SITUATIONS, MATRICES | st.just(MATRIX))
def test_there_is_an_answer_to_everything_and_every_option_is_accounted_for(
    situation: Situation, matrix: Matrix
) -> None:
    advice = recommend(situation, matrix)
    assert advice.because
    named = [advice.recommended, *(c.id for c in advice.then), *(r.id for r in advice.refused)]
    assert sorted(named) == sorted(option.id for option in matrix.options)
    assert all(refusal.reasons for refusal in advice.refused)
    last = matrix.options[-1].id
    assert last in (advice.recommended, *(choice.id for choice in advice.then))


@given(SITUATIONS, MATRICES | st.just(MATRIX))
def test_what_is_forbidden_or_was_tried_is_neither_recommended_nor_next(
    situation: Situation, matrix: Matrix
) -> None:
    advice = recommend(situation, matrix)
    chosen = {advice.recommended, *(choice.id for choice in advice.then)}
    for option in matrix.options[:-1]:
        if option.id in situation.tried:
            assert option.id not in chosen
        for forbids in option.unless:
            if getattr(situation, forbids.fact):
                assert option.id not in chosen
                (refusal,) = [r for r in advice.refused if r.id == option.id]
                assert refusal.kind == "contraindicated"
                assert forbids.because in refusal.reasons


@given(SITUATIONS, MATRICES | st.just(MATRIX))
def test_the_order_is_respected(situation: Situation, matrix: Matrix) -> None:
    advice = recommend(situation, matrix)
    order = [option.id for option in matrix.options]
    places = [order.index(id_) for id_ in (advice.recommended, *(c.id for c in advice.then))]
    assert places == sorted(places)
    refused = {refusal.id for refusal in advice.refused}
    assert set(order[: places[0]]) <= refused, "what comes before was refused, each with a reason"


@given(SITUATIONS.map(lambda s: s.model_dump() | {"errors_up": True, "has_rollback": True}))
def test_a_deploy_within_two_hours_and_errors_up_means_roll_back_unless_forbidden(
    facts: dict[str, Any],
) -> None:
    situation = situation_of(facts)
    minutes = situation.deploy_minutes_ago
    forbidden = situation.migration_applied or "rollback" in situation.tried
    meant = minutes is not None and minutes <= 120 and not forbidden
    assert (recommend(situation, MATRIX).recommended == "rollback") is meant


@pytest.mark.parametrize(
    ("facts", "option", "eta", "risk"),
    [
        ({"deploy_minutes_ago": 25, "errors_up": True, "has_rollback": True}, "rollback", 5, "low"),
        (
            {"deploy_minutes_ago": 120, "latency_up": True, "has_rollback": True},
            "rollback",
            5,
            "low",
        ),
        (
            {"deploy_minutes_ago": 121, "errors_up": True, "has_rollback": True},
            "escalate",
            None,
            None,
        ),
        ({"deploy_minutes_ago": 25, "errors_up": True}, "escalate", None, None),
        ({"deploy_minutes_ago": 25, "has_rollback": True}, "escalate", None, None),
        ({"has_failover": True, "feature_flagged": True}, "failover", 10, "medium"),
        ({"has_failover": True, "primary_healthy": True}, "escalate", None, None),
        ({"has_failover": True, "replica_behind": True}, "escalate", None, None),
        ({"feature_flagged": True, "overloaded": True}, "disable_feature", 2, "low"),
        ({"external_dependency_failing": True}, "disable_feature", 2, "low"),
        (
            {"external_dependency_failing": True, "feature_essential": True, "has_backup": True},
            "use_backup",
            10,
            "medium",
        ),
        ({"database_overloaded": True, "has_backup": True}, "use_backup", 10, "medium"),
        ({"has_backup": True}, "escalate", None, None),
        (
            {"database_overloaded": True, "has_backup": True, "backup_stale": True},
            "escalate",
            None,
            None,
        ),
        ({"overloaded": True}, "rate_limit", 5, "medium"),
        ({"overloaded": True, "requests_precious": True}, "scale", 5, "medium"),
        ({"resources_exhausted": True}, "scale", 5, "medium"),
        ({"resources_exhausted": True, "database_overloaded": True}, "escalate", None, None),
        ({"fix_identified": True, "fix_simple": True}, "hotfix", 20, "high"),
        ({"fix_identified": True}, "escalate", None, None),
        (
            {"fix_identified": True, "fix_simple": True, "fix_untested": True},
            "escalate",
            None,
            None,
        ),
        ({}, "escalate", None, None),
        ({"tried": ["escalate"]}, "escalate", None, None),
        ({"overloaded": True, "tried": ["rate_limit"]}, "scale", 5, "medium"),
    ],
)
def test_the_matrix_as_the_runbooks_teach_it(
    facts: dict[str, Any], option: str, eta: int | None, risk: str | None
) -> None:
    advice = recommend(situation_of(facts), MATRIX)
    assert (advice.recommended, advice.eta_minutes, advice.risk) == (option, eta, risk)


def test_the_order_of_priority_is_that_of_the_runbooks() -> None:
    assert [
        *("rollback", "failover", "disable_feature", "use_backup"),
        *("rate_limit", "scale", "hotfix", "escalate"),
    ] == IDS
    assert all(option.approval for option in MATRIX.options[:-1]), "the commander decides"


def test_every_fact_decides_something() -> None:
    used = {each.fact for option in MATRIX.options for each in (*option.needs, *option.any_of)}
    used |= {each.fact for option in MATRIX.options for each in option.unless}
    assert used == set(Situation.model_fields) - {"tried"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([_option(1), _option(2)], "o1 always fits"),
        ([_option(1, unless=[{"fact": "overloaded", "because": "b"}])], "has to remain"),
        ([_option(1, needs=[{"fact": "luck", "met": "m", "unmet": "u"}])], "there is no 'luck'"),
        ([_option(1, needs=[{"fact": "tried", "met": "m", "unmet": "u"}])], "there is no 'tried'"),
        (
            [_option(1, needs=[{"fact": "deploy_minutes_ago", "met": "m", "unmet": "u"}])],
            "it needs at_most",
        ),
        (
            [_option(1, any_of=[{"fact": "overloaded", "at_most": 1, "met": "m", "unmet": "u"}])],
            "it takes no at_most",
        ),
        ([_option(1, unless=[{"fact": "deploy_minutes_ago", "because": "b"}])], "only a fact"),
        (
            [_option(1, needs=[{"fact": "overloaded", "met": "m", "unmet": "u"}]), _option(1)],
            "more than one option 'o1'",
        ),
        ([], "at least 1"),
    ],
)
def test_a_matrix_that_would_leave_somebody_without_an_answer_is_refused(
    options: list[dict[str, Any]], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        Matrix.model_validate({"options": options})


def test_a_mistake_in_a_teams_matrix_is_placed(tmp_path: Path) -> None:
    (tmp_path / "mitigation.yaml").write_text("options:\n  - {id: x, risk: huge}\n")
    with pytest.raises(InvalidFile) as caught:
        load_table("mitigation", Matrix, tmp_path)
    assert "mitigation.yaml:2:19: options.0.risk: 'huge' is not allowed" in str(caught.value)
