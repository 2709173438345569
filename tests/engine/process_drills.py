"""The drills of the incident process, played in virtual time: each script once a session."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from gameday.adapters.responder_yaml import load_responders
from gameday.adapters.scenario_yaml import load_scenario
from gameday.core.scenario.responder_script import Act
from tests.engine.drill import Played, Scene, play

DRILLS = Path(__file__).parents[2] / "gamedays" / "process"


@cache
def played(script: str) -> Played:
    return play_script(script)


def play_script(script: str, scene: Scene | None = None) -> Played:
    return play(acts_of(script), scene, **drill_values())


def drill_values() -> dict[str, Any]:
    return load_scenario(DRILLS / "game-day.yaml").model_dump(mode="json", by_alias=True)


def acts_of(script: str) -> Sequence[Act]:
    return load_responders(DRILLS / script, {"SHOP_SHIELD_URL": "http://sim/shield"}).acts
