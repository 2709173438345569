"""Who owes what, and by when: the thresholds of the incident process."""

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from gameday.core.duration import DURATION_PATTERN, parse_duration
from gameday.core.ids import ItemName, Level
from gameday.core.model import Duration, Model, Name, Text
from gameday.core.process_tables.severity import check_facts
from gameday.core.scenario.impact import Impact
from gameday.core.words import Role

Times = Mapping[Level, Duration]
"""Seconds by severity; one that is not named has no such duty."""

Facts = Mapping[str, bool | float]
"""Facts of :class:`Impact` that are true, numbers of it that are reached."""


class Criterion(Model):
    """Obliges to declare, by facts or by how fast the error budget burns.

    when, above: facts that are true, numbers that are reached or passed.
    burn_rate, for: times the rate at which the budget would just last, held for so long.
    """

    id: Name
    because: Text
    when: Facts = Field(default_factory=dict)
    above: Mapping[str, float] = Field(default_factory=dict)
    burn_rate: Annotated[float, Field(gt=0)] | None = None
    for_: Duration = Field(300.0, alias="for")

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if bool(self.when or self.above) == (self.burn_rate is not None):
            raise ValueError("say either facts (when, above) or burn_rate and for")
        check_facts(self.when)
        check_facts(self.above)
        return self

    def holds(self, impact: Impact) -> bool:
        """By its facts, for as long as users are hurt."""
        reached = all(getattr(impact, fact) >= wanted for fact, wanted in self.when.items())
        passed = all(getattr(impact, fact) > limit for fact, limit in self.above.items())
        return self.burn_rate is None and reached and passed


class Declaration(Model):
    """within: seconds from when a criterion holds. objective: per cent of the time in which
    users are well, as the service's objective says."""

    within: Duration
    objective: Annotated[float, Field(gt=0, lt=100)]
    criteria: list[Criterion]


class Roles(Model):
    """required: who must be there within seconds of the declaration."""

    within: Duration
    required: Mapping[Level, list[Role]]
    hand_over_after: Duration


class Communication(Model):
    """Seconds: of the first post and of the room from the declaration, of the others from the
    last one of their kind."""

    room_within: Times
    first_status_post: Times
    internal_every: Times
    external_every: Times
    silence: Duration


class EscalationStep(Model):
    """Somebody who is called in so long after the declaration."""

    id: Name
    severities: list[Level]
    after: Duration
    to: Name
    title: Text


class SpecialCase(Model):
    """Somebody who is called in at once, because of what it is."""

    id: Name
    when: Annotated[Facts, Field(min_length=1)]
    to: Name
    title: Text

    @model_validator(mode="after")
    def _known(self) -> Self:
        check_facts(self.when)
        return self

    def holds(self, impact: Impact) -> bool:
        """Whether it is such a case."""
        return all(getattr(impact, fact) >= wanted for fact, wanted in self.when.items())


class Escalation(Model):
    """paging: whoever is on call, called by the declaration itself (none in older logs). steps:
    others, unless it is mitigated by then. within: what "at once" means, in seconds. vendor: who
    needs a ticket's number."""

    paging: list[EscalationStep] = Field(default_factory=list)
    steps: list[EscalationStep]
    special: list[SpecialCase]
    within: Duration
    vendor: Name


class Resolution(Model):
    """mitigated, resolved: clean seconds before the probes bear out that it is, where a game day's
    own ``verification`` says nothing. stable, quiet: clean seconds before people may call it
    resolved, and close it. checklist: items that somebody has to check off, because no sample can
    tell."""

    mitigated: Duration = 300.0
    resolved: Duration = 60.0
    stable: Duration
    quiet: Duration
    checklist: list[Text]


class Review(Model):
    """Which severities need one; by when, the table of follow-ups says."""

    severities: list[Level]


class Patterns(Model):
    """What the rules about anti-patterns look for; times in seconds."""

    decide_within: Duration
    hero_deeds: Annotated[int, Field(ge=2)]
    uncoordinated_within: Duration
    grace: Duration


class Policy(Model):
    """All of it. Times are as written: a game day's pace shortens them where they are used.

    phases: how long each may take, where no other time of the policy says so; none in older logs.
    """

    response_times: Times
    declaration: Declaration
    roles: Roles
    communication: Communication
    escalation: Escalation
    verification: Resolution
    review: Review
    phases: Mapping[ItemName, Duration] = Field(default_factory=dict)
    patterns: Patterns

    def time(self, path: str) -> float | None:
        """Seconds by the dotted name of a time, ``declaration.within``; None where there is no such
        time."""
        found: Any = self._written
        for step in path.split("."):
            found = found.get(step) if isinstance(found, Mapping) else None
        return parse_duration(found) if _is_time(found) else None

    @cached_property
    def _written(self) -> Mapping[str, Any]:
        """The values as a file has them, in which a time can be told from a number."""
        return self.model_dump(by_alias=True)


def _is_time(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(DURATION_PATTERN, value) is not None


def overridden(values: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Values with single ones changed: mappings are merged, anything else is replaced."""
    merged = dict(values)
    for key, change in changes.items():
        old = merged.get(key)
        if isinstance(old, Mapping) and isinstance(change, Mapping):
            change = overridden(old, change)
        merged[key] = change
    return merged
