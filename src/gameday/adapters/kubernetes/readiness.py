"""Whether what controls pods has as many ready as it wants, as its own controller last said."""

from __future__ import annotations

from collections.abc import Sequence

from gameday.adapters.kubernetes.cluster import Object
from gameday.engine.faults import FaultStillPresent


def readiness(controller: Object) -> str:
    """As many ready as wanted, in words; raises FaultStillPresent when they are not.

    Of a status that is older than the object itself nothing is believed.
    """
    spec, status = controller["spec"], controller.get("status") or {}
    seen = int(status.get("observedGeneration", 0))
    if seen < int(controller["metadata"].get("generation", 0)):
        raise FaultStillPresent("its controller has not seen the last change yet")
    wanted = int(status.get("desiredNumberScheduled", spec.get("replicas", 1)))
    ready = int(status.get("numberReady", status.get("readyReplicas", 0)))
    total = int(status.get("currentNumberScheduled", status.get("replicas", 0)))
    if ready < wanted or total > wanted:
        raise FaultStillPresent(f"{ready} of {wanted} pods ready, {total} there")
    return f"{ready} of {wanted} pods ready"


def ready(pod: Object) -> bool:
    """Whether a pod is ready and not on its way out."""
    if pod["metadata"].get("deletionTimestamp"):
        return False
    return any(
        condition["type"] == "Ready" and condition["status"] == "True"
        for condition in pod.get("status", {}).get("conditions") or ()
    )


def names(pods: Sequence[Object]) -> str:
    """Pods for people."""
    return ", ".join(sorted(pod["metadata"]["name"] for pod in pods)) or "none"


def age(pod: Object) -> tuple[str, str]:
    """What sorts pods, the oldest first; those of one second by name."""
    return str(pod["metadata"]["creationTimestamp"]), str(pod["metadata"]["name"])
