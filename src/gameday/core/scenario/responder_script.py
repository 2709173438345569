"""A responder script: who does what, when, so that a drill can be played without people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator

from gameday.core.ids import Level
from gameday.core.log.facts import ResponderFact
from gameday.core.log.responses import EXAMPLES, BadResponse, Said, fact, iso_date
from gameday.core.model import Duration, Model, Name, Offset, Text
from gameday.core.scenario.scenario import Variable
from gameday.core.words import (
    Audience,
    HypothesisVerdict,
    Milestone,
    Response,
    Role,
    StatusPhase,
)


class HttpDeed(Model):
    """A request that changes the system; any status below 400 counts as done."""

    url: Text
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "POST"
    json_body: Any = Field(None, alias="json")
    timeout: Duration = 10.0


class CommandDeed(Model):
    """A command that changes the system; exit code 0 counts as done."""

    command: Annotated[list[Text], Field(min_length=1)]
    timeout: Duration = 60.0


class Act(Model):
    """One responder's move. ``at`` counts from the start of the run, or from ``after``.

    ``do: act`` changes the system; everything else is a word of `gameday respond` with the same
    details.
    """

    id: Name | None = None
    at: Offset
    after: Milestone | None = None
    by: Name
    do: Response
    text: str = ""
    severity: Level | None = None
    role: Role | None = None
    holder: str | None = None
    source: str | None = None
    entry: str | None = None
    answers: Mapping[str, str] | None = None
    evidence: str | None = None
    test: str | None = None
    verdict: HypothesisVerdict | None = None
    option: str | None = None
    audience: Audience | None = None
    status: StatusPhase | None = None
    to: str | None = None
    ticket: str | None = None
    item: str | None = None
    rule: str | None = None
    owner: str | None = None
    priority: Literal["P0", "P1", "P2"] | None = None
    due: Annotated[str, AfterValidator(iso_date)] | None = None
    done: bool | None = None
    well: bool | None = None
    question: str | None = None
    http: HttpDeed | None = None
    command: CommandDeed | None = None

    @model_validator(mode="after")
    def _complete(self) -> Act:
        if self.do is Response.ACT:
            if (self.http is None) == (self.command is None):
                raise ValueError("act needs http or command, and only one of them")
            return self
        if self.http or self.command:
            raise ValueError(f"{self.do} is a word; use `do: act` for what changes the system")
        try:
            self.fact()
        except BadResponse as error:
            raise ValueError(error.message) from error
        return self

    def fact(self, channel: str = "script") -> ResponderFact:
        """What the word becomes in the log. Raises BadResponse for what is missing."""
        # Whether a deed was in vain is seen when it is done: of a script nobody says so.
        details = {name: getattr(self, name) for name in EXAMPLES if name in Act.model_fields}
        return fact(Said(self.do, self.by, self.text, channel, details=details))


class ResponderScript(Model):
    """A whole script. ``configuration`` is substituted as in a scenario.

    extends: another script, from this file, whose acts come first; those whose ids are listed in
    ``without`` are left out.
    """

    title: Text
    configuration: Mapping[Name, str | int | float | bool | Variable] = {}
    extends: Text | None = None
    without: list[Name] = []
    acts: list[Act] = []

    @model_validator(mode="after")
    def _something_to_do(self) -> ResponderScript:
        if self.extends is None and self.without:
            raise ValueError("without leaves acts of another script out: say which it extends")
        return self

    def extended(self, base: ResponderScript) -> ResponderScript:
        """This script with the acts of the one that it extends."""
        kept = [act for act in base.acts if act.id is None or act.id not in self.without]
        return self.model_copy(update={"acts": [*kept, *self.acts], "extends": None, "without": []})
