"""Where the API server keeps objects."""

from __future__ import annotations

_GROUPS = {
    "configmaps": "/api/v1",
    "pods": "/api/v1",
    "services": "/api/v1",
    "endpoints": "/api/v1",
    "nodes": "/api/v1",
    "namespaces": "/api/v1",
    "deployments": "/apis/apps/v1",
    "replicasets": "/apis/apps/v1",
    "statefulsets": "/apis/apps/v1",
    "daemonsets": "/apis/apps/v1",
    "networkpolicies": "/apis/networking.k8s.io/v1",
    "leases": "/apis/coordination.k8s.io/v1",
    "poddisruptionbudgets": "/apis/policy/v1",
}
"""By collection, the group and version we speak."""

KINDS = {
    "Deployment": "deployments",
    "ReplicaSet": "replicasets",
    "StatefulSet": "statefulsets",
    "DaemonSet": "daemonsets",
}
"""By kind, the collection of what controls pods."""


def of(collection: str, namespace: str = "", name: str = "") -> str:
    """The path of a collection, or of the object ``name`` in it; no namespace: cluster-wide."""
    path = _GROUPS[collection]
    if namespace:
        path += f"/namespaces/{namespace}"
    path += f"/{collection}"
    return f"{path}/{name}" if name else path
