"""The incident process that a run is held against, as it stood when the run was scheduled."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from gameday.core.ids import ItemName
from gameday.core.model import Model
from gameday.core.process_tables.blame_table import BlameTable
from gameday.core.process_tables.checklists import Item
from gameday.core.process_tables.followups import FollowUpTable
from gameday.core.process_tables.mitigation import Matrix
from gameday.core.process_tables.phases import Phase, PhaseTable
from gameday.core.process_tables.policy import Policy
from gameday.core.process_tables.rule_table import RuleTable
from gameday.core.process_tables.severity import SeverityTable
from gameday.core.scenario.scenario import Scenario

CLEAN_TIMES = ("mitigated", "resolved")
"""Windows of a scenario's ``verification`` that the process gives where the scenario does not."""


class Process(Model):
    """All tables that judge a run; they are in its log, so that its report never changes.

    phases, followups, debrief (the questions that are asked afterwards), blame (words that blame),
    triage (ids of the form's questions): not in the logs of older runs.
    pace: what every time of the policy is multiplied by, so that a short drill can exercise a
    long process.
    """

    policy: Policy
    severity: SeverityTable
    mitigation: Matrix
    rules: RuleTable
    phases: PhaseTable | None = None
    followups: FollowUpTable | None = None
    debrief: list[Item] = Field(default_factory=list)
    blame: BlameTable | None = None
    triage: list[ItemName] | None = None
    pace: Annotated[float, Field(gt=0)] = 1.0

    @model_validator(mode="after")
    def _phases_are_held(self) -> Self:
        for phase in self.phases.phases if self.phases else ():
            self._held(phase)
        return self

    def _held(self, phase: Phase) -> None:
        unknown = set(phase.rules) - {rule.id for rule in self.rules.rules}
        if unknown:
            raise ValueError(
                f"{phase.id} is held by {', '.join(sorted(unknown))}, which the table of rules "
                "does not have; leave it out of `rules`, or add it there"
            )
        if phase.policy is not None and not self.policy.time(phase.policy):
            raise ValueError(
                f"{phase.id} may last as long as the policy's {phase.policy}, which is no time "
                "there; add it to policy.yaml, or say `within` instead"
            )
        duty = phase.follow_up
        if duty and (self.followups is None or self.followups.duty(duty) is None):
            raise ValueError(
                f"{phase.id} is due as {duty}, which the table of follow-ups does not have; "
                "name one of its duties, or give `within` instead"
            )

    def paced(self, seconds: float) -> float:
        """Seconds of the drill that stand for so many of the process."""
        return seconds * self.pace

    def window(self, phase: Phase) -> float | None:
        """Seconds of the drill that a phase may last; None where rules or a calendar hold it."""
        seconds = phase.seconds(self.policy)
        return None if seconds is None else self.paced(seconds)

    def timed(self, scenario: Scenario) -> Scenario:
        """The scenario with this process's own clean times, paced, where it says nothing; a number
        of its own is taken as it is written. Other windows are about probes and about safety: they
        take what they take, whatever the pace."""
        own, ours = scenario.verification, self.policy.verification
        taken = {
            name: self.paced(getattr(ours, name))
            for name in CLEAN_TIMES
            if name not in own.model_fields_set
        }
        return scenario.model_copy(update={"verification": own.model_copy(update=taken)})
