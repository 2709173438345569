"""Words that blame a person, as data: what to look for, and what to write instead.

How they are looked for stands in :mod:`gameday.core.incident_process.blame`.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.core.ids import ItemName
from gameday.core.model import Model, Text

NAMES = "names"
"""The part that stands for the people who took part."""

_PART = re.compile(r"\$\{([^{}]*)\}")
_FLAGS = re.IGNORECASE | re.MULTILINE


Wanted = tuple[tuple[re.Pattern[str], str], ...]
"""What is looked for in a text, and what to write instead."""


class Pattern(Model):
    """find: a regular expression, whatever the capitals, with ``${parts}``. What its group ``said``
    holds is the phrase, where it has one. instead: what to write."""

    find: Text
    instead: Text


class BlameTable(Model):
    """parts: pieces that several patterns have in common. patterns: in the order in which they are
    tried; of phrases that overlap the earlier pattern's is told. about: patterns with ``${names}``,
    tried after the others where it is known who took part."""

    parts: Mapping[ItemName, Text] = Field(default_factory=dict)
    patterns: Annotated[list[Pattern], Field(min_length=1)]
    about: list[Pattern] = Field(default_factory=list)

    @model_validator(mode="after")
    def _found(self) -> Self:
        if NAMES in self.parts:
            raise ValueError(f"parts: {NAMES} stands for the people who took part; rename it")
        for pattern in self.patterns:
            _check(pattern, self.parts)
        for pattern in self.about:
            if f"${{{NAMES}}}" not in pattern.find:
                raise ValueError(f"{pattern.find!r} is about nobody: it has no ${{{NAMES}}}")
            _check(pattern, {**self.parts, NAMES: "alice"})
        return self

    def wanted(self, names: Iterable[str] = ()) -> Wanted:
        """What is looked for, in this order. names: of people who took part, so that "alice broke
        it" is found as "she broke it" is."""
        people = "|".join(re.escape(name) for name in names if name)
        parts = {**self.parts, NAMES: people}
        patterns = (*self.patterns, *(self.about if people else ()))
        return tuple((_compiled(pattern.find, parts), pattern.instead) for pattern in patterns)


def _check(pattern: Pattern, parts: Mapping[str, str]) -> None:
    unknown = {name for name in _PART.findall(pattern.find) if name not in parts}
    if unknown:
        known = ", ".join(sorted(parts)) or "none"
        raise ValueError(
            f"{pattern.find!r} has parts that are not there: {', '.join(sorted(unknown))}; "
            f"parts: {known}"
        )
    try:
        finds_nothing = _compiled(pattern.find, parts).search("")
    except re.error as error:
        raise ValueError(f"{pattern.find!r} is no regular expression: {error}") from None
    if finds_nothing:
        raise ValueError(f"{pattern.find!r} finds an empty text: it would be found everywhere")


def _compiled(find: str, parts: Mapping[str, str]) -> re.Pattern[str]:
    return re.compile(_PART.sub(lambda match: parts[match[1]], find), _FLAGS)
