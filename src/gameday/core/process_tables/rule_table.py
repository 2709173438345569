"""The rules of the incident process, as people read them: what each asks, and why.

What a rule looks for stands in :mod:`gameday.core.incident_process.rules`; its thresholds stand in
the policy.
"""

from typing import Annotated, Literal

from pydantic import Field, field_validator

from gameday.core.ids import refuse_doubles
from gameday.core.model import Model, Name, Text


class Rule(Model):
    """One rule.

    source: the document it comes from, and where in it. kind: what people owe, or what they
    should not fall into. broken_by, kept_by: responder scripts that show it, beside the process
    drill.
    """

    id: Name
    title: Text
    kind: Literal["duty", "anti_pattern"]
    source: Text
    why: Text
    broken_by: Text
    kept_by: Text


class RuleTable(Model):
    """All rules, in the order in which people read them."""

    rules: Annotated[list[Rule], Field(min_length=1)]

    @field_validator("rules")
    @classmethod
    def _once(cls, rules: list[Rule]) -> list[Rule]:
        refuse_doubles("rule", [rule.id for rule in rules])
        return rules
