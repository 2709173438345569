"""A small part of JSONPath: ``$.a.b[0]['x']``, enough to point at one value."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z_][\w-]*)
    |\[(?P<index>-?\d{1,9})\]
    |\[(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)")\]""",
    re.VERBOSE,
)


def parse_json_path(text: str) -> tuple[str | int, ...]:
    """The keys and indexes a path leads through; negative indexes count from the end.

    Raises ValueError that says where the path cannot be understood.
    """
    if not text.startswith("$"):
        raise ValueError(f"{text!r} is not a JSON path; it begins with $, for example $.a.b[0]")
    steps: list[str | int] = []
    position = 1
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            rest = text[position:]
            raise ValueError(
                f"{text!r} is not a JSON path: cannot read {rest!r}; "
                "a step is .name, [0] or ['name']"
            )
        steps.append(_step(match))
        position = match.end()
    return tuple(steps)


def value_at(document: Any, steps: Sequence[str | int]) -> Any:
    """The value of parsed JSON that the steps lead to; raises LookupError naming the missing
    step."""
    value = document
    for step in steps:
        try:
            value = _inside(value, step)
        except LookupError:
            raise LookupError(f"nothing at {step!r}") from None
    return value


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(step, int) and isinstance(value, list):
        return value[step]
    if isinstance(step, str) and isinstance(value, dict):
        return value[step]
    raise LookupError


def _step(match: re.Match[str]) -> str | int:
    if match["index"] is not None:
        return int(match["index"])
    return next(part for part in match.group("name", "single", "double") if part is not None)
