"""What the schema of the JSON report is made of."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
TEXTS: Schema = {"type": "array", "items": TEXT}
NUMBER: Schema = {"type": "number"}
COUNT: Schema = {"type": "integer", "minimum": 0}
YES: Schema = {"type": "boolean"}
TIME: Schema = {"type": "string", "format": "date-time", "description": "wall time, UTC"}
SECONDS: Schema = {"type": "number", "description": "seconds, from the boot clock"}
SHARE: Schema = {"type": "number", "minimum": 0, "maximum": 1}
EVENT: Schema = {"type": "string", "pattern": "^e[0-9]+$", "description": "an entry of the log"}
EVENTS: Schema = {"type": "array", "items": EVENT}


def object_of(**properties: Schema) -> Schema:
    """An object with exactly these fields."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def list_of(items: Schema) -> Schema:
    """A list of such."""
    return {"type": "array", "items": items}


def or_none(schema: Schema) -> Schema:
    """Such a value, or null."""
    return {"anyOf": [schema, {"type": "null"}]}


def one_of(words: Any) -> Schema:
    """One of the words of an enumeration."""
    return {"enum": [str(word) for word in words]}
