"""Reading a parsed body into typed fields, with the rules and the words of Go's encoding/json.

Unknown fields are ignored, keys match without regard to case, ``null`` changes nothing, and a
value of the wrong type is refused. The names in a :class:`Shape` are those of the original's
types: they are part of its error messages, and clients show them.
"""

import math
import re
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from gameday.faultproxy.errors import BadRequestBodyError
from gameday.faultproxy.gojson import Number, Object, parse, whole

INT64_MAX = 2**63 - 1
_SINGLE = struct.Struct("<f")
_WHOLE = re.compile(r"-?[0-9]{1,19}")


class Mismatch(ValueError):
    """A value that is not of the wanted type; its text names the value as Go does."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One type of a field: its name in Go, and the function that reads it or raises Mismatch."""

    go_name: str
    read: Callable[[Any], Any]


class Given:
    """The fields a body gave, already of the right type; absent ones take the default."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def text(self, name: str, default: str) -> str:
        """Return a string."""
        return cast("str", self._values.get(name, default))

    def flag(self, name: str, default: bool) -> bool:
        """Return a boolean."""
        return cast("bool", self._values.get(name, default))

    def integer(self, name: str, default: int) -> int:
        """Return a signed 64-bit integer."""
        return cast("int", self._values.get(name, default))

    def number(self, name: str, default: float) -> float:
        """Return a single-precision number."""
        return cast("float", self._values.get(name, default))

    def group(self, name: str) -> "Given":
        """Return a nested object, empty when absent."""
        return Given(self._values.get(name, {}))


@dataclass(frozen=True, slots=True)
class Shape:
    """An object: its type's name in Go, the start of its fields' names, and its fields."""

    go_name: str
    path: str
    fields: Mapping[str, "Kind | Shape"]
    outer: frozenset[str] = frozenset()
    """Fields of the nameless struct around the one that ``path`` names."""

    def read(self, value: Any) -> dict[str, Any]:
        """Return the fields given. Raises BadRequestBodyError for one of them, Mismatch for all."""
        found: dict[str, Any] = {}
        if value is None:
            return found
        if not isinstance(value, Object):
            raise Mismatch(_described(value))
        names = {name.casefold(): name for name in self.fields}
        for key, item in value:
            name = names.get(whole(key).casefold())
            if name is not None and item is not None:
                self._read_field(name, item, found)
        return found

    def _read_field(self, name: str, item: Any, found: dict[str, Any]) -> None:
        kind = self.fields[name]
        try:
            taken = kind.read(item)
        except Mismatch as mismatch:
            where = f".{name}" if name in self.outer else f"{self.path}.{name}"
            raise BadRequestBodyError(
                f"json: cannot unmarshal {mismatch} into Go struct field {where}"
                f" of type {kind.go_name}"
            ) from None
        if isinstance(kind, Shape):  # an object given twice is read twice into the same struct
            taken = {**found.get(name, {}), **taken}
        found[name] = taken


def read_object(body: bytes, shape: Shape) -> Given:
    """Parse a body that must hold an object (or null). Raises BadRequestBodyError."""
    return Given(_at_top(parse(body), shape))


def read_array(body: bytes, shape: Shape) -> list[Given]:
    """Parse a body that must hold an array of objects (or null). Raises BadRequestBodyError."""
    value = parse(body)
    if value is None:
        return []
    if not isinstance(value, list):
        raise _wrong_top(_described(value), f"[]{shape.go_name}")
    return [Given(_at_top(item, shape)) for item in value]


def _at_top(value: Any, shape: Shape) -> dict[str, Any]:
    try:
        return shape.read(value)
    except Mismatch as mismatch:
        raise _wrong_top(str(mismatch), shape.go_name) from None


def _wrong_top(described: str, go_name: str) -> BadRequestBodyError:
    return BadRequestBodyError(
        f"json: cannot unmarshal {described} into Go value of type {go_name}"
    )


def _described(value: Any) -> str:
    if isinstance(value, Number):
        return "number"
    names = {str: "string", bool: "bool", list: "array", Object: "object"}
    return names[type(value)]


def _read_text(value: Any) -> str:
    if isinstance(value, Number) or not isinstance(value, str):
        raise Mismatch(_described(value))
    return whole(value)


def _read_flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise Mismatch(_described(value))
    return value


def _read_integer(value: Any) -> int:
    if not isinstance(value, Number):
        raise Mismatch(_described(value))
    if not _WHOLE.fullmatch(value) or not -INT64_MAX - 1 <= int(value) <= INT64_MAX:
        raise Mismatch(f"number {value}")
    return int(value)


def _read_single(value: Any) -> float:
    if not isinstance(value, Number):
        raise Mismatch(_described(value))
    number = float(value)
    try:
        if math.isfinite(number):
            return cast("float", _SINGLE.unpack(_SINGLE.pack(number))[0])
    except OverflowError:
        pass  # too large once rounded
    raise Mismatch(f"number {value}")


def _read_nothing(value: Any) -> None:
    if not isinstance(value, Object):
        raise Mismatch(_described(value))


def ignored(go_name: str) -> Kind:
    """Return the kind of a field that must be an object, and of which nothing is used."""
    return Kind(go_name, _read_nothing)


TEXT = Kind("string", _read_text)
FLAG = Kind("bool", _read_flag)
INT64 = Kind("int64", _read_integer)
INT = Kind("int", _read_integer)
FLOAT32 = Kind("float32", _read_single)


def shortest(value: float) -> float | int:
    """Return the number with the fewest digits that is ``value`` in single precision."""
    tries = (float(f"{value:.{digits}g}") for digits in range(1, 10))
    short = next(number for number in tries if _SINGLE.pack(number) == _SINGLE.pack(value))
    return int(short) if short.is_integer() and abs(short) < 1e21 else short
