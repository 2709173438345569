"""Events to plain JSON values and back, led by the dataclasses' own annotations.

Decoding is strict about what is missing and lenient about what is unknown: a field added
by a newer version is ignored by an older reader (events are additive).
"""

from __future__ import annotations

import types
from collections.abc import Callable, Hashable, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, Union, cast, get_args, get_origin, get_type_hints

from gameday.core.errors import StoreFailure
from gameday.core.log import events
from gameday.core.log.events import Event

EVENT_TYPES: Mapping[str, type[Event]] = {
    value.__name__: value
    for value in vars(events).values()
    if isinstance(value, type) and issubclass(value, Event) and value is not Event
}


def encode_event(event: Event) -> tuple[str, dict[str, Any]]:
    """The event's type name and its fields as JSON values."""
    return type(event).__name__, _encode(event)


def decode_event(name: str, data: Mapping[str, Any]) -> Event:
    """The event again; raises StoreFailure for a name or shape this version does not know."""
    kind = EVENT_TYPES.get(name)
    if kind is None:
        raise StoreFailure(
            f"the event log holds an event {name!r} that this version does not know",
            hint="open the store with the gameday that wrote it, or a newer one",
        )
    try:
        decoded: Event = _decoder(cast(Hashable, kind))(data)
    except (TypeError, ValueError, KeyError, AttributeError) as error:
        raise StoreFailure(f"cannot read an event {name!r}: {error!r}") from error
    return decoded


def encode_value(value: Any) -> Any:
    """Any value that events are made of, as JSON values."""
    return _encode(value)


def decode_value(kind: Any, data: Any) -> Any:
    """The value of an annotated type from JSON values."""
    return _decoder(kind)(data)


_PLAIN = frozenset({type(None), bool, int, float, str})


def _encode(value: Any) -> Any:
    if type(value) in _PLAIN:  # nearly everything, in runs with many samples
        return value
    if isinstance(value, (tuple, list)):
        return [item if type(item) in _PLAIN else _encode(item) for item in value]
    if isinstance(value, (bool, int, float, str)):
        return value.value if isinstance(value, Enum) else value
    if is_dataclass(value) and not isinstance(value, type):
        return {name: _encode(getattr(value, name)) for name in _field_names(type(value))}
    if isinstance(value, Mapping):
        return {str(key): _encode(item) for key, item in value.items()}
    raise TypeError(f"{value!r} has no place in an event")


@cache
def _field_names(kind: Hashable) -> tuple[str, ...]:
    return tuple(field.name for field in fields(cast(Any, kind)))


@cache
def _decoder(kind: Any) -> Callable[[Any], Any]:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _union_decoder(get_args(kind))
    if origin is tuple:
        inner = _decoder(get_args(kind)[0])
        return tuple if inner is _as_it_is else lambda items: tuple(map(inner, items))
    if isinstance(kind, type) and issubclass(kind, tuple):
        return _named_tuple_decoder(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _enum_decoder(kind)
    if is_dataclass(kind):
        return _dataclass_decoder(kind)
    return _as_it_is


def _as_it_is(item: Any) -> Any:
    """Most values are the same in JSON; who finds this decoder can leave it out."""
    return item


def _enum_decoder(kind: type[Enum]) -> Callable[[Any], Any]:
    members = {member.value: member for member in kind}

    def decode(item: Any) -> Any:
        found = members.get(item)
        return kind(item) if found is None else found  # which says that it is none

    return decode


def _union_decoder(kinds: tuple[Any, ...]) -> Callable[[Any], Any]:
    rest = [kind for kind in kinds if kind is not types.NoneType]
    inner = _decoder(rest[0]) if len(rest) == 1 else _as_it_is
    return inner if inner is _as_it_is else lambda item: None if item is None else inner(item)


def _named_tuple_decoder(kind: Any) -> Callable[[Any], Any]:
    """For values in a row; those a newer version added at the end are ignored."""
    width = len(kind._fields)
    hints = get_type_hints(kind)
    decoders = [_decoder(hints[name]) for name in kind._fields]
    led = [(place, inner) for place, inner in enumerate(decoders) if inner is not _as_it_is]

    def plain(items: Any) -> Any:
        if len(items) == width:
            return tuple.__new__(kind, items)  # a hundred thousand samples: half the time of kind()
        return kind(*items[:width])

    def decode(items: Any) -> Any:
        values = list(items)
        for place, inner in led:
            if place < len(values):
                values[place] = inner(values[place])
        return plain(values)

    return decode if led else plain


def _dataclass_decoder(kind: Any) -> Callable[[Any], Any]:
    hints = get_type_hints(kind)
    decoders = {field.name: _decoder(hints[field.name]) for field in fields(kind)}
    led = [(name, inner) for name, inner in decoders.items() if inner is not _as_it_is]

    def decode(data: Mapping[str, Any]) -> Any:
        values = {name: data[name] for name in decoders if name in data}
        for name, inner in led:
            if name in values:
                values[name] = inner(values[name])
        return kind(**values)

    return decode
