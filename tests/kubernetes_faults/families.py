"""Every family of faults on Kubernetes with arguments that fit the web server, and how each is
seen from outside."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.kubernetes_faults.place import NODE, Place

POD = {"selector": "app=web"}


@dataclass(frozen=True)
class Family:
    """A fault's type, its arguments beside the place, and whether kubectl sees it in."""

    type: str
    arguments: Mapping[str, Any]
    is_in: Callable[[Place], bool]

    def at(self, place: Place) -> dict[str, Any]:
        """The arguments there."""
        return {**place.where, **self.arguments}


def _claimed(place: Place) -> bool:
    return bool(place.get("leases")["items"])


def _scaled(place: Place) -> bool:
    return bool(place.get("deployment", "web")["spec"]["replicas"] == 1)


def _cordoned(place: Place) -> bool:
    return bool(place.get("node", NODE)["spec"].get("unschedulable"))


def _rolled_out(place: Place) -> bool:
    containers = place.get("deployment", "web")["spec"]["template"]["spec"]["containers"]
    return any(one["name"] == "BROKEN" for one in containers[0].get("env", []))


def _interposed(place: Place) -> bool:
    return "gameday.dev/proxy" in place.get("service", "web")["spec"]["selector"]


def _denied(place: Place) -> bool:
    return bool(place.get("networkpolicies")["items"])


def _file(path: str) -> Callable[[Place], bool]:
    def look(place: Place) -> bool:
        pods = place.get("pods", "-l", "app=web")["items"]
        names = [pod["metadata"]["name"] for pod in pods]
        return any(_lists(place, name, path) for name in names)

    return look


def _lists(place: Place, pod: str, path: str) -> bool:
    command = ("sh", "-c", f"ls {path} 2>/dev/null || true")
    return bool(place.kubectl("-n", place.name, "exec", pod, "--", *command).strip())


_TOUCHED = "/tmp/touched"
_CHECK = ["sh", "-c", f"! test -f {_TOUCHED}"]

FAMILIES = (
    Family("kubernetes.pods", {**POD, "count": 1}, _claimed),
    Family("kubernetes.pods", {**POD, "percentage": 100, "min_left": 0}, _claimed),
    Family("kubernetes.scale", {"name": "web", "replicas": 1}, _scaled),
    Family("kubernetes.network", dict(POD), _denied),
    Family("kubernetes.node", {"node": NODE, "min_nodes_left": 0}, _cordoned),
    Family("kubernetes.node", {"node": NODE, "min_nodes_left": 0, "drain": True}, _cordoned),
    Family(
        "kubernetes.exec",
        {
            **POD,
            "command": ["touch", _TOUCHED],
            "undo_command": ["rm", "-f", _TOUCHED],
            "check_command": _CHECK,
        },
        _file(_TOUCHED),
    ),
    Family("kubernetes.disk", {**POD, "path": "/data", "megabytes": 20}, _file("/data/gameday*")),
    Family("kubernetes.rollout", {"name": "web", "env": {"BROKEN": "yes"}}, _rolled_out),
    Family("kubernetes.toxiproxy", {"service": "web"}, _interposed),
)

NAMES = [
    f"{family.type}-{'drain' if 'drain' in family.arguments else index}"
    for index, family in enumerate(FAMILIES)
]
