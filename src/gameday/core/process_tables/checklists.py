"""The checklists, forms and scripts of the incident process, as data.

Every line has an id of its own, ``list.item``: what is checked off, answered or said is recorded
under it.
"""

import re
from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gameday.core.ids import ItemName, Level, refuse_doubles
from gameday.core.model import Model, Text

_PLACEHOLDER = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_BRACES = re.compile(r"[{}]")

Kind = Literal["checklist", "form", "script"]
"""Things to be done, questions to be answered, texts to be said."""


class Item(Model):
    """A line of a list.

    measured: samples can tell whether it holds, so that nobody has to say so.
    severities: those that ask for it; all, where none are named. only: when else it is asked for.
    """

    id: ItemName
    text: Text
    measured: bool = False
    severities: list[Level] = Field(default_factory=list)
    only: str = ""

    @property
    def placeholders(self) -> tuple[str, ...]:
        """What has to be filled in, in order, each once."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.text)))


class Checklist(Model):
    """when: the moment at which people take it in hand."""

    id: ItemName
    kind: Kind
    title: Text
    when: Text
    items: Annotated[list[Item], Field(min_length=1)]

    @model_validator(mode="after")
    def _sound(self) -> Self:
        refuse_doubles(f"item of {self.id}", [item.id for item in self.items])
        for item in self.items:
            if item.measured and self.kind != "checklist":
                raise ValueError(f"{item.id}: only an item of a checklist can be measured")
            if item.placeholders and self.kind != "script":
                raise ValueError(f"{item.id}: only a script has {{placeholders}} to be filled in")
            if _BRACES.search(_PLACEHOLDER.sub("", item.text)):
                raise ValueError(
                    f"{item.id}: a brace stands alone; placeholders are written {{lower_case}}"
                )
        return self


class Checklists(Model):
    """All of them."""

    lists: Annotated[list[Checklist], Field(min_length=1)]

    @model_validator(mode="after")
    def _named_once(self) -> Self:
        refuse_doubles("list", [each.id for each in self.lists])
        return self

    @property
    def items(self) -> dict[str, Item]:
        """Every line by its whole id, ``list.item``."""
        return {f"{each.id}.{item.id}": item for each in self.lists for item in each.items}


def markdown(checklist: Checklist) -> Iterator[str]:
    """A list as lines of Markdown: boxes to check, questions to answer, texts to say."""
    yield f"# {checklist.title}"
    yield f"{checklist.when}."
    yield ""
    for item in checklist.items:
        name = f"`{checklist.id}.{item.id}`"
        if checklist.kind == "script":
            yield f"**{item.id.replace('_', ' ')}** {name}"
            yield ""
            yield from (f"> {line}".rstrip() for line in item.text.splitlines())
            yield ""
        else:
            box = "[ ] " if checklist.kind == "checklist" else ""
            yield f"- {box}{item.text}{_asides(item)} {name}"


def _asides(item: Item) -> str:
    asides = [", ".join(item.severities)] if item.severities else []
    asides += [item.only] if item.only else []
    asides += ["measured"] if item.measured else []
    return f" ({'; '.join(asides)})" if asides else ""
