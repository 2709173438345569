"""Compiled templates: used again, and never in place of what they are not."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import jinja2
import pytest
from jinja2 import DictLoader, Environment

from gameday.reports.compiled import Compiled

TEXT = "<p>{{ said }}</p>"
EVIL = "<script>"
SAFE, UNSAFE = "<p>&lt;script&gt;</p>", "<p><script></p>"


def rendered(directory: Path, text: str = TEXT, *, escaping: bool = True) -> str:
    """By an environment of its own, as another process would have."""
    environment = Environment(
        loader=DictLoader({"page.html": text}),
        autoescape=escaping,
        bytecode_cache=Compiled(directory),
    )
    return environment.get_template("page.html").render(said=EVIL)


@pytest.fixture
def kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path / "__pycache__"


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What is compiled from here on."""
    texts: list[str] = []
    really: Callable[..., object] = Environment.compile

    def compile_(self: Environment, source: str, *arguments: object) -> object:
        texts.append(source)
        return really(self, source, *arguments)

    monkeypatch.setattr(Environment, "compile", compile_)
    return texts


def test_a_template_is_compiled_once(kept: Path, compiled: list[str]) -> None:
    assert [rendered(kept) for _ in range(3)] == [SAFE] * 3
    assert compiled == [TEXT]


def test_without_escaping_nothing_is_left_for_those_who_escape(kept: Path) -> None:
    assert rendered(kept, escaping=False) == UNSAFE
    assert rendered(kept) == SAFE
    assert rendered(kept, escaping=False) == UNSAFE
    assert rendered(kept) == SAFE


def test_another_text_and_another_jinja_are_compiled_anew(
    kept: Path, compiled: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    rendered(kept)
    assert rendered(kept, f"{TEXT}!") == f"{SAFE}!"
    monkeypatch.setattr(jinja2, "__version__", "99")
    rendered(kept, f"{TEXT}!")
    assert compiled == [TEXT, f"{TEXT}!", f"{TEXT}!"]


def test_what_is_damaged_is_compiled_anew(kept: Path) -> None:
    rendered(kept)
    (file,) = kept.iterdir()
    whole = file.read_bytes()
    for length in range(len(whole)):
        file.write_bytes(whole[:length])
        assert rendered(kept) == SAFE


@pytest.mark.parametrize("parent", ["file", "gone"])
def test_a_directory_that_cannot_be_is_done_without(kept: Path, parent: str) -> None:
    (kept.parent / "file").touch()
    assert rendered(kept.parent / parent / "__pycache__") == SAFE


def test_nothing_is_kept_where_python_keeps_nothing(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert rendered(kept) == SAFE
    assert not kept.exists()
