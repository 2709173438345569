"""Does a reading lie within a tolerance? As in Chaos Toolkit, without its surprises."""

from __future__ import annotations

import math
import re

from gameday.core.scenario.probes import Range, Regex, Tolerance

LONGEST = 80
"""So many characters of a text are shown; a command's output can be a page."""

Value = float | int | str | bool | None


def holds(value: Value, tolerance: Tolerance) -> bool:
    """Whether ``value`` is what the tolerance asks for. No value (None) never holds.

    True is not 1 and 1 is not True; 1 is 1.0; text is only equal to the same text. A range
    takes numbers, and text that spells one, as a command's output does; NaN is in no range.
    """
    if value is None:
        return False
    if isinstance(tolerance, Range):
        return _within(value, tolerance)
    if isinstance(tolerance, Regex):
        return re.search(tolerance.pattern, spelled(value)) is not None
    if isinstance(tolerance, list):
        return any(_same(value, allowed) for allowed in tolerance)
    return _same(value, tolerance)


def describe(tolerance: Tolerance) -> str:
    """The tolerance in words: ``between 0 and 500``, ``200 or 204``, ``matches '^ok'``."""
    if isinstance(tolerance, Range):
        low, high = tolerance.range
        return f"between {low:.12g} and {high:.12g}"
    if isinstance(tolerance, Regex):
        return f"matches {tolerance.pattern!r}"
    if isinstance(tolerance, list):
        return " or ".join(spelled(allowed) for allowed in tolerance) or "nothing"
    return spelled(tolerance)


def misfit(value: Value, tolerance: Tolerance) -> str:
    """Why a reading is not what the tolerance asks for: ``512 is not between 0 and 400``. Text is
    quoted, since ``200`` and ``'200'`` are not the same."""
    read = "no value" if value is None else _quoted(value)
    if isinstance(tolerance, Regex):
        return f"{read} does not match {tolerance.pattern!r}"
    if isinstance(tolerance, Range):
        return f"{read} is not {describe(tolerance)}"
    allowed = tolerance if isinstance(tolerance, list) else [tolerance]
    return f"{read} is not {' or '.join(map(_quoted, allowed)) or 'anything'}"


def spelled(value: float | int | str | bool) -> str:
    """The value as JSON would show it, text without quotes."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _quoted(value: float | int | str | bool) -> str:
    if not isinstance(value, str):
        return spelled(value)
    return repr(value if len(value) <= LONGEST else f"{value[:LONGEST]}…")


def _same(value: float | int | str | bool, allowed: float | int | str | bool) -> bool:
    if isinstance(value, bool) or isinstance(allowed, bool):
        return isinstance(value, bool) and isinstance(allowed, bool) and value == allowed
    return value == allowed


def _within(value: float | int | str | bool, tolerance: Range) -> bool:
    number = number_of(value)
    low, high = tolerance.range
    return number is not None and not math.isnan(number) and low <= number <= high


def number_of(value: float | int | str | bool) -> float | None:
    """The number that a reading is or spells; None where it is none."""
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None
