"""Rules as a team's file may have them: only such as there is code for."""

from __future__ import annotations

from pydantic import field_validator

from gameday.core.incident_process.rules import DUTIES, PATTERNS
from gameday.core.model import Model
from gameday.core.process_tables.rule_table import Rule


class KnownRule(Rule):
    """A rule that there is code for: any other would never be looked for."""

    @field_validator("id")
    @classmethod
    def _known(cls, value: str) -> str:
        known = (*DUTIES, *PATTERNS)
        if value not in known:
            raise ValueError(f"no rule is named {value!r}; there are {', '.join(known)}")
        return value


class KnownRules(Model):
    """What a file of rules may hold. A log may hold others: those of another version."""

    rules: list[KnownRule]
