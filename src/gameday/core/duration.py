"""Durations and offsets as people write them: ``500ms``, ``90s``, ``1h30m``, ``+5m``."""

from __future__ import annotations

import re

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_PART = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = r"(\d+(\.\d+)?(ms|s|m|h|d))+"
DURATION_PATTERN = rf"^{_WHOLE}$"
OFFSET_PATTERN = rf"^\+(0|{_WHOLE})$"
_DURATION = re.compile(DURATION_PATTERN)
_OFFSET = re.compile(OFFSET_PATTERN)
_CLOCK = re.compile(r"^(\d+):(\d{2})(?::(\d{2}))?$")


def parse_duration(value: object) -> float:
    """Seconds meant by ``value`` such as ``"1h30m"``.

    Raises ValueError with a hint when it is a bare number, a clock time or anything else.
    """
    if isinstance(value, str) and _DURATION.match(value):
        return _seconds(value)
    raise ValueError(f"{value!r} is not a duration{_hint(value, prefix='')}")


def parse_offset(value: object) -> float:
    """Seconds after the start meant by ``value`` such as ``"+90s"``; raises like parse_duration."""
    if isinstance(value, str) and _OFFSET.match(value):
        return _seconds(value[1:])
    raise ValueError(f"{value!r} is not an offset{_hint(value, prefix='+')}")


def format_duration(seconds: float) -> str:
    """Shortest exact spelling to a millisecond: 5400 → ``1h30m``; 0 → ``0s``."""
    rest = round(abs(seconds) * 1000)
    parts = []
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)):
        count, rest = divmod(rest, size)
        if count:
            parts.append(f"{count}{unit}")
    return ("-" if seconds < 0 else "") + ("".join(parts) or "0s")


def _seconds(text: str) -> float:
    total = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
    return round(total, 6)


def _hint(value: object, prefix: str) -> str:
    examples = f"; write for example {prefix}90s, {prefix}5m or {prefix}1h30m"
    if isinstance(value, str) and (clock := _CLOCK.match(value)):
        first, second, third = clock.groups()
        meant = f"{first}h{second}m{third}s" if third else f"{first}m{second}s"
        as_number = (int(first) * 60 + int(second)) * (60 if third else 1) + int(third or 0)
        return (
            f": YAML reads {value} as the number {as_number}; write {prefix}{meant} "
            f"({format_duration(_seconds(meant))})"
        )
    if isinstance(value, str) and prefix and _DURATION.match(value):
        return f": offsets begin with a plus sign; write +{value}"
    if isinstance(value, str) and not prefix and _OFFSET.match(value):
        return f": durations have no plus sign; write {value[1:]}"
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f": a bare number has no unit; write {prefix}{value}s or {prefix}{value}m"
    return examples
