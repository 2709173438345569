"""YAML as we read it: no surprises, bounded, every mistake placed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.placed_yaml.reading import read_document
from gameday.adapters.placed_yaml.scalars import plain_value


def read(path: Path, content: str | bytes) -> tuple[Any, list[str]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    document = read_document(path)
    shown = [str(problem).removeprefix(f"{path}:") for problem in document.problems]
    return (document.root.value if document.root else None), shown


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10:30", "10:30"),
        ("on", "on"),
        ("off", "off"),
        ("yes", "yes"),
        ("no", "no"),
        ("true", True),
        ("False", False),
        ("2026-01-01", "2026-01-01"),
        ("2026-01-01T10:00:00Z", "2026-01-01T10:00:00Z"),
        ("5", 5),
        ("-5", -5),
        ("007", "007"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("+0", "+0"),
        ("+5", "+5"),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        (".inf", float("inf")),
        (".nan", ".nan"),
        ("null", None),
        ("~", None),
        ("", None),
        ("9" * 30, "9" * 30),
        ("9" * 5000, "9" * 5000),
    ],
)
def test_plain_scalars(text: str, value: object) -> None:
    assert plain_value(text) == value
    assert type(plain_value(text)) is type(value)


def test_quoted_scalars_and_keys_are_text(tmp_path: Path) -> None:
    value, problems = read(tmp_path / "f", "a: '5'\nb: \"true\"\non: 1\n8080: 2\nc: !!str 5\n")
    assert value == {"a": "5", "b": "true", "on": 1, "8080": 2, "c": "5"}
    assert problems == []


def test_aliases_and_merges(tmp_path: Path) -> None:
    text = "base: &b {x: 1, y: 2}\none: {<<: *b, y: 3}\ntwo: {<<: [{x: 9}, *b]}\nthree: *b\n"
    value, problems = read(tmp_path / "f", text)
    assert problems == []
    assert value["one"] == {"x": 1, "y": 3}
    assert value["two"] == {"x": 9, "y": 2}
    assert value["three"] == {"x": 1, "y": 2}


BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
BROKEN: dict[str, tuple[str | bytes, list[str]]] = {
    "duplicate": ("a: 1\nb: {c: 1, c: 2}\na: 3", ["2:11: b.c: key 'c' is already at line 2:5"]),
    "tab": ("a:\n\t- b", ["2:1: a tab cannot indent YAML; use spaces"]),
    "second document": ("a: 1\n---\nb: 2", ["2:1: a second document begins here; one a file"]),
    "empty": ("", ["1:1: the file is empty"]),
    "only a comment": ("# nothing\n", ["1:1: the file is empty"]),
    "a list": ("- a", ["1:1: expected a mapping of keys to values"]),
    "not UTF-8": (b"a: 1\nb: \xff", ["2:4: not UTF-8; save the file as UTF-8"]),
    "UTF-16": ("a: 1".encode("utf-16"), ["1:1: not UTF-8; save the file as UTF-8"]),
    "control character": ("a: 1\nbé: \x07", ["2:5: control character U+0007 is not allowed here"]),
    "open quote": (
        "a: 'x\nb: 2",
        ["2:5: not YAML: while scanning a quoted scalar found unexpected end of stream"],
    ),
    "unknown anchor": ("a: *x", ["1:4: a: nothing before this place is anchored as &x"]),
    "itself": ("a: &x [*x]", ["1:8: a.0: nothing before this place is anchored as &x"]),
    "tag": (
        "a: !!python/object:os.system x",
        [
            "1:4: a: the tag 'tag:yaml.org,2002:python/object:os.system' has no meaning here; "
            "leave it out"
        ],
    ),
    "list as key": ("[1]: 2", ["1:1: a key must be text, not a list or a mapping"]),
    "bomb": (BOMB, ["5:17: e.3: too large: more than 50,000 values, aliases expanded"]),
    "too many": (
        "a: [" + "1," * 60_000 + "]",
        ["1:99999: a.49997: too large: more than 50,000 values, aliases expanded"],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files(name: str, tmp_path: Path) -> None:
    content, expected = BROKEN[name]
    problems = read(tmp_path / "f", content)[1]
    if name == "duplicate":
        expected = [*expected, "3:1: a: key 'a' is already at line 1:1"]
    assert problems == expected


@pytest.mark.parametrize("unit", ["[", "- ", "? ", "{a: ", "a: {", "&a [", "!!str [", "<<: {"])
def test_deep_nests_are_refused(unit: str, tmp_path: Path) -> None:
    value, problems = read(tmp_path / "f", unit * (1_000_000 // len(unit)))
    assert value is None
    assert len(problems) == 1
    assert "nested more than 50 levels deep" in problems[0]


def test_large_files_are_refused(tmp_path: Path) -> None:
    assert read(tmp_path / "f", "a" * (1024 * 1024 + 1))[1] == [
        "1:1: too large: more than 1024 KiB"
    ]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "drill.yaml").write_text("a: 1")
    missing = read_document(tmp_path / "dril.yaml").problems
    assert missing[0].message == f"no such file; did you mean {tmp_path / 'drill.yaml'}?"
    assert "no directory" in read_document(tmp_path / "no" / "x.yaml").problems[0].message
    assert "directory" in read_document(tmp_path).problems[0].message
    assert read_document(Path("a\0b")).problems


def test_a_byte_order_mark_is_no_column(tmp_path: Path) -> None:
    assert read(tmp_path / "f", "\ufeffa: 1\na: 2")[1] == ["2:1: a: key 'a' is already at line 1:1"]
