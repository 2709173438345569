"""People act and type nothing; what a witness sees is enough, and without one nobody knows."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import pytest

from gameday.core.log import events as e
from gameday.core.words import Attribution
from gameday.engine.witness import OutOfSight, Sighting, bear_witness
from gameday.testing import SimulatedSystem
from tests.engine.drill import Played, Stage, play

HEALED_AT = 100.0


class Window:
    """Sees through to a simulated system: who shields it, once. blind: looks that fail first."""

    channel = "simulated"

    def __init__(self, system: SimulatedSystem, blind: int = 0) -> None:
        self._system = system
        self._blind = blind

    async def look(self) -> Sequence[Sighting]:
        if self._blind:
            self._blind -= 1
            raise OutOfSight("the curtain is drawn")
        if not self._system.shielded:
            return [Sighting("the system", "all is as it was", key="same")]
        return [Sighting("kubectl-rollout", "web: rolled back", key="rolled-back", deed=True)]


async def _shield(stage: Stage) -> None:
    """Somebody does, and says nothing."""
    await stage.at(HEALED_AT)
    stage.system.shielded = True


def drilled(watched: bool, blind: int = 0) -> Played:
    async def scene(stage: Stage) -> None:
        window = Window(stage.system, blind)
        watching = asyncio.create_task(bear_witness(window, stage.stream, every=1.0))
        if not watched:
            watching.cancel()
        await _shield(stage)
        await stage.until(e.RunCompleted)
        watching.cancel()
        with suppress(asyncio.CancelledError):
            await watching

    return play(scene=scene)


def test_a_deed_that_is_seen_ends_the_impact_and_verifies_the_mitigation() -> None:
    played = drilled(watched=True)
    (deed,) = played.of(e.ActionTaken)
    assert isinstance(deed.event, e.ActionTaken)
    assert (deed.event.by, deed.event.channel) == ("kubectl-rollout", "simulated")
    card = played.card
    assert card.attribution.attribution is Attribution.RESPONDER
    assert card.attribution.evidence == (deed.id,)
    assert played.of(e.MitigationVerified)
    assert not played.of(e.MitigationClaimed)


def test_without_a_witness_nobody_gets_the_credit() -> None:
    played = drilled(watched=False)
    assert not played.of(e.ActionTaken)
    assert played.card.attribution.attribution is not Attribution.RESPONDER


@pytest.mark.parametrize("blind", [1, 30])
def test_a_witness_that_cannot_see_says_so_once_and_ends_nothing(blind: int) -> None:
    played = drilled(watched=True, blind=blind)
    notes = [r.event.text for r in played.of(e.NoteAdded) if isinstance(r.event, e.NoteAdded)]
    assert sum("the curtain is drawn" in note for note in notes) == 1
    assert sum("can be seen again" in note for note in notes) == 1
    assert played.card.attribution.attribution is Attribution.RESPONDER
