"""What every event is."""

from __future__ import annotations

from dataclasses import dataclass

from gameday.core.value import Value


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Event(Value):
    """Base of all events."""
