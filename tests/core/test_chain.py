"""The chain finds whatever was done to a run's records."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from gameday.core.chain import GENESIS, canonical, first_broken, seal
from gameday.core.events import Draft, NoteAdded, Record
from gameday.core.instant import Instant

AT = Instant(1.0, 2, "boot")


def chain(length: int) -> list[Record]:
    records: list[Record] = []
    previous = GENESIS
    for seq in range(1, length + 1):
        record = seal(
            "r", seq, Draft(NoteAdded(by="x", text=str(seq)), AT, f"k{seq}"), AT, previous
        )
        previous = record.digest
        records.append(record)
    return records


def test_an_untouched_chain_is_whole() -> None:
    assert first_broken([]) is None
    assert first_broken(chain(10)) is None


@given(st.integers(2, 12), st.data())
def test_a_removed_record_is_found(length: int, data: st.DataObject) -> None:
    records = chain(length)
    removed = data.draw(st.integers(0, length - 2))  # a cut tail needs the anchor
    del records[removed]
    assert first_broken(records) is records[removed]


@given(st.integers(2, 12), st.data())
def test_two_exchanged_records_are_found(length: int, data: st.DataObject) -> None:
    records = chain(length)
    one, two = data.draw(st.lists(st.integers(0, length - 1), min_size=2, max_size=2, unique=True))
    records[one], records[two] = records[two], records[one]
    assert first_broken(records) is records[min(one, two)]


@given(st.integers(1, 12), st.data())
def test_a_changed_record_is_found(length: int, data: st.DataObject) -> None:
    records = chain(length)
    place = data.draw(st.integers(0, length - 1))
    record = records[place]
    records[place] = data.draw(
        st.sampled_from(
            [
                replace(record, event=NoteAdded(by="x", text="other")),
                replace(record, at=AT.plus(1)),
                replace(record, recorded=AT.plus(1)),
                replace(record, key=None),
                replace(record, run_id="other"),
                replace(record, seq=99),
                replace(record, previous="f" * 64),
            ]
        )
    )
    assert first_broken(records) is records[place]


def test_one_value_has_one_spelling() -> None:
    assert canonical({"b": 1, "a": [1.5, "é"]}) == canonical({"a": [1.5, "é"], "b": 1})
    assert canonical({"a": "é"}) == '{"a":"é"}'
