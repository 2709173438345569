"""Label selectors."""

from __future__ import annotations


def match_labels(selector: str) -> dict[str, str]:
    """A selector of equalities as a mapping; empty when it holds anything else."""
    found: dict[str, str] = {}
    for part in selector.split(","):
        key, equals, value = part.replace("==", "=").partition("=")
        if not equals or key.strip().endswith("!") or not key.strip() or " in" in part:
            return {}
        found[key.strip()] = value.strip()
    return found
