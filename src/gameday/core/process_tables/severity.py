"""How bad an incident is, by a table that a team can change and that explains its answer.

Every condition is a fact that is true, or a number that is reached, and the worst rule that holds
decides. So whatever a table says, it has an answer for everything (``otherwise``) and more impact
never gives a lower severity.
"""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from gameday.core.model import Model
from gameday.core.scenario.impact import Impact
from gameday.core.words import Severity


def check_facts(facts: Mapping[str, bool | float]) -> None:
    """Raises ValueError for a fact that there is not, or that could make more impact count less."""
    for fact, wanted in facts.items():
        field = Impact.model_fields.get(fact)
        if field is None:
            raise ValueError(f"there is no {fact!r}; there are {', '.join(Impact.model_fields)}")
        if field.annotation is bool and wanted is not True:
            raise ValueError(f"{fact} can only be true: less impact must not be more severe")
        if field.annotation is not bool and (isinstance(wanted, bool) or wanted <= 0):
            raise ValueError(f"{fact} is a number over 0 that has to be reached")


class SeverityRule(Model):
    """Holds when all of ``when`` do: facts that are true, numbers that are reached."""

    id: str
    severity: Severity
    when: Annotated[Mapping[str, bool | float], Field(min_length=1)]
    because: str

    @model_validator(mode="after")
    def _known(self) -> Self:
        check_facts(self.when)
        return self

    def holds(self, impact: Impact) -> bool:
        """Whether it does for this impact."""
        return all(getattr(impact, fact) >= wanted for fact, wanted in self.when.items())


class Otherwise(Model):
    """The answer where no rule holds."""

    severity: Severity
    because: str


class SeverityTable(Model):
    """All rules, in the order in which people read them."""

    rules: list[SeverityRule]
    otherwise: Otherwise

    @model_validator(mode="after")
    def _least(self) -> Self:
        for rule in self.rules:
            if rule.severity > self.otherwise.severity:
                why = f"{rule.id} gives {rule.severity}, which is less than where no rule holds"
                raise ValueError(f"{why} ({self.otherwise.severity})")
        return self


class SeverityAnswer(Model):
    """The severity, the rules that give it, and why in words."""

    severity: Severity
    rules: tuple[str, ...]
    because: tuple[str, ...]


def severity_of(impact: Impact, table: SeverityTable) -> SeverityAnswer:
    """The worst severity of the rules that hold, with all of those that give it."""
    holding = [rule for rule in table.rules if rule.holds(impact)]
    if not holding:
        other = table.otherwise
        return SeverityAnswer(severity=other.severity, rules=(), because=(other.because,))
    worst = min(rule.severity for rule in holding)  # SEV1 sorts first
    giving = [rule for rule in holding if rule.severity == worst]
    return SeverityAnswer(
        severity=worst,
        rules=tuple(rule.id for rule in giving),
        because=tuple(rule.because for rule in giving),
    )


def impact_of(facts: Mapping[str, Any]) -> Impact:
    """An impact from facts by name. Raises pydantic's ValidationError."""
    return Impact.model_validate(facts)
