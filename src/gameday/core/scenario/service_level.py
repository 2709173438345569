"""What a service has promised its users, as a game day file says it."""

from typing import Annotated

from pydantic import Field

from gameday.core.model import Duration, Model

LEAST = 50.0
"""Per cent. A promise below is a share that was written for one: 0.999 for 99.9."""


class ServiceLevel(Model):
    """A service level objective in time: users are well for so much of every window.

    objective: per cent of the time; a new file promises no less than LEAST, what an older run has
    promised is read as it is. window: what the promise is counted over, in seconds.
    """

    objective: Annotated[float, Field(gt=0, lt=100, json_schema_extra={"minimum": LEAST})]
    window: Annotated[Duration, Field(gt=0)]

    @property
    def allowed(self) -> float:
        """The share of the time in which users may be hurt, 0 to 1."""
        return 1 - self.objective / 100

    @property
    def budget_s(self) -> float:
        """The error budget: seconds of a window in which users may be hurt."""
        return self.allowed * self.window
