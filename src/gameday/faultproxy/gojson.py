"""Parsing JSON as Toxiproxy's server does: the same values and, on bad input, the same words.

Only the first value of a body counts. Bytes that are no UTF-8 and lone surrogates become U+FFFD.
Objects keep their pairs in order, since a repeated key is read twice there.
"""

import json
import re
from collections.abc import Iterable
from typing import Any

from gameday.faultproxy.errors import BadRequestBodyError

MAX_DEPTH = 10_000
_SPACE = re.compile(rb"[ \t\r\n]*+")
_IN_STRING = re.compile(rb'(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+')
_HEX = re.compile(rb"[0-9a-fA-F]*+")
_NUMBER = re.compile(rb"-?+(?:0|[1-9][0-9]*+)(?:\.[0-9]++)?+(?:[eE][+-]?+[0-9]++)?+")
_LITERALS = {b"t": b"true", b"f": b"false", b"n": b"null"}
_PRINTED = {7: "\\a", 8: "\\b", 12: "\\f", 10: "\\n", 13: "\\r", 9: "\\t", 11: "\\v"}


class Number(str):
    """A number as it was written: what becomes of it depends on the field it is for."""

    __slots__ = ()


class Object(tuple[tuple[str, Any], ...]):
    """The pairs of a JSON object in order, repeated keys included."""

    __slots__ = ()


def parse(body: bytes) -> Any:
    """Return the first JSON value in ``body``. Raises BadRequestBodyError."""
    text = body.decode("utf-8", "replace").lstrip(" \t\r\n")
    if not text:
        raise BadRequestBodyError("EOF")
    try:
        value, _end = _DECODER.raw_decode(text)
    except (ValueError, RecursionError):
        _Scanner(body).check()
        raise BadRequestBodyError("exceeded max depth") from None
    if isinstance(value, Number):
        _Scanner(body).check()  # "1.x" is no value and a rest, it is a bad number
    return value


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not JSON")


def _keep(pairs: Iterable[tuple[str, Any]]) -> Object:
    return Object(pairs)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_keep, parse_int=Number, parse_float=Number, parse_constant=_no_constant
)


def whole(text: str) -> str:
    """Return ``text`` with each lone surrogate replaced, so that it can be encoded."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


class _Scanner:
    """Finds what is wrong in a body, and says it as Go's encoding/json does."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0
        self._open: list[bytes] = []

    def check(self) -> None:
        """Raise BadRequestBodyError unless the body starts with a valid value."""
        wanted = self._value()
        while wanted or self._open:
            wanted = self._value() if wanted else self._after_value()

    def _peek(self) -> bytes:
        """Return the next byte that is no space. Raises when there is none."""
        space = _SPACE.match(self._body, self._at)
        self._at = space.end() if space else self._at
        return self._here()

    def _here(self) -> bytes:
        if self._at >= len(self._body):
            raise BadRequestBodyError("unexpected EOF")
        return self._body[self._at : self._at + 1]

    def _bad(self, where: str) -> BadRequestBodyError:
        return BadRequestBodyError(f"invalid character {_quoted(self._here())} {where}")

    def _value(self) -> bool:
        """Take a scalar, or open an array or object; return whether a value must follow."""
        start = self._peek()
        if start in b"{[":
            return self._descend(start)
        if start == b'"':
            self._string()
        elif start in _LITERALS:
            self._literal(_LITERALS[start])
        elif start in b"-0123456789":
            self._number()
        else:
            raise self._bad("looking for beginning of value")
        return False

    def _descend(self, start: bytes) -> bool:
        if len(self._open) >= MAX_DEPTH:
            raise self._bad("exceeded max depth")
        self._at += 1
        closing = b"}" if start == b"{" else b"]"
        if self._peek() == closing:
            self._at += 1
            return False
        self._open.append(closing)
        if start == b"{":
            self._key()
        return True

    def _after_value(self) -> bool:
        """Take a comma, or close an array or object; return whether a value must follow."""
        following = self._peek()
        if following == self._open[-1]:
            self._at += 1
            self._open.pop()
            return False
        in_object = self._open[-1] == b"}"
        if following != b",":
            raise self._bad("after object key:value pair" if in_object else "after array element")
        self._at += 1
        if in_object:
            self._key()
        return True

    def _key(self) -> None:
        if self._peek() != b'"':
            raise self._bad("looking for beginning of object key string")
        self._string()
        if self._peek() != b":":
            raise self._bad("after object key")
        self._at += 1

    def _string(self) -> None:
        inside = _IN_STRING.match(self._body, self._at + 1)
        assert inside is not None
        self._at = inside.end()
        if self._here() == b'"':
            self._at += 1
            return
        if self._here() != b"\\":
            raise self._bad("in string literal")
        self._at += 1
        if self._here() != b"u":
            raise self._bad("in string escape code")
        digits = _HEX.match(self._body, self._at + 1)
        assert digits is not None
        self._at = digits.end()
        raise self._bad("in \\u hexadecimal character escape")

    def _literal(self, word: bytes) -> None:
        for place in range(1, len(word)):
            self._at += 1
            if self._here() != word[place : place + 1]:
                wanted = word[place : place + 1].decode()
                raise self._bad(f"in literal {word.decode()} (expecting '{wanted}')")
        self._at += 1

    def _number(self) -> None:
        number = _NUMBER.match(self._body, self._at)
        if number is None:
            self._at += 1
            raise self._bad("in numeric literal")
        self._at = number.end()
        rest = self._body[self._at : self._at + 1]
        has_exponent = re.search(rb"[eE]", number.group()) is not None
        if rest == b"." and not has_exponent and b"." not in number.group():
            self._at += 1
            raise self._bad("after decimal point in numeric literal")
        if rest in (b"e", b"E") and not has_exponent:
            self._at += 1
            if self._here() in b"+-":
                self._at += 1
            raise self._bad("in exponent of numeric literal")


def _quoted(byte: bytes) -> str:
    code = byte[0]
    if code in b"'\\":
        return f"'\\{chr(code)}'"
    if code in _PRINTED:
        return f"'{_PRINTED[code]}'"
    if code < 0x20 or code == 0x7F:
        return f"'\\x{code:02x}'"
    if 0x80 <= code <= 0xA0 or code == 0xAD:
        return f"'\\u{code:04x}'"
    return f"'{chr(code)}'"
