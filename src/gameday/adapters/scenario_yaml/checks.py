"""What no type can say of a probe or a promise: addresses, patterns, paths and shares that cannot
be meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from gameday.adapters.placed_yaml.tree import Node, Path, dotted
from gameday.core.errors import Problem
from gameday.core.json_path import parse_json_path
from gameday.core.scenario.service_level import LEAST


def promise_problems(file: str, root: Node) -> Iterator[Problem]:
    """A share of the time where per cent are meant: a budget of nearly everything, and silence."""
    promise = root.child("slo")
    node = promise.child("objective") if promise else None
    given = node.value if node else None
    if node is None or isinstance(given, bool) or not isinstance(given, (int, float)):
        return
    if 0 < given < LEAST:
        meant = f"write {100 * given:.10g}, not {given:g}" if given < 1 else f"at least {LEAST:g}"
        yield Problem(file, *node.place, "slo.objective", f"a per cent of the time: {meant}")


def probe_problems(file: str, root: Node) -> Iterator[Problem]:
    """Mistakes in the probes that the model lets through."""
    probes = root.child("probes")
    for name, probe in ((probes.children or {}) if probes else {}).items():
        if isinstance(probe.value, dict):
            for key, message in _mistakes(probe):
                place = (probe.child(key) or probe).place
                path: Path = ("probes", name, key) if probe.child(key) else ("probes", name)
                yield Problem(file, *place, dotted(path), message)


def _mistakes(probe: Node) -> Iterator[tuple[str, str]]:
    fields = probe.value
    yield from _tolerance_mistakes(fields)
    if fields.get("type") in ("http", "prometheus"):
        yield from _url_mistakes(fields.get("url"))
    if fields.get("type") == "http":
        yield from _json_path_mistakes(fields.get("json_path"))
    if fields.get("type") == "tcp":
        yield from _port_mistakes(fields.get("port"))


def _tolerance_mistakes(fields: dict[str, Any]) -> Iterator[tuple[str, str]]:
    tolerance, measure = fields.get("tolerance"), fields.get("measure")
    if tolerance is None and measure in ("latency", "json", "stdout", "stderr"):
        yield "measure", f"measure: {measure} needs a tolerance of its own"
    if measure == "latency" and isinstance(tolerance, (int, float, str, list)):
        yield (
            "tolerance",
            "a latency is judged by a range of milliseconds, "
            "{type: range, range: [0, 500]} for example",
        )
    if fields.get("type") == "http" and measure in (None, "status") and _no_status(tolerance):
        yield (
            "tolerance",
            "a status is a number: write 200, [200, 204] or {type: range, range: [200, 299]}",
        )
    if isinstance(tolerance, dict) and isinstance(pattern := tolerance.get("pattern"), str):
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            yield "tolerance", f"not a regular expression: {error}"


def _no_status(tolerance: object) -> bool:
    """Whether text or a truth value stands where a status would be compared: they never hold."""
    allowed = tolerance if isinstance(tolerance, list) else [tolerance]
    return any(
        isinstance(one, bool) or (isinstance(one, str) and "${" not in one) for one in allowed
    )


def _url_mistakes(url: object) -> Iterator[tuple[str, str]]:
    if isinstance(url, str) and not re.match(r"https?://[^/]|\$\{", url):
        yield "url", f"{url[:80]!r} is not an address; it begins with http:// or https://"
    elif isinstance(url, str) and "${" not in url and (why := _unusable(url)):
        yield "url", f"{url[:80]!r} is not an address: {why}"


def _unusable(url: str) -> str:
    """Why no request can go there, whatever it begins with; empty when one can."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:  # brackets that do not close, a port that is none
        return str(error)
    if any(letter.isspace() or not letter.isprintable() for letter in parts.netloc):
        return "there is a blank in its host"
    if not host:
        return "it names no host"
    return "ports are 1 to 65535" if port == 0 else ""


def _json_path_mistakes(path: object) -> Iterator[tuple[str, str]]:
    if isinstance(path, str) and "${" not in path:
        try:
            parse_json_path(path)
        except ValueError as error:
            yield "json_path", str(error)


def _port_mistakes(port: object) -> Iterator[tuple[str, str]]:
    if isinstance(port, bool) or (isinstance(port, str) and "${" in port):
        return
    number = int(port) if isinstance(port, str) and re.fullmatch("[0-9]{1,9}", port) else port
    if isinstance(number, str) or (isinstance(number, int) and not 0 < number < 65536):
        yield "port", f"{port!r} is not a port; ports are 1 to 65535"
