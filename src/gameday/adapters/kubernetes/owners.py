"""What makes pods anew when they are gone."""

from __future__ import annotations

from collections.abc import Sequence

from gameday.adapters.kubernetes import paths
from gameday.adapters.kubernetes.cluster import Cluster, Object
from gameday.engine.faults import FaultRejected


def controllers(cluster: Cluster, namespace: str, pods: Sequence[Object]) -> dict[str, str]:
    """By path, the uid of each controller of these pods: deployments rather than replica sets.

    Raises FaultRejected for a pod that nothing would make anew.
    """
    found: dict[str, str] = {}
    for pod in pods:
        above = owner(pod)
        if above is None or above["kind"] not in paths.KINDS:
            name = pod["metadata"]["name"]
            raise FaultRejected(f"pod {name} has no controller: nobody would make it anew")
        path = _path(namespace, above)
        topmost = owner(cluster.get(path) or {"metadata": {}})
        if topmost is not None and topmost["kind"] in paths.KINDS:
            above, path = topmost, _path(namespace, topmost)
        found[path] = above["uid"]
    return found


def makers(cluster: Cluster, namespace: str, selector: str) -> dict[str, str]:
    """By path, the uids of what makes a selector's pods; of the pods themselves where nothing
    does. They stay the same while pods come and go."""
    found: dict[str, str] = {}
    path = paths.of("pods", namespace)
    each = {(owner(pod) or pod["metadata"])["uid"]: pod for pod in cluster.list(path, selector)}
    for pod in each.values():
        meta = pod["metadata"]
        try:
            found |= controllers(cluster, namespace, [pod])
        except FaultRejected:
            found[f"{path}/{meta['name']}"] = meta["uid"]
    return found


def uid_of(cluster: Cluster, path: str) -> dict[str, str]:
    """An object's uid by its path; nothing when it is not there."""
    now = cluster.get(path)
    return {} if now is None else {path: now["metadata"]["uid"]}


def owner(item: Object) -> Object | None:
    """The owner reference of an object's controller."""
    references: Sequence[Object] = item["metadata"].get("ownerReferences") or ()
    return next((one for one in references if one.get("controller")), None)


def _path(namespace: str, reference: Object) -> str:
    return paths.of(paths.KINDS[reference["kind"]], namespace, reference["name"])
