"""The toxics of one proxy: named, ordered, one chain for each direction."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal, cast

from gameday.faultproxy.errors import (
    InvalidStreamError,
    InvalidToxicTypeError,
    ToxicExistsError,
    ToxicNotFoundError,
)
from gameday.faultproxy.expiry import EXPIRES_IN_MS, time_limit
from gameday.faultproxy.fields import (
    FLOAT32,
    INT64,
    TEXT,
    Shape,
    ignored,
    read_object,
    shortest,
)
from gameday.faultproxy.toxics import TOXIC_TYPES, Settings

Direction = Literal["upstream", "downstream"]
DIRECTIONS: tuple[Direction, Direction] = ("upstream", "downstream")

_NEW = Shape(
    "toxics.ToxicWrapper",
    "ToxicWrapper",
    {
        "attributes": ignored("toxics.NoopToxic"),  # read again once the type is known
        "name": TEXT,
        "type": TEXT,
        "stream": TEXT,
        "toxicity": FLOAT32,
        EXPIRES_IN_MS: INT64,
    },
)
_ATTRIBUTES: Mapping[str, Shape] = MappingProxyType(
    {name: Shape("", "", {"attributes": kind.shape()}) for name, kind in TOXIC_TYPES.items()}
)
_CHANGE_NAME = (
    r'struct { Attributes interface {} "json:\"attributes\""; '
    r'Toxicity float32 "json:\"toxicity\"" }'
)
_CHANGE: Mapping[str, Shape] = MappingProxyType(
    {
        name: Shape(
            _CHANGE_NAME,
            "",
            {"attributes": kind.shape(), "toxicity": FLOAT32, EXPIRES_IN_MS: INT64},
        )
        for name, kind in TOXIC_TYPES.items()
    }
)


@dataclass(frozen=True, slots=True)
class Toxic:
    """One named toxic. ``toxicity`` is the share of connections it works on, from 0 to 1."""

    name: str
    type: str
    direction: Direction
    stream: str
    """The direction as the client wrote it, in whatever case."""
    toxicity: float
    settings: Settings

    def as_json(self) -> dict[str, Any]:
        """Return the toxic as the API shows it."""
        return {
            "attributes": self.settings.as_json(),
            "name": self.name,
            "type": self.type,
            "stream": self.stream,
            "toxicity": shortest(self.toxicity),
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

    def add(self, body: bytes) -> tuple[Toxic, float | None]:
        """Append a toxic read from JSON; return it and its time limit in seconds, if it has one.

        Raises an ApiError, and then changes nothing.
        """
        given = read_object(body, _NEW)
        stream, kind = given.text("stream", "downstream"), given.text("type", "")
        if stream.lower() not in DIRECTIONS:
            raise InvalidStreamError
        if kind not in TOXIC_TYPES:
            raise InvalidToxicTypeError
        name = given.text("name", "") or f"{kind}_{stream}"
        if any(toxic.name == name for toxic in self.all()):
            raise ToxicExistsError
        settings = TOXIC_TYPES[kind]().merge(
            read_object(body, _ATTRIBUTES[kind]).group("attributes")
        )
        limit = time_limit(given)
        direction = cast("Direction", stream.lower())
        toxic = Toxic(name, kind, direction, stream, given.number("toxicity", 1.0), settings)
        self._toxics[direction].append(toxic)
        return toxic, limit

    def update(self, name: str, body: bytes) -> tuple[Toxic, float | None]:
        """Replace the attributes and toxicity that ``body`` names; return as :meth:`add` does.

        Raises an ApiError, and then changes nothing.
        """
        old = self.get(name)  # an unknown toxic is refused before a bad body
        given = read_object(body, _CHANGE[old.type])
        new = replace(
            old,
            settings=old.settings.merge(given.group("attributes")),
            toxicity=given.number("toxicity", old.toxicity),
        )
        limit = time_limit(given)
        chain = self._toxics[old.direction]
        chain[chain.index(old)] = new
        return new, limit

    def remove(self, name: str) -> Toxic:
        """Take a toxic out and return it. Raises ToxicNotFoundError."""
        toxic = self.get(name)
        self._toxics[toxic.direction].remove(toxic)
        return toxic
