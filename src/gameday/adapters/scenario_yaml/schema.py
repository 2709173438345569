"""The scenario's JSON Schema, for editors."""

from __future__ import annotations

from typing import Any

from gameday.core.duration import DURATION_PATTERN, format_duration
from gameday.core.scenario.scenario import TABLETOP, Scenario

SCHEMA_ID = "https://gameday.dev/schema/scenario.json"


def scenario_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of a game day file."""
    schema = Scenario.model_json_schema(by_alias=True)
    schema["properties"]["targets"] = _with_short_form(schema["properties"]["targets"])
    schema = _with_spelled_durations(schema)
    schema |= _required_by_mode(schema["required"])
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": SCHEMA_ID,
        **schema,
        "title": "gameday scenario",
    }


def _required_by_mode(required: list[str]) -> dict[str, Any]:
    """A tabletop need not say what it measures and touches: nothing."""
    tabletop = {"properties": {"mode": {"const": "tabletop"}}, "required": ["mode"]}
    return {
        "required": [key for key in required if key not in TABLETOP],
        "if": {"not": tabletop},
        "then": {"required": [key for key in required if key in TABLETOP]},
    }


def _with_spelled_durations(schema: Any) -> Any:
    """Defaults as a file would write them: the model holds seconds."""
    if isinstance(schema, list):
        return [_with_spelled_durations(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    changed = {key: _with_spelled_durations(value) for key, value in schema.items()}
    default = schema.get("default")
    if schema.get("pattern") == DURATION_PATTERN and isinstance(default, (int, float)):
        changed["default"] = format_duration(default)
    return changed


def _with_short_form(targets: dict[str, Any]) -> dict[str, Any]:
    """``detect: 3m`` is read as a whole target before the model sees it."""
    short = {"type": "string", "pattern": DURATION_PATTERN}
    changed = dict(targets)
    for key in ("additionalProperties", "patternProperties"):
        inner = changed.get(key)
        if key == "additionalProperties" and isinstance(inner, dict):
            changed[key] = {"anyOf": [inner, short]}
        elif isinstance(inner, dict):
            changed[key] = {name: {"anyOf": [kind, short]} for name, kind in inner.items()}
    return changed
