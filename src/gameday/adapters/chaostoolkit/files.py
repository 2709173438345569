"""Structural check of an experiment file. Pure: imports neither chaoslib nor any provider."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import PurePath
from typing import Any

from gameday.adapters.chaostoolkit.chaosk8s import chaosk8s_problems

Where = tuple[str | int, ...]
Problem = tuple[Where, str]

_MAX_ALIASES = 100
_PROVIDERS: Mapping[str, tuple[str, ...]] = {
    "python": ("module", "func"),
    "process": ("path",),
    "http": ("url",),
}


def experiment_problems(path: str, text: str) -> list[Problem]:
    """Every mistake that can be seen without importing or calling anything.

    path: the file's name; its ending says YAML or JSON. The place of each problem is a path
    of keys and indexes, () for the whole file.
    """
    try:
        experiment = parse(path, text)
    except ValueError as error:
        return [((), str(error))]
    return structure_problems(experiment)


def parse(path: str, text: str) -> dict[str, Any]:
    """The file's mapping; raises ValueError saying why there is none."""
    ending = PurePath(path).suffix
    if ending not in (".json", ".yaml", ".yml"):
        raise ValueError("an experiment file ends in .json, .yaml or .yml")
    try:
        value = json.loads(text) if ending == ".json" else _yaml(text)
    except (json.JSONDecodeError, RecursionError) as error:
        said = " ".join(str(error).split())
        raise ValueError(f"not valid {ending[1:]}: {said}") from error
    if not isinstance(value, dict):
        raise ValueError("an experiment is a mapping with title, description and method")
    return value


def _yaml(text: str) -> Any:
    import yaml  # 7 ms that an experiment in JSON does not pay

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        aliases = sum(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, loader))
        if aliases > _MAX_ALIASES:
            raise ValueError(f"{aliases} aliases; at most {_MAX_ALIASES} are allowed")
        return yaml.load(text, loader)
    except yaml.YAMLError as error:
        raise ValueError(f"not valid yaml: {' '.join(str(error).split())}") from error


def plainly_good(text: str) -> bool:
    """Whether this is JSON, each key once, and an experiment without a mistake: the common
    case, seen without the parser that knows the place of everything."""
    try:
        experiment = json.loads(text, object_pairs_hook=_each_key_once)
        return isinstance(experiment, dict) and not structure_problems(experiment)
    except (ValueError, RecursionError):
        return False


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key stands there twice")
    return found


def structure_problems(experiment: Mapping[str, Any]) -> list[Problem]:
    """Like :func:`experiment_problems`, for a file that is already parsed."""
    return [
        *_head(experiment),
        *_sections(experiment),
        *_hypothesis(experiment.get("steady-state-hypothesis")),
        *_extensions(experiment.get("extensions")),
        *chaosk8s_problems(experiment),
    ]


def _head(experiment: Mapping[str, Any]) -> Iterator[Problem]:
    for key in ("title", "description"):
        if not isinstance(experiment.get(key), str) or not experiment[key].strip():
            yield (key,), "an experiment needs a " + key
    if not isinstance(experiment.get("method"), list):
        yield ("method",), "an experiment needs a method: a list of activities (it may be empty)"
    for key in ("configuration", "secrets"):
        if not isinstance(experiment.get(key) or {}, Mapping):
            yield (key,), f"{key} is a mapping of names to values"
    if "dry" in experiment:
        yield ("dry",), "Chaos Toolkit ignores dry in a file and would run the actions; remove it"


def _sections(experiment: Mapping[str, Any]) -> Iterator[Problem]:
    for section in ("method", "rollbacks"):
        names = _names(experiment, section)
        listed = experiment.get(section)
        if listed is not None and not isinstance(listed, list) and section != "method":
            yield (section,), f"{section} is a list of activities"
        for index, activity in enumerate(listed if isinstance(listed, list) else []):
            yield from _activity((section, index), activity, names)


def _hypothesis(hypothesis: Any) -> Iterator[Problem]:
    where: Where = ("steady-state-hypothesis",)
    if hypothesis is None:
        return
    if not isinstance(hypothesis, Mapping):
        yield where, "a hypothesis is a mapping with title and probes"
        return
    if not hypothesis.get("title"):
        yield (*where, "title"), "a hypothesis needs a title"
    probes = hypothesis.get("probes")
    if probes is not None and not isinstance(probes, list):
        yield (*where, "probes"), "probes is a list"
        return
    for index, probe in enumerate(probes or []):
        at = (*where, "probes", index)
        yield from _activity(at, probe, None)
        if isinstance(probe, Mapping) and "ref" not in probe and "tolerance" not in probe:
            yield (*at, "tolerance"), "a probe of the hypothesis needs a tolerance"


def _activity(where: Where, activity: Any, names: Sequence[str] | None) -> Iterator[Problem]:
    if not isinstance(activity, Mapping):
        yield where, "an activity is a mapping with type, name and provider"
        return
    reference = activity.get("ref")
    if reference is not None:
        if names is not None and reference not in names:
            near = get_close_matches(str(reference), names, n=1)
            meant = f"; did you mean {near[0]!r}?" if near else ""
            yield (*where, "ref"), f"no activity is named {reference!r}{meant}"
        return
    if activity.get("type") not in ("action", "probe"):
        yield (*where, "type"), f"type is action or probe, not {activity.get('type')!r}"
    if not isinstance(activity.get("name"), str) or not activity["name"]:
        yield (*where, "name"), "an activity needs a name"
    if "dry" in activity:
        yield (*where, "dry"), "Chaos Toolkit ignores dry in a file; remove it"
    yield from _provider((*where, "provider"), activity.get("provider"))


def _provider(where: Where, provider: Any) -> Iterator[Problem]:
    if not isinstance(provider, Mapping):
        yield where, "an activity needs a provider"
        return
    kind = str(provider.get("type"))
    if kind not in _PROVIDERS:
        near = get_close_matches(kind, _PROVIDERS, n=1)
        meant = f"; did you mean {near[0]!r}?" if near else ""
        yield (*where, "type"), f"provider type is python, process or http, not {kind!r}{meant}"
        return
    for key in _PROVIDERS[kind]:
        if not isinstance(provider.get(key), str) or not provider[key]:
            yield (*where, key), f"a {kind} provider needs {key}"
    url = str(provider.get("url") or "http://")
    if kind == "http" and not url.startswith(("http://", "https://", "${")):
        yield (*where, "url"), f"{url!r} is not an http:// or https:// address"


def _extensions(extensions: Any) -> Iterator[Problem]:
    if extensions is not None and not isinstance(extensions, list):
        yield ("extensions",), "extensions is a list"
        return
    for index, extension in enumerate(extensions or []):
        where: Where = ("extensions", index)
        if not isinstance(extension, Mapping) or not extension.get("name"):
            yield where, "an extension is a mapping with a name"
        elif extension["name"] == "gameday":
            yield from _faults((*where, "faults"), extension.get("faults"))
            for key in sorted(set(extension) - {"name", "faults"}):
                yield (*where, key), f"the gameday extension has no {key!r}; it has faults"


def _faults(where: Where, faults: Any) -> Iterator[Problem]:
    if not isinstance(faults, list) or not faults:
        yield where, "faults is a list of what the method breaks: type and arguments"
        return
    for index, entry in enumerate(faults):
        yield from _fault((*where, index), entry)


def _fault(where: Where, entry: Any) -> Iterator[Problem]:
    if not isinstance(entry, Mapping) or not isinstance(entry.get("type"), str):
        yield where, "a fault is a mapping with type and arguments"
        return
    arguments = entry.get("arguments") or {}
    if not isinstance(arguments, Mapping):
        yield (*where, "arguments"), "arguments is a mapping"
        return
    from gameday.adapters.chaostoolkit import plugins  # not needed for a plain experiment
    from gameday.engine.faults import FaultRejected

    try:
        plugin = plugins.fault(entry["type"])
    except FaultRejected as error:
        yield (*where, "type"), str(error)
        return
    for path, what in plugin.problems(arguments):
        yield (*where, "arguments", *path), what


def _names(experiment: Mapping[str, Any], section: str) -> Sequence[str]:
    """What a ``ref`` may name. Chaos Toolkit looks in the method and the hypothesis only; a
    rollback may also name a rollback, since we resolve it before Chaos Toolkit sees it."""
    hypothesis = experiment.get("steady-state-hypothesis")
    probes = hypothesis.get("probes") if isinstance(hypothesis, Mapping) else None
    rollbacks = experiment.get("rollbacks") if section == "rollbacks" else None
    return [
        str(activity["name"])
        for listed in (experiment.get("method"), probes, rollbacks)
        for activity in (listed if isinstance(listed, list) else [])
        if isinstance(activity, Mapping) and activity.get("name")
    ]
