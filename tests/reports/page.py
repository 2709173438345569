"""Reads a page of HTML strictly enough to say what is wrong with it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = {"br", "hr", "img", "input", "link", "meta"}


@dataclass
class Element:
    """An element that was opened: its name, attributes and all text within."""

    tag: str
    attributes: dict[str, str]
    within: list[Element] = field(default_factory=list)
    data: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """All text within."""
        return "".join(self.data)


class Page(HTMLParser):
    """A parsed page. ``mistakes``: elements closed that were not open, or never closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.mistakes: list[str] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        self.mistakes += [f"<{element.tag}> is never closed" for element in self._open]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element opens."""
        element = self._element(tag, attrs)
        if tag not in _VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """An element without content, as in SVG."""
        self._element(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """An element closes; it must be the last that was opened."""
        if not self._open or self._open[-1].tag != tag:
            self.mistakes.append(f"</{tag}> at line {self.getpos()[0]} closes nothing open")
            return
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Text belongs to everything that is open."""
        for element in self._open:
            element.data.append(data)

    def _element(self, tag: str, attrs: list[tuple[str, str | None]]) -> Element:
        element = Element(tag, {name: value or "" for name, value in attrs}, [*self._open])
        self.elements.append(element)
        return element

    def all(self, tag: str) -> list[Element]:
        """Every element of that name, in order."""
        return [element for element in self.elements if element.tag == tag]

    @property
    def text(self) -> str:
        """All text of the body."""
        return self.all("body")[0].text

    @property
    def ids(self) -> list[str]:
        """Every id, in order."""
        return [e.attributes["id"] for e in self.elements if "id" in e.attributes]

    @property
    def twice(self) -> list[str]:
        """Ids that stand more than once."""
        return [name for name, count in Counter(self.ids).items() if count > 1]

    @property
    def dangling(self) -> list[str]:
        """What is referred to by an id that is nowhere."""
        known = set(self.ids)
        wanted = [e.attributes["href"][1:] for e in self.elements if self._inner(e)]
        for name in ("aria-labelledby", "aria-describedby"):
            wanted += [i for e in self.elements for i in e.attributes.get(name, "").split()]
        return [name for name in wanted if name not in known]

    @property
    def outside(self) -> list[str]:
        """Attributes that would make a browser ask for something elsewhere, or run a script."""
        return [
            f"{element.tag} {name}={value}"
            for element in self.elements
            for name, value in element.attributes.items()
            if name.startswith("on")
            or (
                (name in ("href", "src", "srcset", "action", "data", "xlink:href"))
                and not value.startswith(("#", "data:,"))
            )
        ]

    @staticmethod
    def _inner(element: Element) -> bool:
        return element.attributes.get("href", "").startswith("#")
