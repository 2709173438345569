"""A scenario out of a file with mistakes, so that one mistake does not hide another.

What the model refuses is replaced by something harmless, item by item and at the same index;
names and offsets that are right are kept. Only :func:`cross_references` looks at the result.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import TypeAdapter, ValidationError

from gameday.core.model import Name
from gameday.core.scenario.inject import Inject
from gameday.core.scenario.scenario import Scenario

_Item = dict[str, Any]

_HARMLESS: _Item = {
    "title": "-",
    "narrative": "-",
    "owner": "-",
    "severity": "SEV4",
    "environment": "none",
    "objectives": ["-"],
    "duration": "7d",
    "blast_radius": {"targets": ["-"]},
}
_NAME: TypeAdapter[str] = TypeAdapter(Name)
_PROBE: _Item = {"type": "tcp", "host": "-", "port": 1}


def repaired(value: _Item, failed: ValidationError) -> Scenario | None:
    """The scenario as far as it is right; None when too little of it is."""
    wrong = {error["loc"][0] for error in failed.errors(include_url=False) if error["loc"]}
    fields = {key: given for key, given in value.items() if key not in wrong}
    fields |= {key: _HARMLESS[key] for key in _HARMLESS if key in wrong}
    probes = _probes(value.get("probes"))
    known = next(iter(probes))
    fields["probes"] = probes
    fields["steady_state"] = _steady_state(value.get("steady_state"), known)
    fields["timeline"] = _timeline(value.get("timeline"))
    fields["abort_when"] = _abort_when(value.get("abort_when"))
    try:
        return Scenario.model_validate(fields)
    except ValidationError:
        return None


def _probes(value: Any) -> _Item:
    names = [name for name in value if _is_name(name)] if isinstance(value, dict) else []
    return dict.fromkeys(names or ["none"], _PROBE)


def _steady_state(value: Any, known: str) -> Any:
    probes = value.get("probes") if isinstance(value, dict) else None
    names = probes if isinstance(probes, list) and probes else [known]
    return {"title": "-", "probes": [name if _is_name(name) else known for name in names]}


def _timeline(value: Any) -> list[_Item]:
    items = value if isinstance(value, list) and value else [None]
    return [_inject(item, index) for index, item in enumerate(items)]


def _inject(item: Any, index: int) -> _Item:
    """Keeps the id and the offset where they are right by themselves."""
    harmless: _Item = {"id": f"unnamed-{index}", "at": "+0", "title": "-", "message": "-"}
    for key in ("id", "at"):
        given = {**harmless, key: item.get(key)} if isinstance(item, dict) else harmless
        if _is_inject(given):
            harmless = given
    return harmless


def _is_inject(item: _Item) -> bool:
    return _takes(Inject.model_validate, item)


def _is_name(name: Any) -> bool:
    return _takes(_NAME.validate_python, name)


def _takes(validate: Callable[[Any], object], value: Any) -> bool:
    try:
        validate(value)
    except ValidationError:
        return False
    return True


def _abort_when(value: Any) -> list[_Item]:
    kept: list[_Item] = []
    for item in value if isinstance(value, list) else []:
        probe = item.get("probe") if isinstance(item, dict) else None
        named = {"probe": probe, "fails_for": "1s"} if _is_name(probe) else None
        kept.append(named or {"steady_state_lost_for": "1s"})
    return kept
