"""What puts Toxiproxy in front of a Service: for the fault, and for ``generate toxiproxy``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gameday.adapters.kubernetes.claim import LABELS

FIRST_PORT = 20_000
"""Where Toxiproxy listens for a Service's first port; for the next ones it counts on."""
API_PORT = 8474
IMAGE = "gameday-toxiproxy:2.12.0"
PROXY = "gameday.dev/proxy"
"""Label of the proxy's pods: the name of the Service it stands in front of."""

Manifest = tuple[str, dict[str, Any]]


def front(
    service: str,
    namespace: str,
    ports: Sequence[Mapping[str, Any]],
    selector: Mapping[str, str],
    image: str,
) -> Iterator[Manifest]:
    """Collection and body of each object, in the order in which they are to be created.

    ``SERVICE-direct`` selects what the Service did; ``toxiproxy-SERVICE`` is the proxy, its
    configuration and its API. Proxies are named after the Service's ports.
    """
    name = f"toxiproxy-{service}"
    proxies = [
        {
            "name": f"{service}-{port['port']}",
            "listen": f"0.0.0.0:{FIRST_PORT + index}",
            "upstream": f"{service}-direct:{port['port']}",
            "enabled": True,
        }
        for index, port in enumerate(ports)
    ]
    direct = [{key: port[key] for key in _KEPT if key in port} for port in ports]
    yield "services", _body("Service", f"{service}-direct", namespace, _select(selector, direct))
    config = {"data": {"proxies.json": json.dumps(proxies, indent=2)}}
    yield "configmaps", _body("ConfigMap", name, namespace, config)
    yield "deployments", _body("Deployment", name, namespace, _deployment(service, image))
    api = [{"name": "api", "port": API_PORT, "targetPort": API_PORT, "protocol": "TCP"}]
    yield "services", _body("Service", name, namespace, _select({PROXY: service}, api))


def leading_ports(ports: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A Service's ports while they lead to the proxy in front of it."""
    return [{**port, "targetPort": FIRST_PORT + index} for index, port in enumerate(ports)]


_KEPT = ("name", "port", "targetPort", "protocol", "appProtocol")
_VERSIONS = {"Deployment": "apps/v1"}


def _body(kind: str, name: str, namespace: str, rest: Mapping[str, Any]) -> dict[str, Any]:
    meta = {"name": name, "namespace": namespace, "labels": dict(LABELS)}
    return {"apiVersion": _VERSIONS.get(kind, "v1"), "kind": kind, "metadata": meta, **rest}


def _select(selector: Mapping[str, str], ports: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {"spec": {"selector": dict(selector), "ports": list(ports)}}


def _deployment(service: str, image: str) -> dict[str, Any]:
    labels = {**LABELS, PROXY: service}
    container = {
        "name": "toxiproxy",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        # the host too: given arguments take the place of those in the original's image
        "args": ["-host=0.0.0.0", "-config=/etc/toxiproxy/proxies.json"],
        "ports": [{"containerPort": API_PORT}],
        "readinessProbe": {
            "httpGet": {"path": "/version", "port": API_PORT},
            "periodSeconds": 1,
        },
        "volumeMounts": [{"name": "config", "mountPath": "/etc/toxiproxy"}],
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "runAsNonRoot": True,
            "runAsUser": 10001,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
    }
    volume = {"name": "config", "configMap": {"name": f"toxiproxy-{service}"}}
    pod = {
        "metadata": {"labels": labels},
        "spec": {
            "containers": [container],
            "volumes": [volume],
            "terminationGracePeriodSeconds": 1,
        },
    }
    return {
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {PROXY: service}},
            "template": pod,
        }
    }
