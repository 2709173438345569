"""YAML into plain values that remember where each key and value stands.

Composed from the parser's events, so that depth, size and aliases are bounded while reading:
neither a deep nest nor an expansion bomb costs more than the limits below.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, NoReturn

import yaml

from gameday.adapters.placed_yaml.scalars import plain_value
from gameday.core.errors import Problem

MAX_NODES = 50_000
"""Keys and values of a file, those an alias repeats counted each time."""
MAX_DEPTH = 50

Path = tuple[str | int, ...]


class Place(NamedTuple):
    """Line and column, counted from 1."""

    line: int
    column: int


@dataclass(slots=True, eq=False)
class Node:
    """A value and its place; for mappings and lists also those inside it.

    size: this and every value inside; height: levels of nesting below it.
    """

    value: Any
    place: Place
    size: int = 1
    height: int = 0
    children: Mapping[str | int, Node] | None = None
    keys: Mapping[str, Place] | None = None

    def child(self, step: str | int) -> Node | None:
        """The value under a key or at an index, if there is one."""
        return self.children.get(step) if self.children else None

    def at(self, path: Path) -> Node:
        """The value at a path, or the nearest one above that is there."""
        node = self
        for step in path:
            node = node.child(step) or node
        return node

    def key_place(self, key: str) -> Place | None:
        """Where a key stands, if it is there."""
        return self.keys.get(key) if self.keys else None


class Stopped(Exception):
    """What follows cannot be read. The problem says why."""

    def __init__(self, place: Place, path: Path, message: str) -> None:
        super().__init__(message)
        self.place = place
        self.path = path
        self.message = message


def dotted(path: Path) -> str:
    """``timeline.0.at``"""
    return ".".join(map(str, path))


def start_of(event: Any) -> Place:
    """Where a YAML event begins."""
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1)


class Composer:
    """Composes one document. Mistakes that leave the rest readable go to ``problems``.

    Raises Stopped where the rest is not, and yaml.YAMLError for broken syntax.
    """

    def __init__(self, file: str, events: Iterator[Any]) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._events = events
        self._anchors: dict[str, Node] = {}
        self._path: list[str | int] = []
        self._nodes = 0

    def document(self) -> Node | None:
        """The only document's root, None when there is none."""
        root: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                if root is not None:
                    self._problem(start_of(event), "a second document begins here; one a file")
                    break
                root = self._node(next(self._events))
        return root

    def _node(self, event: Any) -> Node:
        place = start_of(event)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), place)
        self._grow(1, 0, place)
        if isinstance(event, yaml.ScalarEvent):
            node = Node(self._scalar(event, place), place)
        elif isinstance(event, yaml.MappingStartEvent):
            self._refuse_tag(event.tag, place)
            node = self._mapping(place)
        else:
            self._refuse_tag(event.tag, place)
            node = self._sequence(place)
        if event.anchor is not None:
            self._anchors[event.anchor] = node
        return node

    def _alias(self, anchor: str, place: Place) -> Node:
        node = self._anchors.get(anchor)
        if node is None:
            self._problem(place, f"nothing before this place is anchored as &{anchor}")
            return Node(None, place)
        self._grow(node.size, node.height, place)
        return node

    def _scalar(self, event: Any, place: Place) -> Any:
        plain, _ = event.implicit
        if event.tag not in (None, "!", "tag:yaml.org,2002:str"):
            self._refuse_tag(event.tag, place)
        return plain_value(event.value) if plain else event.value

    def _refuse_tag(self, tag: str | None, place: Place) -> None:
        if tag not in (None, "!", "tag:yaml.org,2002:str"):
            self._problem(place, f"the tag {tag!r} has no meaning here; leave it out")

    def _sequence(self, place: Place) -> Node:
        children: dict[str | int, Node] = {}
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            self._path.append(len(children))
            children[len(children)] = self._node(event)
            self._path.pop()
        value = [node.value for node in children.values()]
        return _parent(value, place, children, {})

    def _mapping(self, place: Place) -> Node:
        children: dict[str | int, Node] = {}
        keys: dict[str, Place] = {}
        merged: list[Node] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key, key_place = self._key(event), start_of(event)
            self._path.append(key)
            merge = key == "<<" and isinstance(event, yaml.ScalarEvent) and event.implicit[0]
            node = self._node(next(self._events))
            if merge:
                merged += self._merge_sources(node, key_place)
            elif key in keys:
                line, column = keys[key]
                self._problem(key_place, f"key {key!r} is already at line {line}:{column}")
            else:
                children[key], keys[key] = node, key_place
            self._path.pop()
        _merge(merged, children, keys)
        return _parent({key: node.value for key, node in children.items()}, place, children, keys)

    def _key(self, event: Any) -> str:
        """A key is always text: ``8080:`` and ``on:`` are what they look like."""
        if isinstance(event, yaml.ScalarEvent):
            self._grow(1, 0, start_of(event))
            if event.anchor is not None:
                self._anchors[event.anchor] = Node(event.value, start_of(event))
            return str(event.value)
        place = start_of(event)
        self._path.append("?")
        node = self._node(event)
        self._path.pop()
        if isinstance(node.value, str):
            return node.value
        self._problem(place, "a key must be text, not a list or a mapping")
        return f"(key at {place.line}:{place.column})"

    def _merge_sources(self, node: Node, place: Place) -> list[Node]:
        listed = isinstance(node.value, list) and node.children
        sources = list(node.children.values()) if listed and node.children else [node]
        if all(isinstance(source.value, dict) for source in sources):
            return sources
        self._problem(place, "<< merges a mapping or a list of mappings")
        return []

    def _grow(self, nodes: int, height: int, place: Place) -> None:
        self._nodes += nodes
        if self._nodes > MAX_NODES:
            self._stop(place, f"too large: more than {MAX_NODES:,} values, aliases expanded")
        if len(self._path) + height > MAX_DEPTH:
            self._stop(place, f"nested more than {MAX_DEPTH} levels deep")

    def _problem(self, place: Place, message: str) -> None:
        self.problems.append(Problem(self._file, *place, dotted(tuple(self._path)), message))

    def _stop(self, place: Place, message: str) -> NoReturn:
        raise Stopped(place, tuple(self._path[:10]), message)


def _merge(sources: list[Node], children: dict[str | int, Node], keys: dict[str, Place]) -> None:
    """YAML's ``<<``: a mapping's own keys come first, then those of earlier sources."""
    for source in sources:
        for key, node in (source.children or {}).items():
            if key not in children:
                children[key] = node
                keys[str(key)] = (source.keys or {})[str(key)]


def _parent(
    value: Any, place: Place, children: dict[str | int, Node], keys: dict[str, Place]
) -> Node:
    size = 1 + len(keys) + sum(node.size for node in children.values())
    height = 1 + max((node.height for node in children.values()), default=0)
    return Node(value, place, size, height, children, keys)
