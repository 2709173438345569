"""Reading untrusted JSON the way Toxiproxy (Go's encoding/json) reads it.

Only the first JSON value counts, unknown fields are ignored, keys match without regard to case,
``null`` leaves the default, and a value of the wrong type is refused.
"""

import json
from collections.abc import Mapping
from types import MappingProxyType, NoneType
from typing import Any

from gameday.faultproxy.errors import BadRequestBodyError

INT64_MAX = 2**63 - 1
_JSON_TYPES: Mapping[type, str] = MappingProxyType(
    {str: "string", bool: "bool", list: "array", dict: "object", NoneType: "null"}
)


class Fields:
    """The fields of one JSON object; every getter raises BadRequestBodyError on a wrong type."""

    def __init__(self, value: Mapping[str, Any]) -> None:
        self._value = {key.lower(): item for key, item in value.items() if item is not None}

    def text(self, name: str, default: str) -> str:
        """Return a string field."""
        value = self._value.get(name, default)
        if not isinstance(value, str):
            raise _wrong_type(name, value, "string")
        return value

    def flag(self, name: str, default: bool) -> bool:
        """Return a boolean field."""
        value = self._value.get(name, default)
        if not isinstance(value, bool):
            raise _wrong_type(name, value, "bool")
        return value

    def count(self, name: str, default: int) -> int:
        """Return a whole number from 0 to the largest int64."""
        value = self._value.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int):
            raise _wrong_type(name, value, "int64")
        if not 0 <= value <= INT64_MAX:
            raise BadRequestBodyError(f"{name} must be between 0 and {INT64_MAX}, not {value}")
        return value

    def share(self, name: str, default: float) -> float:
        """Return a number from 0 to 1."""
        value = self._value.get(name, default)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _wrong_type(name, value, "float32")
        if not 0 <= value <= 1:
            raise BadRequestBodyError(f"{name} must be between 0 and 1, not {value}")
        return float(value)

    def group(self, name: str) -> "Fields":
        """Return a nested object, empty when absent."""
        value = self._value.get(name, {})
        if not isinstance(value, dict):
            raise _wrong_type(name, value, "object")
        return Fields(value)


def read_object(body: bytes) -> Fields:
    """Parse a body that must hold one JSON object. Raises BadRequestBodyError."""
    value = _decode(body)
    if not isinstance(value, dict | None):
        raise _wrong_type("body", value, "object")
    return Fields(value or {})


def read_array(body: bytes) -> list[Fields]:
    """Parse a body that must hold one JSON array of objects. Raises BadRequestBodyError."""
    value = _decode(body)
    if not isinstance(value, list | None):
        raise _wrong_type("body", value, "array")
    for item in value or []:
        if not isinstance(item, dict):
            raise _wrong_type("proxy", item, "object")
    return [Fields(item) for item in value or []]


def _decode(body: bytes) -> Any:
    try:
        text = body.decode("utf-8").lstrip(" \t\r\n")
        if not text:
            raise BadRequestBodyError("EOF")
        value, _end = json.JSONDecoder(parse_constant=_no_constant).raw_decode(text)
    except (ValueError, RecursionError) as error:
        raise BadRequestBodyError(str(error)) from error
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _wrong_type(name: str, value: object, wanted: str) -> BadRequestBodyError:
    got = _JSON_TYPES.get(type(value), "number")
    return BadRequestBodyError(f"json: cannot unmarshal {got} into field {name} of type {wanted}")
