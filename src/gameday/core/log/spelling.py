"""Events as JSON text, in the two spellings a log needs: as stored, with the fields in the order
they are declared in, and canonical, as the chain hashes them. Both are what ``json`` would make of
the encoded event; a class's names and punctuation are put together once, not for each event."""

from __future__ import annotations

import json
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import fields
from functools import cache
from typing import Any, cast

from gameday.core.log.chain import canonical, quoted
from gameday.core.log.codec import encode_value
from gameday.core.log.event import Event


def spell_event(event: Event) -> tuple[str, str, str]:
    """The event's type name, its fields as stored and the same in canonical spelling. Raises
    TypeError when something in it has no place in an event."""
    return _speller(cast(Hashable, type(event)))(event)


in_order = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode
"""JSON that keeps the order of keys, as the scenario's author wrote them; the digest does not
depend on it."""


def _float(value: float) -> str:
    return repr(value) if value - value == 0.0 else canonical(value)  # NaN and the infinities


_SCALARS: Mapping[type, Callable[[Any], str]] = {
    str: quoted,
    int: int.__repr__,
    float: _float,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): {None: "null"}.__getitem__,
}
"""Spelled in one way only, whatever the order of keys."""


@cache
def _speller(kind: Any) -> Callable[[Event], tuple[str, str, str]]:
    kind_name = kind.__name__
    names = tuple(field.name for field in fields(kind))
    by_name = sorted(range(len(names)), key=names.__getitem__)
    as_stored, as_hashed = _template(names), _template(sorted(names))

    def spell(event: Event) -> tuple[str, str, str]:
        values = [getattr(event, name) for name in names]
        try:
            texts = sortable = [_SCALARS[type(value)](value) for value in values]
        except KeyError:  # some are made of others, which may have keys of their own
            values = [encode_value(value) for value in values]
            texts, sortable = [*map(in_order, values)], [*map(canonical, values)]
        hashed = as_hashed % tuple([sortable[place] for place in by_name])
        return kind_name, as_stored % tuple(texts), hashed

    return spell


def _template(names: Iterable[str]) -> str:
    return "{" + ",".join(f'"{name}":%s' for name in names) + "}"
