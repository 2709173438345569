"""Steady state of what runs on a cluster: probes for game days and for Chaos Toolkit alike.

In a game day: ``type: python`` with this module, the function and its arguments. Each names the
context and the address it must lead to, as a fault does, and asks with a time-out.
"""

from __future__ import annotations

from gameday.adapters.kubernetes import paths
from gameday.adapters.kubernetes.cluster import Cluster, Object
from gameday.engine.faults import FaultRejected

__all__ = ["pods_in_phase", "ready_ratio", "ready_replicas"]

KINDS = ("deployments", "statefulsets", "daemonsets")


def ready_replicas(
    context: str, api_server: str, namespace: str, name: str, kind: str = "deployments"
) -> int:
    """How many pods of a controller are ready.

    Raises FaultRejected when there is no such controller, ClusterFailure without an answer.
    """
    return _counts(_controller(context, api_server, namespace, name, kind))[0]


def ready_ratio(
    context: str, api_server: str, namespace: str, name: str, kind: str = "deployments"
) -> float:
    """Ready pods of a controller as a share of those it wants, from 0 to 1; 1 when it wants none.

    Raises like :func:`ready_replicas`.
    """
    ready, wanted = _counts(_controller(context, api_server, namespace, name, kind))
    return min(ready / wanted, 1.0) if wanted else 1.0


def pods_in_phase(
    context: str, api_server: str, namespace: str, selector: str, phase: str = "Running"
) -> int:
    """How many pods of a selector are in a phase and not on their way out.

    Raises FaultRejected when the selector matches no pod in any phase: that is a wrong selector
    and not a steady state. Raises ClusterFailure without an answer.
    """
    with Cluster.connect(context, api_server) as cluster:
        pods = cluster.list(paths.of("pods", namespace), selector)
    if not pods:
        raise FaultRejected(f"{selector!r} matches no pod in namespace {namespace!r}")
    return sum(
        pod.get("status", {}).get("phase") == phase and not pod["metadata"].get("deletionTimestamp")
        for pod in pods
    )


def _controller(context: str, api_server: str, namespace: str, name: str, kind: str) -> Object:
    if kind not in KINDS:
        raise FaultRejected(f"kind is one of {', '.join(KINDS)}, not {kind!r}")
    with Cluster.connect(context, api_server) as cluster:
        found = cluster.get(paths.of(kind, namespace, name))
    if found is None:
        raise FaultRejected(f"there is no {kind}/{name} in namespace {namespace!r}")
    return found


def _counts(controller: Object) -> tuple[int, int]:
    """Ready and wanted."""
    spec, status = controller["spec"], controller.get("status") or {}
    wanted = int(status.get("desiredNumberScheduled", spec.get("replicas", 1)))
    return int(status.get("numberReady", status.get("readyReplicas", 0))), wanted
