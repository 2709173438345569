"""What models of untrusted text are made of: durations, names, and no key that is not known."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from gameday.core.duration import (
    DURATION_PATTERN,
    OFFSET_PATTERN,
    format_duration,
    parse_duration,
    parse_offset,
)

Duration = Annotated[
    float,
    BeforeValidator(parse_duration),
    PlainSerializer(format_duration, return_type=str),
    WithJsonSchema({"type": "string", "pattern": DURATION_PATTERN, "examples": ["90s", "1h30m"]}),
]
"""Seconds, written ``90s``, ``5m``, ``1h30m`` or ``500ms``."""

Offset = Annotated[
    float,
    BeforeValidator(parse_offset),
    PlainSerializer(lambda seconds: "+" + format_duration(seconds), return_type=str),
    WithJsonSchema({"type": "string", "pattern": OFFSET_PATTERN, "examples": ["+90s", "+5m"]}),
]
"""Seconds after the start of the run, written ``+90s`` or ``+5m``."""

Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_.-]*$", max_length=80)]
Text = Annotated[str, Field(min_length=1, max_length=20_000)]


class Model(BaseModel):
    """Frozen, and no key that the model does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
