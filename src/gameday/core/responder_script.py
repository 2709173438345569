"""A responder script: who does what, when, so that a drill can be played without people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from gameday.core.scenario import Duration, Model, Name, Offset, Text, Variable
from gameday.core.words import Milestone, Role, Severity


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
    """One responder's move. ``at`` counts from the start of the run, or from ``after``."""

    at: Offset
    after: Milestone | None = None
    by: Name
    do: Literal[
        "act",
        "detect",
        "ack",
        "declare",
        "triage",
        "severity",
        "role",
        "note",
        "mitigate",
        "resolve",
    ]
    text: str = ""
    severity: Severity | None = None
    role: Role | None = None
    holder: str = ""
    source: str = ""
    http: HttpDeed | None = None
    command: CommandDeed | None = None

    @model_validator(mode="after")
    def _complete(self) -> Act:
        if self.do == "act" and (self.http is None) == (self.command is None):
            raise ValueError("act needs http or command, and only one of them")
        if self.do != "act" and (self.http or self.command):
            raise ValueError(f"{self.do} is a word; use `do: act` for what changes the system")
        if self.do in ("declare", "severity") and self.severity is None:
            raise ValueError(f"{self.do} needs a severity")
        if self.do == "role" and self.role is None:
            raise ValueError("role needs a role")
        return self


class ResponderScript(Model):
    """A whole script. ``configuration`` is substituted as in a scenario."""

    title: Text
    configuration: Mapping[Name, str | int | float | bool | Variable] = {}
    acts: list[Act]
