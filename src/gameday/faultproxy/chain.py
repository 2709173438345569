"""The toxics of one proxy: named, ordered, one chain for each direction."""

from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from gameday.faultproxy.errors import (
    InvalidStreamError,
    InvalidToxicTypeError,
    ToxicExistsError,
    ToxicNotFoundError,
)
from gameday.faultproxy.fields import Fields
from gameday.faultproxy.toxics import TOXIC_TYPES, Settings

Direction = Literal["upstream", "downstream"]
DIRECTIONS: tuple[Direction, Direction] = ("upstream", "downstream")


@dataclass(frozen=True, slots=True)
class Toxic:
    """One named toxic. ``toxicity`` is the share of connections it works on, from 0 to 1."""

    name: str
    type: str
    stream: Direction
    toxicity: float
    settings: Settings

    def as_json(self) -> dict[str, Any]:
        """Return the toxic as the API shows it."""
        whole = self.toxicity.is_integer()
        return {
            "attributes": self.settings.as_json(),
            "name": self.name,
            "type": self.type,
            "stream": self.stream,
            "toxicity": int(self.toxicity) if whole else self.toxicity,
        }


class ToxicChains:
    """Both chains of a proxy. It holds values only; live connections are the proxy's business."""

    def __init__(self) -> None:
        self._toxics: dict[Direction, list[Toxic]] = {"upstream": [], "downstream": []}

    def on(self, direction: Direction) -> tuple[Toxic, ...]:
        """Return the toxics of one direction, first to work first."""
        return tuple(self._toxics[direction])

    def all(self) -> tuple[Toxic, ...]:
        """Return every toxic, upstream ones first."""
        return self.on("upstream") + self.on("downstream")

    def get(self, name: str) -> Toxic:
        """Return the toxic of that name. Raises ToxicNotFoundError."""
        for toxic in self.all():
            if toxic.name == name:
                return toxic
        raise ToxicNotFoundError

    def add(self, given: Fields) -> Toxic:
        """Append a toxic read from JSON. Raises an ApiError, and then changes nothing."""
        stream = given.text("stream", "downstream")
        kind = given.text("type", "")
        name = given.text("name", "")
        toxicity = given.share("toxicity", 1.0)
        if stream.lower() not in DIRECTIONS:
            raise InvalidStreamError
        if kind not in TOXIC_TYPES:
            raise InvalidToxicTypeError
        name = name or f"{kind}_{stream}"
        if any(toxic.name == name for toxic in self.all()):
            raise ToxicExistsError
        settings = TOXIC_TYPES[kind]().merge(given.group("attributes"))
        toxic = Toxic(name, kind, cast("Direction", stream.lower()), toxicity, settings)
        self._toxics[toxic.stream].append(toxic)
        return toxic

    def update(self, name: str, given: Fields) -> Toxic:
        """Replace the attributes and toxicity that ``given`` names. Raises an ApiError."""
        old = self.get(name)
        new = replace(
            old,
            settings=old.settings.merge(given.group("attributes")),
            toxicity=given.share("toxicity", old.toxicity),
        )
        chain = self._toxics[old.stream]
        chain[chain.index(old)] = new
        return new

    def remove(self, name: str) -> Toxic:
        """Take a toxic out and return it. Raises ToxicNotFoundError."""
        toxic = self.get(name)
        self._toxics[toxic.stream].remove(toxic)
        return toxic
