"""The kinds of text there are drafts of."""

from __future__ import annotations

KINDS = (
    *("declare", "update", "statuspage", "escalate", "resolve", "comms"),
    *("timeline", "postmortem", "runbook", "drill"),
)
"""In the order in which an incident asks for them."""

AUDIENCES = ("executives", "customers", "sales_support")
"""Of ``comms``: each has a text of its own."""

OUTSIDE = frozenset({"statuspage", "comms-customers"})
"""Templates whose texts are read by people outside."""


def template_names(kind: str, audience: str | None = None) -> tuple[str, ...]:
    """Names of the templates of a kind: one, but for ``comms`` one for each audience asked."""
    if kind != "comms":
        return (kind,)
    return tuple(f"comms-{one}" for one in ((audience,) if audience else AUDIENCES))
