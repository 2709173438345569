"""A store that is not there: told as such, and never made by a command that only reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from gameday.cli.main import run

READING = [
    ("recover",),
    ("recover", "--run", "r1"),
    ("faults",),
    ("faults", "--all"),
    ("store", "verify"),
    ("get", "runs"),
    ("get", "events"),
    ("report",),
    ("report", "trends"),
    ("report", "actions", "--tracked"),
    ("report", "postmortem"),
    ("respond", "note", "hello"),
    ("watch",),
    ("abort",),
    ("debrief",),
    ("followups",),
    ("draft", "update"),
]


@pytest.mark.parametrize("arguments", READING)
@pytest.mark.parametrize("named", [("--store", "typo.db"), ()])
def test_no_store_is_no_all_clear(
    arguments: tuple[str, ...],
    named: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GAMEDAY_STORE", raising=False)
    assert run([*named, *arguments]) == 5
    where = tmp_path / (named[1] if named else ".gameday/gameday.db")
    said = capsys.readouterr()
    assert f"no event log at {where}" in said.err
    assert "--store" in said.err
    assert "Nothing is outstanding" not in said.out + said.err
    assert list(tmp_path.iterdir()) == []
