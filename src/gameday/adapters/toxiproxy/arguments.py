"""Arguments of the Toxiproxy faults, checked before anything is sent.

Toxiproxy accepts values that kill or hang it: a bandwidth of −1, a huge jitter, a slicer without
average_size (tests/toxiproxy/test_dangerous_attributes.py shows it). They are never sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from gameday.engine.faults import FaultRejected

Found = Sequence[tuple[tuple[str, ...], str]]

SERVER = "http://127.0.0.1:8474"
EXPIRES_IN_MS = "expires_in_ms"
"""A field of toxics and proxies, and an argument of their faults: milliseconds after which the
embedded fault proxy takes the fault out by itself. Toxiproxy ignores it."""
REACH = "reach"
"""An argument of the faults: host:port where connections from here come to the proxy, where that is
not the port it listens on (in a cluster, behind a Service)."""
_COMMON = ("server", "proxy", EXPIRES_IN_MS, REACH)
PREFIX = "gameday_"
"""Every toxic of ours is named so: no other undo restores it, and people can tell whose it is."""

_PLACE = re.compile(r"[^\s/]+:\d{1,5}")
_HOUR = 3_600_000
_LONGEST = 7 * 24 * _HOUR
_UNINTERRUPTED = 1_000
"""Milliseconds that may pass before a reset: Toxiproxy does not let its removal cut them short."""

_LIMITS: Mapping[str, Mapping[str, tuple[int, int, bool]]] = {
    # attribute: least, most, required; latencies in ms, rates in KB/s, slicer delay in µs
    "latency": {"latency": (0, _HOUR, True), "jitter": (0, _HOUR, False)},
    "bandwidth": {"rate": (1, 10**9, True)},
    "slow_close": {"delay": (0, _HOUR, True)},
    "timeout": {"timeout": (0, _HOUR, True)},
    "reset_peer": {"timeout": (0, _UNINTERRUPTED, True)},
    "slicer": {
        "average_size": (1, 10**9, True),
        "size_variation": (0, 10**9, False),
        "delay": (0, 1000 * _HOUR, False),
    },
    "limit_data": {"bytes": (0, 10**12, True)},
}


@dataclass(frozen=True, slots=True)
class Toxic:
    """One toxic on one proxy of one server."""

    server: str
    proxy: str
    name: str
    type: str
    stream: str
    toxicity: float
    attributes: Mapping[str, Any]
    expires_in_ms: int | None
    reach: str

    @property
    def body(self) -> dict[str, Any]:
        """As the server wants it."""
        return {
            "name": self.name,
            "type": self.type,
            "stream": self.stream,
            "toxicity": self.toxicity,
            "attributes": dict(self.attributes),
            **_limit(self.expires_in_ms),
        }


@dataclass(frozen=True, slots=True)
class Down:
    """One proxy of one server, taken down."""

    server: str
    proxy: str
    expires_in_ms: int | None
    reach: str

    @property
    def body(self) -> dict[str, Any]:
        """As the server wants it."""
        return {"enabled": False, **_limit(self.expires_in_ms)}


def _limit(milliseconds: int | None) -> dict[str, int]:
    return {} if milliseconds is None else {EXPIRES_IN_MS: milliseconds}


def toxic(arguments: Mapping[str, Any]) -> Toxic:
    """The toxic these arguments mean; raises FaultRejected with every mistake."""
    _reject(toxic_problems(arguments), arguments)
    return Toxic(
        server=arguments.get("server", SERVER),
        proxy=arguments["proxy"],
        name=arguments.get("name", PREFIX + arguments["type"]),
        type=arguments["type"],
        stream=arguments.get("stream", "downstream"),
        toxicity=float(arguments.get("toxicity", 1.0)),
        attributes=dict(arguments.get("attributes") or {}),
        expires_in_ms=arguments.get(EXPIRES_IN_MS),
        reach=arguments.get(REACH, ""),
    )


def down(arguments: Mapping[str, Any]) -> Down:
    """The proxy these arguments mean; raises FaultRejected with every mistake."""
    _reject(down_problems(arguments), arguments)
    return Down(
        server=arguments.get("server", SERVER),
        proxy=arguments["proxy"],
        expires_in_ms=arguments.get(EXPIRES_IN_MS),
        reach=arguments.get(REACH, ""),
    )


def toxic_problems(arguments: Mapping[str, Any]) -> Found:
    """Every mistake in the arguments of ``toxiproxy.toxic``."""
    own = ("type", "attributes", "stream", "toxicity", "name")
    known = (*_COMMON, *own)
    return [*_common(arguments, known), *_shape(arguments), *_attributes(arguments)]


def down_problems(arguments: Mapping[str, Any]) -> Found:
    """Every mistake in the arguments of ``toxiproxy.down``."""
    return list(_common(arguments, _COMMON))


def _reject(found: Found, arguments: Mapping[str, Any]) -> None:
    if not found and "${" in str(arguments):
        found = [((), "a variable in the arguments has no value")]
    if found:
        raise FaultRejected("; ".join(f"{'.'.join(at)}: {what}" for at, what in found))


def _common(
    arguments: Mapping[str, Any], known: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], str]]:
    for key in arguments:
        if key not in known:
            near = get_close_matches(str(key), known, n=1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            yield (str(key),), f"not an argument of this fault{meant}"
    proxy = arguments.get("proxy")
    if not isinstance(proxy, str) or not proxy:
        yield ("proxy",), "the name of a proxy is needed"
    server = arguments.get("server", SERVER)
    if not _open(server) and not str(server).startswith(("http://", "https://")):
        yield ("server",), f"{server!r} is not an http:// or https:// address"
    limit = arguments.get(EXPIRES_IN_MS)
    if limit is not None and not _open(limit) and not _whole(limit, 1, _LONGEST):
        yield (EXPIRES_IN_MS,), f"milliseconds, from 1 to {_LONGEST}, not {limit!r}"
    reach = arguments.get(REACH, "")
    if reach and not _open(reach) and not _PLACE.fullmatch(str(reach)):
        yield (REACH,), f"host:port of the proxy as seen from here, not {reach!r}"


def _shape(arguments: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    kind, stream = arguments.get("type"), arguments.get("stream", "downstream")
    if not _open(kind) and kind not in _LIMITS:
        near = get_close_matches(str(kind), _LIMITS, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        yield ("type",), f"{kind!r} is no toxic{meant} (there are: {', '.join(_LIMITS)})"
    if not _open(stream) and stream not in ("upstream", "downstream"):
        yield ("stream",), f"upstream or downstream, not {stream!r}"
    toxicity = arguments.get("toxicity", 1.0)
    if not _open(toxicity) and not (_number(toxicity) and 0 < toxicity <= 1):
        yield ("toxicity",), f"a number above 0 and at most 1, not {toxicity!r}"
    name = arguments.get("name", PREFIX)
    if not _open(name) and not str(name).startswith(PREFIX):
        yield ("name",), f"starts with {PREFIX!r}, so that no other undo takes it for prior state"


def _attributes(arguments: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], str]]:
    limits = _LIMITS.get(str(arguments.get("type")))
    given = arguments.get("attributes") or {}
    if not isinstance(given, Mapping):
        yield ("attributes",), "a mapping"
        return
    if limits is None:
        return
    for key in given:
        if key not in limits:
            yield ("attributes", str(key)), f"not an attribute; there are: {', '.join(limits)}"
    for key, (least, most, required) in limits.items():
        value = given.get(key)
        if value is None and required:
            yield ("attributes", key), "is needed"
        elif value is not None and not _open(value) and not _whole(value, least, most):
            yield ("attributes", key), f"a whole number from {least} to {most}, not {value!r}"
    size, variation = given.get("average_size"), given.get("size_variation")
    if isinstance(size, (int, float)) and isinstance(variation, (int, float)) and variation >= size:
        yield ("attributes", "size_variation"), "must be smaller than average_size"


def _open(value: Any) -> bool:
    return isinstance(value, str) and "${" in value


def _number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _whole(value: Any, least: int, most: int) -> bool:
    return _number(value) and int(value) == value and least <= value <= most
