"""The phases of an incident, as data: what begins and ends each, its window, and how they connect.

How long each took in a run stands in :mod:`gameday.core.incident_process.phase_times`.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.core.duration import format_duration
from gameday.core.ids import ItemName, refuse_doubles
from gameday.core.model import Duration, Model, Name, Text
from gameday.core.process_tables.policy import Policy


class Moment(StrEnum):
    """What can begin or end a phase: milestones of a run, and facts beside them.

    cause_confirmed: the first hypothesis that passed its test. mitigation_proposed: the first
    option that was put to the commander. reviewed: the review was held.
    """

    IMPACTED = "impacted"
    DETECTED = "detected"
    ACKNOWLEDGED = "acknowledged"
    DECLARED = "declared"
    TRIAGED = "triaged"
    CAUSE_CONFIRMED = "cause_confirmed"
    MITIGATION_PROPOSED = "mitigation_proposed"
    CLAIMED = "claimed"
    MITIGATED = "mitigated"
    RESOLVED = "resolved"
    REVIEWED = "reviewed"


class Phase(Model):
    """A part of the work. It ends with the first of ``ends`` that is reached.

    One of four is its window. policy: a time of the policy, by its dotted name. within: seconds of
    its own from its beginning, before any pace. rules: those of the rule table that have to be kept
    while it lasts. follow_up: a duty of the table of follow-ups, whose calendar no pace shortens.
    source: the documents that it comes from.
    """

    id: ItemName
    title: Text
    about: Text
    begins: Moment
    ends: Annotated[list[Moment], Field(min_length=1)]
    policy: Text | None = None
    within: Duration | None = None
    rules: list[Name] = Field(default_factory=list)
    follow_up: ItemName | None = None
    source: Text

    @model_validator(mode="after")
    def _one_window(self) -> Self:
        times = (self.policy, self.within, self.follow_up)
        if sum(time is not None for time in times) + bool(self.rules) != 1:
            raise ValueError(f"{self.id}: say one of policy, within, rules and follow_up")
        if self.within == 0:
            raise ValueError(f"{self.id}: within 0 s nothing can be done; say a time")
        return self

    @property
    def beside(self) -> bool:
        """It is held by rules while others go on: nobody is "in" it."""
        return bool(self.rules)

    def seconds(self, policy: Policy) -> float | None:
        """Its window in time, before any pace; None where rules or a calendar are its window, or
        the policy has no such time."""
        return policy.time(self.policy) if self.policy is not None else self.within


class PhaseTable(Model):
    """All phases, in the order in which people go through them."""

    phases: Annotated[list[Phase], Field(min_length=1)]

    @model_validator(mode="after")
    def _connected(self) -> Self:
        refuse_doubles("phase", [phase.id for phase in self.phases])
        known = {self.phases[0].begins}
        for phase in self.phases:
            if phase.begins not in known:
                raise ValueError(
                    f"{phase.id} begins when it is {phase.begins}, where no earlier phase begins "
                    f"or ends; those are {', '.join(sorted(known))}"
                )
            known |= {phase.begins, *phase.ends}
        for phase in self.phases:
            if any(phase.begins in self._after(end) for end in phase.ends):
                raise ValueError(f"{phase.id} leads back to {phase.begins}, where it begins")
        return self

    def _after(self, moment: Moment) -> set[Moment]:
        """A moment and all that can come after it."""
        found: set[Moment] = set()
        ahead = [moment]
        while ahead:
            at = ahead.pop()
            if at not in found:
                found.add(at)
                ahead += [end for phase in self.phases if phase.begins is at for end in phase.ends]
        return found


def diagram(table: PhaseTable, policy: Policy) -> str:
    """The life of an incident as a Mermaid flow chart: moments, and the phases between them."""
    return "\n".join(["flowchart LR", *_arrows(table, policy)])


def _arrows(table: PhaseTable, policy: Policy) -> Iterator[str]:
    for phase in table.phases:
        seconds = phase.seconds(policy)
        window = f" {format_duration(seconds)}" if seconds else ""
        for end in phase.ends:
            yield f"    {phase.begins} -->|{phase.title}{window}| {end}"
