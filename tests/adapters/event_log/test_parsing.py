"""Many records are read by another parser than few: what comes of it must be the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gameday.adapters.event_log.parsing import MANY, parser_for

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(VALUES)
def test_both_read_the_same(value: Any) -> None:
    few, many = parser_for(1), parser_for(MANY)
    assert few is not many
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False)):
        assert repr(many(text)) == repr(few(text))


@pytest.mark.parametrize("text", ["1e999", "-1e999", "-0", "1" * 400, '"\\ud800"', " 1 "])
def test_what_is_read_in_odd_ways_is_read_alike(text: str) -> None:
    assert repr(parser_for(MANY)(text)) == repr(parser_for(1)(text))


@pytest.mark.parametrize("text", ["", "{", "{}}", "nul", "'a'", "[1,]", '"\t"', "01"])
def test_neither_reads_what_is_no_json(text: str) -> None:
    for parse in (parser_for(1), parser_for(MANY)):
        with pytest.raises(ValueError, match=r"line|column"):
            parse(text)
