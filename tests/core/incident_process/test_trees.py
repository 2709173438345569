"""Decision trees: every way ends, nothing is lost, and mistakes are found before anybody walks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gameday.adapters.incident_process.tables import load_table
from gameday.core.errors import ExitCode, InvalidFile
from gameday.core.process_tables.mitigation import Matrix
from gameday.core.process_tables.trees import BadAnswer, Outcome, Tree, Trees, drawn, walk

TABLE = load_table("trees", Trees)
ERRORS = "elevated-error-rate"
BY_ID = {tree.id: tree for tree in TABLE.trees}


def ways(tree: Tree) -> Iterator[tuple[tuple[str, ...], str]]:
    """Every way through a tree, as answers, and the outcome it ends at."""
    open_ways: list[tuple[str, ...]] = [()]
    while open_ways:
        way = open_ways.pop()
        position = walk(tree, way)
        if position.outcome is not None:
            yield way, position.outcome.id
        if position.question is not None:
            open_ways += [(*way, answer.id) for answer in position.question.answers]


def a_tree(targets: list[list[str]], outcomes: list[str]) -> dict[str, Any]:
    """Questions q0, q1, … whose answers a0, a1, … lead to these."""
    questions = [
        {
            "id": f"q{n}",
            "ask": "?",
            "answers": [{"id": f"a{k}", "means": "m", "to": to} for k, to in enumerate(row)],
        }
        for n, row in enumerate(targets)
    ]
    return {
        "id": "t",
        "title": "T",
        "questions": questions,
        "outcomes": [{"id": name, "do": f"do {name}"} for name in outcomes],
    }


@st.composite
def _graphs(draw: st.DrawFn) -> tuple[list[list[str]], list[str]]:
    """Answers that lead to any question or outcome: some are trees, most have circles."""
    questions = draw(st.integers(1, 5))
    outcomes = [f"o{n}" for n in range(draw(st.integers(1, 3)))]
    names = st.sampled_from([*(f"q{n}" for n in range(questions)), *outcomes])
    return draw(st.lists(st.lists(names, min_size=2, max_size=3), min_size=1, max_size=5)), outcomes


@given(_graphs())
def test_a_tree_is_taken_only_if_every_way_ends_and_nothing_is_lost(
    graph: tuple[list[list[str]], list[str]],
) -> None:
    targets, outcomes = graph
    sound = _sound(targets, outcomes)
    try:
        tree = Tree.model_validate(a_tree(targets, outcomes))
    except ValidationError:
        assert not sound
        return
    assert sound
    assert {end for _, end in ways(tree)} == set(outcomes)


def _sound(targets: list[list[str]], outcomes: list[str]) -> bool:
    """The same by brute force: ways longer than there are questions go in a circle."""
    names = {f"q{n}": row for n, row in enumerate(targets)}
    seen, layer = {"q0"}, ["q0"]
    for _ in range(len(names) + 1):
        nexts = [to for name in layer for to in names.get(name, [])]
        if any(to not in names and to not in outcomes for to in nexts):
            return False
        seen |= set(nexts)
        layer = sorted(set(nexts) & set(names))
    return not layer and seen == {*names, *outcomes}


@pytest.mark.parametrize("tree", TABLE.trees, ids=list(BY_ID))
def test_each_packaged_tree_reaches_each_outcome_within_a_few_questions(tree: Tree) -> None:
    found = list(ways(tree))
    assert {end for _, end in found} == {outcome.id for outcome in tree.outcomes}
    assert max(len(way) for way, _ in found) <= 7


@pytest.mark.parametrize("tree", TABLE.trees, ids=list(BY_ID))
def test_hints_name_options_of_the_mitigation_matrix(tree: Tree) -> None:
    options = {option.id for option in load_table("mitigation", Matrix).options}
    hints = {outcome.mitigation for outcome in tree.outcomes} - {None}
    assert hints <= options


@pytest.mark.parametrize("tree", TABLE.trees, ids=list(BY_ID))
def test_the_drawing_has_everything_and_each_question_once(tree: Tree) -> None:
    text = "\n".join(drawn(tree))
    for question in tree.questions:
        asked = f"{question.ask} [{question.id}]"
        assert text.count(asked) - text.count(f"→ as above: {asked}") == 1
        assert all(f"$ {command}" in text for command in question.look)
    assert all(outcome.do in text for outcome in tree.outcomes)


@pytest.mark.parametrize(
    ("tree", "answers", "end", "mitigation"),
    [
        (ERRORS, ["5xx", "deploy=yes"], "roll_back", "rollback"),
        (ERRORS, ["5xx", "no", "oom"], "memory", "scale"),
        (ERRORS, ["5xx", "no", "database", "pool"], "pool_exhausted", None),
        (ERRORS, ["5xx", "no", "timeouts", "vendor"], "vendor_fails", "disable_feature"),
        (ERRORS, ["5xx", "no", "code_path"], "broken_path", "disable_feature"),
        (ERRORS, ["5xx", "migrated", "nothing", "cache", "misses"], "cache_cold", "rate_limit"),
        (ERRORS, ["5xx", "no", "nothing", "none", "cpu"], "cpu", "scale"),
        (ERRORS, ["4xx", "yes"], "refused_rightly", None),
        (ERRORS, ["timeout", "network"], "network", "failover"),
        ("latency", ["everybody", "yes"], "roll_back", "rollback"),
        ("latency", ["some", "no", "database", "slow"], "slow_queries", "use_backup"),
        ("latency", ["some", "no", "own_code", "disk"], "disk", "failover"),
    ],
)
def test_the_trees_as_the_runbooks_teach_them(
    tree: str, answers: list[str], end: str, mitigation: str | None
) -> None:
    outcome = walk(BY_ID[tree], answers).outcome
    assert isinstance(outcome, Outcome)
    assert (outcome.id, outcome.mitigation) == (end, mitigation)


def test_the_runbooks_commands_and_thresholds_are_there() -> None:
    for tree in TABLE.trees:
        text = "\n".join(drawn(tree))
        for part in (
            "over 90 %",
            "100 ms",
            "60 s behind",
            "hit rate",
            "p99",
            "2 hours",
            "5 should be",
        ):
            assert part in text, part
        for command in (
            "kubectl rollout undo",
            "psql -c",
            "git log --since",
            "iostat",
            "kubectl top",
        ):
            assert f"$ {command}" in text, command


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (["6xx"], "'6xx' is no answer to 'codes'"),
        (["5xx", "logs=oom"], "answers 'logs', and asked is 'deploy'"),
        (["5xx", "deploy=perhaps"], "Answer with yes, migrated, no"),
        (["5xx", "yes", "no"], "ends at 'roll_back' before 'no'"),
        (["=5xx"], "answers '', and asked is 'codes'"),
        ([""], "'' is no answer to 'codes'"),
    ],
)
def test_a_wrong_answer_is_told_with_the_right_ones(answers: list[str], said: str) -> None:
    with pytest.raises(BadAnswer) as caught:
        walk(BY_ID["elevated-error-rate"], answers)
    assert said in str(caught.value)
    assert caught.value.hint
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize(
    ("targets", "outcomes", "said"),
    [
        ([["o", "gone"]], ["o"], "leads to 'gone'"),
        ([["o", "q0"]], ["o"], "circle: q0 → q0"),
        ([["o", "q1"], ["q2", "o"], ["q1", "o"]], ["o"], "circle: q1 → q2 → q1"),
        ([["o", "o"], ["o", "o"]], ["o"], "no answer leads to q1"),
        ([["o", "o"]], ["o", "x"], "no answer leads to x"),
        ([["o", "o"]], ["o", "o"], "more than one question or outcome 'o'"),
        ([["q0", "o"]], ["o", "q0"], "more than one question or outcome 'q0'"),
        ([["o"]], ["o"], "at least 2"),
    ],
)
def test_a_tree_that_leads_nowhere_is_refused(
    targets: list[list[str]], outcomes: list[str], said: str
) -> None:
    with pytest.raises(ValidationError, match=said):
        Tree.model_validate(a_tree(targets, outcomes))


def test_two_answers_or_trees_of_one_name_are_refused() -> None:
    twice = a_tree([["o", "o"]], ["o"])
    twice["questions"][0]["answers"][1]["id"] = "a0"
    with pytest.raises(ValidationError, match="more than one answer to 'q0' 'a0'"):
        Tree.model_validate(twice)
    sound = a_tree([["o", "o"]], ["o"])
    with pytest.raises(ValidationError, match="more than one tree 't'"):
        Trees.model_validate({"trees": [sound, sound]})


def test_a_mistake_in_a_teams_trees_is_placed(tmp_path: Path) -> None:
    (tmp_path / "trees.yaml").write_text(
        "trees:\n  - id: mine\n    title: T\n    questions:\n"
        "      - {id: q, ask: A?, answers: [{id: a, means: m, to: o}, "
        "{id: b, means: m, to: gone}]}\n"
        "    outcomes:\n      - {id: o, do: D}\n"
    )
    with pytest.raises(InvalidFile) as caught:
        load_table("trees", Trees, tmp_path)
    assert "trees.yaml:2:5: trees.0: q: b leads to 'gone'" in str(caught.value)
