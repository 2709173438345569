"""Cards: injects drawn by a seed, so that a game day is not the same twice, and can be.

The order of a deck is that of SHA-256 over seed and card: the same everywhere, for ever.
"""

from hashlib import sha256
from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.core.duration import format_duration
from gameday.core.model import Duration, Model, Name, Offset, Text
from gameday.core.scenario.inject import Expectation, Inject
from gameday.core.words import Role


class Card(Model):
    """An inject that may come: a message for people."""

    id: Name
    title: Text
    message: Text
    to: list[Role] = Field(default_factory=list)
    expect: list[Expectation] = Field(default_factory=list)


class Cards(Model):
    """A deck, of which ``draw`` cards come, the first at ``first`` and then one ``every``."""

    seed: int = 1
    draw: Annotated[int, Field(ge=1)]
    first: Offset
    every: Annotated[Duration, Field(gt=0)]
    deck: Annotated[list[Card], Field(min_length=1)]

    @model_validator(mode="after")
    def _enough(self) -> Self:
        if self.draw > len(self.deck):
            raise ValueError(f"draw is {self.draw}, and the deck has {len(self.deck)} cards")
        return self


def dealt(cards: Cards, seed: int | None = None) -> list[Inject]:
    """The cards that come, as injects. seed: instead of the file's own."""
    seed = cards.seed if seed is None else seed
    order = sorted(cards.deck, key=lambda card: sha256(f"{seed}:{card.id}".encode()).hexdigest())
    return [
        Inject.model_validate(
            {
                "id": f"card-{number + 1}-{card.id}",
                "at": "+" + format_duration(cards.first + number * cards.every),
                "title": card.title,
                "message": card.message,
                "to": list(card.to),
                "expect": [e.model_dump(mode="json") for e in card.expect],
            }
        )
        for number, card in enumerate(order[: cards.draw])
    ]
