"""What a system can be asked, and which answers are steady."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator

from gameday.core.model import Duration, Model, Name, Text


class Range(Model):
    """Holds when low ≤ value ≤ high."""

    type: Literal["range"]
    range: tuple[float, float]

    @field_validator("range")
    @classmethod
    def _ordered(cls, value: tuple[float, float]) -> tuple[float, float]:
        if value[0] > value[1]:
            raise ValueError(f"lower end {value[0]} is above upper end {value[1]}")
        return value


class Regex(Model):
    """Holds when the pattern is found in the value's text."""

    type: Literal["regex"]
    pattern: Text


Tolerance = bool | int | float | str | list[bool | int | float | str] | Range | Regex
"""As in Chaos Toolkit: the value itself, one of a list, a range or a regular expression."""


class ProbeBase(Model):
    """What every probe has.

    interval: seconds between two samples, on absolute deadlines.
    timeout: seconds after which a sample counts as failed.
    fail_after, recover_after: consecutive samples that decide that the probe's steady
    state is lost or back; the time counted is that of the first of them.
    """

    interval: Annotated[Duration, Field(ge=0.05, le=3600)] = 1.0
    timeout: Annotated[Duration, Field(ge=0.01, le=300)] = 2.0
    fail_after: int = Field(2, ge=1, le=100)
    recover_after: int = Field(2, ge=1, le=100)


class HttpProbe(ProbeBase):
    """One request. ``measure`` says what the tolerance judges: the status, the latency in
    milliseconds (at ``percentile`` over the samples of ``window``), or a value of the JSON body."""

    type: Literal["http"]
    url: Text
    method: Literal["GET", "POST", "PUT", "HEAD"] = "GET"
    headers: Mapping[str, str] = {}
    json_body: Any = None
    measure: Literal["status", "latency", "json"] = "status"
    percentile: float = Field(95, gt=0, le=100)
    window: Annotated[Duration, Field(gt=0, le=3600)] = 10.0
    json_path: str = Field("$", description="for measure json, e.g. $.error_rate")
    expected_status: int | list[int] = Field(
        200, description="for measure latency and json; any other status fails the sample"
    )
    bearer_token: str | None = None
    ca_file: str | None = None
    tolerance: Tolerance = 200


class TcpProbe(ProbeBase):
    """A connection that opens within the time-out."""

    type: Literal["tcp"]
    host: Text
    port: int | str
    tolerance: Tolerance = True


class ProcessProbe(ProbeBase):
    """A command; the tolerance judges its exit code, or its output where ``measure`` says so."""

    type: Literal["process"]
    command: Annotated[list[Text], Field(min_length=1)]
    measure: Literal["exit_code", "stdout", "stderr"] = "exit_code"
    tolerance: Tolerance = 0


class PythonProbe(ProbeBase):
    """A Python function's return value, as in Chaos Toolkit."""

    type: Literal["python"]
    module: Text
    func: Text
    arguments: Mapping[str, Any] = {}
    tolerance: Tolerance = True


class PrometheusProbe(ProbeBase):
    """An instant query; it must give one number. No data is a failed sample."""

    type: Literal["prometheus"]
    url: Text
    query: Text
    bearer_token: str | None = None
    ca_file: str | None = None
    client_cert: str | None = None
    client_key: str | None = None
    tolerance: Tolerance


class StoryProbe(ProbeBase):
    """Users, as a tabletop's story has them: hurt from an imagined fault on until the facilitator
    says that they are well."""

    type: Literal["story"]
    tolerance: Tolerance = True


Probe = Annotated[
    HttpProbe | TcpProbe | ProcessProbe | PythonProbe | PrometheusProbe | StoryProbe,
    Field(discriminator="type"),
]


class SteadyState(Model):
    """The probes that together say that users are well."""

    title: Text
    probes: Annotated[list[Name], Field(min_length=1)]
