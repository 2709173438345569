"""What a game day's timeline is made of: injects, how long their faults stay in, and what should
come of them. Pydantic, because untrusted text enters here."""

import re
from enum import StrEnum
from typing import Annotated, Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from gameday.core.model import Duration, Model, Name, Offset, Text
from gameday.core.words import Milestone, Response, Role


class Hold(Model):
    """How long a fault stays in: until responders have mitigated (verified), at most so long."""

    until: Literal["mitigated", "expired"] = "mitigated"
    at_most: Annotated[Duration, Field(gt=0)]


class Shows(StrEnum):
    """What a probe that comes to hold after a fault tells of the system.

    protection: it shields users (a breaker opens, a cache serves, a queue takes orders).
    alert: it has noticed.
    """

    PROTECTION = "protection"
    ALERT = "alert"


class Expectation(Model):
    """What should happen after an inject, and by when. It is reported, and earns no points.

    within: seconds from when the inject was given, or its fault went in; pauses do not count.
    Exactly one of
    milestone: the run has reached it;
    response: somebody responds so (``by``: a holder of that role; ``says``: a regular expression
    that is found in the text, small or capital letters);
    probe: its tolerance holds, for example an alert that fires (``shows``: what that tells of the
    system, where the inject has a fault).
    """

    title: Text
    within: Annotated[Duration, Field(gt=0)]
    milestone: Milestone | None = None
    response: Response | None = None
    by: Role | None = None
    says: Text | None = None
    probe: Name | None = None
    shows: Shows | None = None

    @field_validator("says")
    @classmethod
    def _compiles(cls, value: str | None) -> str | None:
        try:
            re.compile(value or "")
        except re.error as error:
            raise ValueError(f"no regular expression: {error}") from error
        return value

    @model_validator(mode="after")
    def _one_kind(self) -> Self:
        if sum(each is not None for each in (self.milestone, self.response, self.probe)) != 1:
            raise ValueError("say exactly one of milestone, response and probe")
        if self.response is None and (self.by is not None or self.says is not None):
            raise ValueError("by and says belong to a response")
        if self.probe is None and self.shows is not None:
            raise ValueError("shows belongs to a probe")
        return self


class Inject(Model):
    """A scheduled stimulus: a message for people, a fault, or both.

    imagine: what fails in a tabletop's story; nothing is touched.
    """

    id: Name
    at: Offset
    title: Text
    message: Text | None = None
    to: list[Role] = Field(default_factory=list)
    fault: Text | None = Field(None, description="path of a Chaos Toolkit file, from this file")
    imagine: Text | None = None
    hold: Hold | None = None
    expect: list[Expectation] = Field(default_factory=list)

    @field_validator("expect")
    @classmethod
    def _has_what_it_shows(
        cls, value: list[Expectation], info: ValidationInfo
    ) -> list[Expectation]:
        faultless = "fault" in info.data and info.data["fault"] is None  # a story proves nothing
        for expected in value:
            if faultless and expected.shows is not None:
                raise ValueError(
                    f"{expected.title!r} shows the system's answer to a fault, and this inject has "
                    "none; move it to the inject that has the fault, or leave out shows"
                )
        return value

    @model_validator(mode="after")
    def _has_content(self) -> Self:
        if self.message is None and not self.breaks:
            raise ValueError("an inject needs a message, a fault, or both")
        if self.hold is not None and not self.breaks:
            raise ValueError("hold belongs to a fault, and this inject has none")
        if self.fault is not None and self.imagine is not None:
            raise ValueError("a fault is real (fault) or in the story (imagine), not both")
        return self

    @property
    def breaks(self) -> bool:
        """It has a fault, be it in a story."""
        return self.fault is not None or self.imagine is not None
