"""The summary at the terminal: what it says of the system and of hints."""

from __future__ import annotations

import pytest

from gameday.cli.summary import summary_table
from gameday.core.log.events import HintGiven
from gameday.core.scorecard.scorecard import Scorecard
from tests.engine.drill import Stage, good_responders, play, played_once
from tests.engine.system_drills import drill, never, told


def printed(card: Scorecard, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    summary_table(card)
    return " ".join(capsys.readouterr().out.split())


def test_what_the_system_did_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(told(drill("protection", "30s", promise=True), never), capsys)
    assert "system: a protection did not work: The breaker opens (not within 30s)" in text
    assert "4.63 % of the error budget of 43m12s" in text
    plain = printed(played_once(good_responders()).card, capsys)
    assert "system: " not in plain
    assert "Hints" not in plain


def test_hints_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    async def scene(stage: Stage) -> None:
        await stage.at(100)
        await stage.say(HintGiven(by="fay", text="look at the cache"))

    card = play(good_responders(), scene).card
    assert f"Hints given: 1 ({card.hints[0]})" in printed(card, capsys)
