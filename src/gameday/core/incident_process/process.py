"""The incident process that a run is held against, as it stood when the run was scheduled."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gameday.core.incident_process.mitigation import Matrix
from gameday.core.incident_process.policy import Policy
from gameday.core.incident_process.rule_table import RuleTable
from gameday.core.incident_process.severity import SeverityTable
from gameday.core.model import Model


class Process(Model):
    """All tables that judge a run; they are in its log, so that its report never changes.

    pace: what every time of the policy is multiplied by, so that a short drill can exercise a
    long process.
    """

    policy: Policy
    severity: SeverityTable
    mitigation: Matrix
    rules: RuleTable
    pace: Annotated[float, Field(gt=0)] = 1.0

    def paced(self, seconds: float) -> float:
        """Seconds of the drill that stand for so many of the process."""
        return seconds * self.pace
