"""Events and commands are values, whoever wrote their comparison."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gameday.core.log import events as e
from gameday.core.run import commands as c
from gameday.core.value import Value


def _all(base: type[Value]) -> Iterator[type[Value]]:
    yield base
    for kind in base.__subclasses__():
        yield from _all(kind)


def test_values_compare_hash_and_show_by_their_fields() -> None:
    one, same, other = (e.NoteAdded(by="a", text=text) for text in ("x", "x", "y"))
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != e.Acknowledged(by="a", text="x")
    assert repr(c.RefuseRun("no")) == "RefuseRun(reason='no')"


def test_nothing_is_written_into_a_class_that_stands_in_the_base() -> None:
    for kind in {*_all(e.Event), *_all(c.Command)}:
        assert not {"__eq__", "__hash__", "__repr__"} & set(vars(kind)), kind


def test_values_do_not_change() -> None:
    with pytest.raises(AttributeError):
        c.RefuseRun("no").reason = "yes"  # type: ignore[misc]
