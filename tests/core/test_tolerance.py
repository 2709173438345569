"""Tolerances judge readings as a reader of the file would."""

from __future__ import annotations

import math
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from gameday.core.json_path import parse_json_path, value_at
from gameday.core.scenario.probes import Range, Regex, Tolerance
from gameday.core.scenario.tolerance import Value, describe, holds

ADAPTER: TypeAdapter[Tolerance] = TypeAdapter(Tolerance)
SCALARS = st.one_of(st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=20))


@pytest.mark.parametrize(
    ("value", "given_tolerance", "expected"),
    [
        (200, 200, True),
        (200.0, 200, True),
        (503, 200, False),
        (True, True, True),
        (1, True, False),
        (True, 1, False),
        (0, False, False),
        ("200", 200, False),
        ("ok", "ok", True),
        (None, True, False),
        (204, [200, 204], True),
        (True, [1, "yes"], False),
        (250.5, {"type": "range", "range": [0, 500]}, True),
        (500, {"type": "range", "range": [0, 500]}, True),
        (500.01, {"type": "range", "range": [0, 500]}, False),
        ("12.5", {"type": "range", "range": [0, 500]}, True),
        ("fast", {"type": "range", "range": [0, 500]}, False),
        (True, {"type": "range", "range": [0, 500]}, False),
        (math.nan, {"type": "range", "range": [0, 500]}, False),
        (None, {"type": "range", "range": [0, 500]}, False),
        ("all ok here", {"type": "regex", "pattern": "ok"}, True),
        ("all well", {"type": "regex", "pattern": "^ok"}, False),
        (True, {"type": "regex", "pattern": "^true$"}, True),
        (None, {"type": "regex", "pattern": ".*"}, False),
    ],
)
def test_holds(value: Value, given_tolerance: object, expected: bool) -> None:
    assert holds(value, ADAPTER.validate_python(given_tolerance)) is expected


@pytest.mark.parametrize(
    ("tolerance", "words"),
    [
        (Range(type="range", range=(0, 500)), "between 0 and 500"),
        (Range(type="range", range=(0.25, 1234567)), "between 0.25 and 1234567"),
        (Regex(type="regex", pattern="^ok"), "matches '^ok'"),
        ([200, 204], "200 or 204"),
        (True, "true"),
        ("up", "up"),
    ],
)
def test_describe(tolerance: Tolerance, words: str) -> None:
    assert describe(tolerance) == words


@given(SCALARS)
def test_every_value_is_equal_to_itself_and_in_a_list_of_itself(
    value: bool | int | float | str,
) -> None:
    assert holds(value, value)
    assert holds(value, [value])
    assert not holds(None, value)


@given(st.one_of(st.none(), SCALARS), st.one_of(SCALARS, st.lists(SCALARS, max_size=4)))
def test_a_list_holds_when_one_of_its_members_does(value: Value, tolerance: Tolerance) -> None:
    members = tolerance if isinstance(tolerance, list) else [tolerance]
    assert holds(value, tolerance) == any(holds(value, member) for member in members)


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$", ()),
        ("$.a.b[0]['x y']", ("a", "b", 0, "x y")),
        ('$["a"][-1].c-d', ("a", -1, "c-d")),
    ],
)
def test_json_paths(path: str, steps: tuple[str | int, ...]) -> None:
    assert parse_json_path(path) == steps


@pytest.mark.parametrize(
    "path", ["", "a.b", "$a", "$.", "$.a[", "$.a[*]", "$..a", "$.a[x]", "$ .a"]
)
def test_other_paths_are_refused(path: str) -> None:
    with pytest.raises(ValueError, match="JSON path"):
        parse_json_path(path)


def test_value_at_a_path() -> None:
    document = {"a": {"b": [{"x y": 3}]}}
    assert value_at(document, parse_json_path("$.a.b[-1]['x y']")) == 3
    assert value_at(document, ()) == document
    for missing in ("$.z", "$.a.b[1]", "$.a[0]", "$.a.b.x", "$.a.b[0]['x y'].q"):
        with pytest.raises(LookupError, match="nothing at"):
            value_at(document, parse_json_path(missing))


@given(st.text(max_size=30))
def test_any_text_is_a_path_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        assert all(isinstance(step, (str, int)) for step in parse_json_path("$" + text))
