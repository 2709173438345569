"""What a plain YAML scalar means. Narrower than YAML 1.1: no surprise for ``10:30`` or ``on``.

``true`` and ``false`` are booleans, ``null``, ``~`` and nothing are null, decimal numbers are
numbers; everything else, dates and clock times too, is text.
"""

from __future__ import annotations

import re

_WORDS: dict[str, bool | None] = {
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **dict.fromkeys(("null", "Null", "NULL", "~", ""), None),
}
_INT = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_FLOAT = re.compile(r"-?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]{1,3})?")
_INFINITE = {".inf": float("inf"), "-.inf": float("-inf")}
_STARTS = frozenset("-.0123456789")


def plain_value(text: str) -> str | int | float | bool | None:
    """The value of an unquoted scalar.

    Numbers with leading zeros or more than 18 digits stay text, as identifiers do, and so does
    what begins with a plus sign, as offsets do.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _STARTS:
        return text
    if _INT.fullmatch(text):
        return int(text)
    if text in _INFINITE:
        return _INFINITE[text]
    if _FLOAT.fullmatch(text) and not text.lstrip("-").isdigit():
        return float(text)
    return text
