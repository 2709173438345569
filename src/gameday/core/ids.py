"""What the tables of the incident process have in common: names of their entries, old names of
severities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema

from gameday.core.words import OLD_SEVERITIES, Severity

ItemName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]*$", max_length=80)]
"""A name that can stand on either side of a dot, as in ``resolution.cause_known``."""


def _renamed(value: Any) -> Any:
    return OLD_SEVERITIES.get(value, value) if isinstance(value, str) else value


_SPELLINGS = {"type": "string", "enum": [*map(str, Severity), *OLD_SEVERITIES]}

Level = Annotated[Severity, BeforeValidator(_renamed), WithJsonSchema(_SPELLINGS)]
"""A severity; P1 to P3 (003) are other names of SEV1 to SEV3."""


def refuse_doubles(what: str, ids: Iterable[str]) -> None:
    """Raises ValueError naming every id that is there more than once."""
    doubles = [name for name, count in Counter(ids).items() if count > 1]
    if doubles:
        raise ValueError(f"there is more than one {what} {', '.join(map(repr, doubles))}")
