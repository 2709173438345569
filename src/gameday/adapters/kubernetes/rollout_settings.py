"""The bad image and variables of a rollout: put into a deployment's containers, and taken out field
by field, so that whatever else somebody changes there meanwhile stays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from gameday.adapters.kubernetes.cluster import Object
from gameday.engine.faults import FaultRejected


def containers(owner: Object) -> Sequence[Object]:
    """The containers of a deployment's or a replica set's pods."""
    found: Sequence[Object] = owner["spec"]["template"]["spec"]["containers"]
    return found


def spoilt(good: Sequence[Object], given: Mapping[str, Any]) -> list[Object]:
    """The containers with what is to be rolled out; raises FaultRejected without the named one."""
    found = deepcopy(list(good))
    chosen = _named(found, given["container"])
    if chosen is None:
        there = ", ".join(c["name"] for c in good)
        raise FaultRejected(f"there is no container {given['container']!r}: there are {there}")
    if given["image"]:
        chosen["image"] = given["image"]
    for key, bad in _bad_values(given):
        if not _has(chosen, key, bad):
            _set(chosen, key, {"name": key, "value": bad})
    return found


def mended(
    now: Sequence[Object], before: Sequence[Object], given: Mapping[str, Any]
) -> list[Object]:
    """The containers as they are now, with what was there before wherever the bad is there still;
    the same as ``now`` when nothing bad is left."""
    found = deepcopy(list(now))
    good = _named(before, given["container"])
    chosen = None if good is None else _named(found, good["name"])
    if good is None or chosen is None:
        return found
    if given["image"] and chosen["image"] == given["image"]:
        chosen["image"] = good["image"]
    for key, bad in _bad_values(given):
        if _has(chosen, key, bad) and not _has(good, key, bad):
            _set(chosen, key, _variable(good, key))
    return found


def _named(among: Sequence[Object], name: str | None) -> Object | None:
    return next((one for one in among if name in (None, one["name"])), None)


def _bad_values(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(key, str(value)) for key, value in (given["env"] or {}).items()]


def _place(variables: Sequence[Object], key: str) -> int | None:
    """Where a variable is: of several with one name the last counts."""
    return max((at for at, one in enumerate(variables) if one["name"] == key), default=None)


def _variable(container: Object, key: str) -> Object | None:
    variables = container.get("env") or ()
    at = _place(variables, key)
    return None if at is None else variables[at]


def _has(container: Object, key: str, value: str) -> bool:
    one = _variable(container, key)
    # the API server leaves an empty value out
    return one is not None and "valueFrom" not in one and (one.get("value") or "") == value


def _set(container: Object, key: str, variable: Object | None) -> None:
    """Give a variable a value where it stands, since later ones may refer to it; None takes it
    out."""
    variables = list(container.get("env") or ())
    at = _place(variables, key)
    start = len(variables) if at is None else at
    variables[start : start + 1] = [] if variable is None else [deepcopy(variable)]
    container["env"] = variables
    if not variables:
        del container["env"]
