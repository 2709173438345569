"""What the system itself tells of people's deeds: facts that nobody has to type.

A deed that is seen counts as one that was recorded: attribution and mitigation rest on it alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from gameday.core.errors import GamedayError
from gameday.core.instant import NANOSECONDS
from gameday.core.log import events as e
from gameday.core.run.commands import Respond
from gameday.engine.stream import RunStream


class OutOfSight(GamedayError):
    """Nobody could look; the text says why."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Something that was seen.

    by: who did it, as the system knows them. deed: it changed the system, by somebody's hand;
    else it is only told. key: the same sighting has the same one.
    """

    by: str
    text: str
    key: str
    deed: bool = False


class Witness(Protocol):
    """Looks at a system. ``channel``: how its sightings are marked in the log."""

    channel: str

    async def look(self) -> Sequence[Sighting]:
        """What has happened since the last look; nothing at the first. Raises OutOfSight."""


async def bear_witness(witness: Witness, stream: RunStream, every: float) -> None:
    """Look every so many seconds until cancelled, and log what was seen.

    That nobody could look is told once, and so is that it can be done again; neither ends the
    exercise: what was missed is seen at the next look.
    """
    blind = False
    while True:
        try:
            seen = await witness.look()
        except Exception as failure:  # noqa: BLE001 - whatever it was, the exercise goes on
            seen = [] if blind else [_told(f"nothing can be seen: {failure}", stream)]
            blind = True
        else:
            if blind:
                seen = [*seen, _told("everything can be seen again", stream)]
            blind = False
        for sighting in seen:
            await _log(witness.channel, sighting, stream)
        await stream.clock.sleep_until(stream.clock.now().boot + round(every * NANOSECONDS))


def _told(text: str, stream: RunStream) -> Sighting:
    return Sighting("gameday", text, key=f"sight:{stream.clock.now().boot}")


async def _log(channel: str, sighting: Sighting, stream: RunStream) -> None:
    fact: e.ResponderFact
    if sighting.deed:
        fact = e.ActionTaken(
            by=sighting.by,
            text=sighting.text,
            channel=channel,
            ok=True,
            detail=f"seen in {channel}",
        )
    else:
        fact = e.NoteAdded(by=sighting.by, text=sighting.text, channel=channel)
    await stream.try_execute(Respond(fact, None, key=f"{channel}:{sighting.key}"))
