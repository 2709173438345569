"""Where chaostoolkit-kubernetes does more than its user meant, on another cluster than meant, or
leaves behind what it did: seen in the file, before anything runs. (That it calls an empty match a
success is seen in the journal: :mod:`gameday.adapters.chaostoolkit.verdict`.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_PACKAGE = "chaosk8s."

_SELECTORS: Mapping[str, tuple[str, ...]] = {
    "terminate_pods": ("name_pattern", "label_selector"),
    "exec_in_pods": ("name_pattern", "label_selector"),
    "delete_pods": ("name", "label_selector"),
    "cordon_node": ("name", "label_selector"),
    "uncordon_node": ("name", "label_selector"),
    "drain_nodes": ("name", "label_selector", "pod_label_selector"),
    "delete_nodes": ("label_selector", "pod_label_selector"),
    "delete_deployment": ("name", "label_selector"),
    "delete_daemon_set": ("name", "label_selector"),
    "remove_statefulset": ("name", "label_selector"),
    "delete_replica_set": ("name", "label_selector"),
    "delete_service": ("name",),
}
"""Arguments one of which must be there, by action: without any of them these take whatever they
find, some all of a kind and some any one."""

_INVERSES: Mapping[str, tuple[str, str]] = {
    "cordon_node": ("uncordon_node", "the node stays cordoned"),
    "drain_nodes": ("uncordon_node", "the node stays cordoned"),
    "deny_all_ingress": ("remove_deny_all_ingress", "the policy stays"),
    "deny_all_egress": ("remove_deny_all_egress", "the policy stays"),
    "create_network_policy": ("remove_network_policy", "the policy stays"),
    "scale_deployment": ("scale_deployment", "nobody knows how many there were"),
    "scale_statefulset": ("scale_statefulset", "nobody knows how many there were"),
}
"""The action that must be among the rollbacks, by action of the method, and why."""

_CLUSTER = ("KUBERNETES_CONTEXT", "KUBERNETES_HOST")
"""Secrets by which an activity names its cluster; without one it takes whatever is current."""

Where = tuple[str | int, ...]
Problem = tuple[Where, str]


@dataclass(frozen=True, slots=True)
class _Action:
    """An action that calls the package, and where it stands."""

    where: Where
    func: str
    arguments: Mapping[str, Any]
    secrets: Sequence[str]


def chaosk8s_problems(experiment: Mapping[str, Any]) -> Iterator[Problem]:
    """Actions that name no cluster or select nothing, and those whose inverse is not among the
    rollbacks."""
    method, rollbacks = (list(_actions(experiment, name)) for name in ("method", "rollbacks"))
    undone = {action.func for action in rollbacks}
    restored = _is_restored(experiment)
    for action in (*method, *rollbacks):
        yield from _astray(action, experiment.get("secrets"))
        yield from _unselected(action)
    for action in method:
        inverse, why = _INVERSES.get(action.func, ("", ""))
        if inverse and inverse not in undone and not restored:
            yield action.where, f"{action.func} has no {inverse} among the rollbacks: {why}"


def _astray(action: _Action, secrets: Any) -> Iterator[Problem]:
    known = secrets if isinstance(secrets, Mapping) else {}
    named = [known[name] for name in action.secrets if isinstance(known.get(name), Mapping)]
    if not any(key in block for block in named for key in _CLUSTER):
        said = f"{action.func} would go to whatever cluster is current"
        example = "secrets: {cluster: {KUBERNETES_CONTEXT: kind-gameday}}"
        yield (*action.where, "provider"), f"{said}; name it: {example} and here secrets: [cluster]"


def _unselected(action: _Action) -> Iterator[Problem]:
    selectors = _SELECTORS.get(action.func, ())
    if selectors and not any(action.arguments.get(name) for name in selectors):
        said = f"{action.func} would take whatever it finds; say which with"
        yield (*action.where, "provider"), f"{said} {' or '.join(selectors)}"


def _is_restored(experiment: Mapping[str, Any]) -> bool:
    """Whether it declares a fault of ours on Kubernetes, which puts back what was there."""
    ours = [one for one in _mappings(experiment, "extensions") if one.get("name") == "gameday"]
    faults = [fault for extension in ours for fault in _mappings(extension, "faults")]
    return any(str(fault.get("type")).startswith("kubernetes.") for fault in faults)


def _mappings(value: Mapping[str, Any], key: str) -> list[Mapping[str, Any]]:
    """What is a mapping in a list, where there is one; mistakes are told elsewhere."""
    listed = value.get(key)
    return [one for one in listed if isinstance(one, Mapping)] if isinstance(listed, list) else []


def _actions(experiment: Mapping[str, Any], section: str) -> Iterator[_Action]:
    listed = experiment.get(section)
    for index, activity in enumerate(listed if isinstance(listed, Sequence) else ()):
        provider = activity.get("provider") if isinstance(activity, Mapping) else None
        if not isinstance(provider, Mapping) or activity.get("type") != "action":
            continue
        if str(provider.get("module")).startswith(_PACKAGE):
            arguments = provider.get("arguments")
            secrets = provider.get("secrets")
            yield _Action(
                (section, index),
                str(provider.get("func")),
                arguments if isinstance(arguments, Mapping) else {},
                [str(name) for name in secrets] if isinstance(secrets, list) else [],
            )
