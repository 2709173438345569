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
from gameday.core.scenario.scenario import TABLETOP, Scenario

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
_PROBES: dict[str, _Item] = {
    "http": {"type": "http", "url": "-"},
    "tcp": {"type": "tcp", "host": "-", "port": 1},
    "process": {"type": "process", "command": ["-"]},
    "python": {"type": "python", "module": "-", "func": "-"},
    "prometheus": {"type": "prometheus", "url": "-", "query": "-", "tolerance": 0},
    "story": {"type": "story"},
}
"""A stand-in of each type, so that a probe is told to have no place in a mode only where its own
type has none."""


def repaired(value: _Item, failed: ValidationError) -> Scenario | None:
    """The scenario as far as it is right; None when too little of it is."""
    tabletop = value.get("mode") == "tabletop"
    value = {**TABLETOP, **value} if tabletop else value
    wrong = {error["loc"][0] for error in failed.errors(include_url=False) if error["loc"]}
    fields = {key: given for key, given in value.items() if key not in wrong}
    fields |= {key: _HARMLESS[key] for key in _HARMLESS if key in wrong}
    known_mode = "mode" not in wrong
    probes = _probes(value.get("probes"), "story" if tabletop else "tcp", keep=known_mode)
    known = next(iter(probes))
    fields["probes"] = probes
    fields["steady_state"] = _steady_state(value.get("steady_state"), known)
    fields["timeline"] = _timeline(value.get("timeline"))
    fields["abort_when"] = _abort_when(value.get("abort_when"))
    try:
        return Scenario.model_validate(fields)
    except ValidationError:
        return None


def _probes(value: Any, fitting: str, *, keep: bool) -> _Item:
    """fitting: the type that has its place in the mode. keep: the types that the file has."""
    given = value if isinstance(value, dict) else {}
    names = [name for name in given if _is_name(name)]
    return {
        name: _PROBES.get(_type_of(given[name]) if keep else fitting, _PROBES[fitting])
        for name in names
    } or {"none": _PROBES[fitting]}


def _type_of(probe: Any) -> str:
    return str(probe.get("type")) if isinstance(probe, dict) else ""


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
