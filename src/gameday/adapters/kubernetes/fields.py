"""Arguments of faults on Kubernetes, checked before anything is asked or sent."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from gameday.adapters.kubernetes.cluster import IN_CLUSTER
from gameday.engine.faults import FaultRejected

Problem = tuple[tuple[str, ...], str]

EXPIRES_IN_MS = "expires_in_ms"
HOUR = 3_600_000
PROTECTED = frozenset({"kube-system", "kube-public", "kube-node-lease"})
"""Namespaces in which nothing is ever broken; an experiment can name more, never fewer."""

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_SELECTOR = re.compile(r"[\w./-]+(\s*(=|==|!=)\s*[\w.-]+|\s+(not)?in\s*\([\w.,\s-]+\))?")


@dataclass(frozen=True, slots=True)
class Field:
    """One argument. wrong: what is wrong with a value, "" for nothing."""

    name: str
    wrong: Callable[[Any], str]
    required: bool = False
    default: Any = None


def name(field: str, required: bool = True, default: str | None = None) -> Field:
    """The name of an object."""
    return Field(field, lambda v: _unless(_is(_NAME, v), f"{v!r} is no name"), required, default)


def text(field: str, required: bool = True, default: str | None = None) -> Field:
    """Any text but an empty one."""
    return Field(
        field, lambda v: _unless(isinstance(v, str) and bool(v), "text"), required, default
    )


def whole(
    field: str, least: int, most: int, required: bool = False, default: int | None = None
) -> Field:
    """A whole number."""

    def wrong(value: Any) -> str:
        fits = isinstance(value, int) and not isinstance(value, bool) and least <= value <= most
        return _unless(fits, f"a whole number from {least} to {most}, not {value!r}")

    return Field(field, wrong, required, default)


def selector(field: str = "selector", required: bool = True) -> Field:
    """A label selector that selects something: an empty one would mean everything."""

    def wrong(value: Any) -> str:
        fits = isinstance(value, str) and bool(value.strip())
        parts = re.split(r",(?![^(]*\))", value) if fits else [""]
        good = fits and all(_SELECTOR.fullmatch(part.strip()) for part in parts)
        return _unless(good, f"a label selector such as app=checkout, not {value!r}")

    return Field(field, wrong, required)


def words(field: str, required: bool = True) -> Field:
    """A list of texts, such as a command."""

    def wrong(value: Any) -> str:
        fits = isinstance(value, list) and value and all(isinstance(v, str) for v in value)
        return _unless(bool(fits), "a list of texts")

    return Field(field, wrong, required)


def one_of(field: str, values: Sequence[str], default: str) -> Field:
    """One of some words."""
    allowed = ", ".join(values)
    return Field(
        field, lambda v: _unless(v in values, f"one of {allowed}, not {v!r}"), False, default
    )


def mapping(field: str, required: bool = False) -> Field:
    """A mapping of names to values."""
    return Field(
        field, lambda v: _unless(isinstance(v, Mapping) and bool(v), "a mapping"), required
    )


COMMON = (
    text("context"),
    Field(
        "api_server",
        lambda v: _unless(
            isinstance(v, str) and v.startswith(("https://", "http://")), "an https:// address"
        ),
    ),
    name("namespace"),
    Field(
        "protected",
        lambda v: _unless(
            isinstance(v, list) and all(_is(_NAME, n) for n in v), "a list of namespaces"
        ),
        default=[],
    ),
    whole(EXPIRES_IN_MS, 1_000, 7 * 24 * HOUR, default=HOUR),
)
"""What every fault on Kubernetes takes. context and api_server: both must be named, so that a
kubeconfig changed meanwhile leads nowhere else. expires_in_ms: when the janitor takes it out."""


def problems(fields: Sequence[Field], arguments: Mapping[str, Any]) -> Iterator[Problem]:
    """Every mistake, each with its path. A value that holds ``${`` is not known yet."""
    known = {field.name: field for field in fields}
    for key in arguments:
        if key not in known:
            near = get_close_matches(str(key), known, n=1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            yield (str(key),), f"not an argument of this fault{meant}"
    for field in fields:
        value = arguments.get(field.name)
        if value is None:
            if field.required:
                yield (field.name,), "is needed"
        elif not _open(value) and (wrong := field.wrong(value)):
            yield (field.name,), wrong
    yield from _place(arguments)


def checked(fields: Sequence[Field], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with defaults; raises FaultRejected with every mistake, and where nothing may
    be broken."""
    found = list(problems(fields, arguments))
    if not found and "${" in str(arguments):
        found = [((), "a variable in the arguments has no value")]
    found += _guarded(arguments)
    if found:
        raise FaultRejected("; ".join(f"{'.'.join(at)}: {what}" for at, what in found))
    given = {key: value for key, value in arguments.items() if value is not None}
    return {**{field.name: field.default for field in fields}, **given}


def _place(arguments: Mapping[str, Any]) -> Iterator[Problem]:
    context, server = arguments.get("context"), arguments.get("api_server")
    if context is not None and context != IN_CLUSTER and server is None:
        yield ("api_server",), "is needed: the address that the context must lead to"


def _guarded(arguments: Mapping[str, Any]) -> Iterator[Problem]:
    """A guard rail and no mistake in the file: a run is refused, and a plan says so."""
    namespace, more = arguments.get("namespace"), arguments.get("protected") or []
    if namespace in PROTECTED or (isinstance(more, list) and namespace in more):
        yield ("namespace",), f"{namespace!r} is protected: nothing is broken there"


def _is(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _unless(good: bool, what: str) -> str:
    return "" if good else what


def _open(value: Any) -> bool:
    return isinstance(value, str) and "${" in value
