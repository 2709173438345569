"""The drills of the incident process, played in virtual time: each script once a session."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from gameday.adapters.responder_yaml import load_responders
from gameday.adapters.scenario_yaml import load_scenario
from tests.engine.drill import Played, Scene, play

DRILLS = Path(__file__).parents[2] / "gamedays" / "process"


@cache
def played(script: str) -> Played:
    return play_script(script)


def play_script(script: str, scene: Scene | None = None) -> Played:
    scenario = load_scenario(DRILLS / "game-day.yaml").model_dump(mode="json", by_alias=True)
    acts = load_responders(DRILLS / script, {"SHOP_SHIELD_URL": "http://sim/shield"}).acts
    return play(acts, scene, **scenario)
