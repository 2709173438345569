"""What people outside may read: a template for them sees no more than that.

A team's own template is held to it as well. What only those inside know is a gap there, so it is
seen that somebody has to find words for it.
"""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any

from gameday.core.drafts.facts import DraftFacts
from gameday.core.drafts.words import to_fill

PUBLIC = frozenset(
    {
        *("run", "day", "services", "phase", "bridge", "customer_words", "status_words"),
        *("impacted", "mitigated", "resolved", "duration", "public_impact", "availability"),
        *("number", "next_public_update"),
    }
)
"""Facts that people outside may read: times, shares of readings, and what was told to them.
Everything else stays inside, also what a later version adds."""


def for_outside(facts: DraftFacts) -> DraftFacts:
    """The facts with a gap for each that is not for people outside."""
    return replace(facts, **_hidden(facts, PUBLIC))


def _hidden(value: Any, keep: frozenset[str] = frozenset()) -> dict[str, Any]:
    """A gap for each field but those that are kept."""
    names = [field.name for field in fields(value) if field.name not in keep]
    return {name: _withheld(getattr(value, name), name) for name in names}


def _withheld(value: Any, name: str) -> Any:
    """A gap in its place. Of a list one is left: how many there were is nobody's business."""
    if isinstance(value, tuple):
        return tuple(_withheld(item, name) for item in value[:1])
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **_hidden(value))
    return to_fill(f"{name.replace('_', ' ')}, in words for people outside")
