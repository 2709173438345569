"""``generate toxiproxy``: a Toxiproxy in front of a Service, for teams that keep it there.

A file with what is new, and a command each to lead the Service to it and back. The Service itself
is in no file: deleting what was applied must not delete it.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gameday.adapters.kubernetes.claim import LABELS
from gameday.adapters.kubernetes.cluster import Cluster
from gameday.adapters.kubernetes.interpose import frontable
from gameday.adapters.kubernetes.manifests import (
    API_PORT,
    IMAGE,
    PROXY,
    front,
    leading_ports,
)

if TYPE_CHECKING:
    from yaml import SafeDumper, ScalarNode


@dataclass(frozen=True, slots=True)
class FrontedService:
    """A Service as it is without a proxy: its ports as Kubernetes has them, and its selector."""

    namespace: str
    name: str
    ports: Sequence[Mapping[str, Any]]
    selector: Mapping[str, str]

    @classmethod
    def found(cls, cluster: Cluster, namespace: str, name: str) -> FrontedService:
        """As the cluster has it; raises FaultRejected when no proxy can stand before it."""
        _, spec = frontable(cluster, namespace, name)
        return cls(namespace, name, spec["ports"], spec["selector"])


def standing_proxy(service: FrontedService, image: str = IMAGE) -> str:
    """The YAML file, with the commands in its head."""
    import yaml

    bodies = [
        _owned_by_nobody(body, service.name)
        for _, body in front(
            service.name, service.namespace, service.ports, service.selector, image
        )
    ]

    class Dumper(yaml.SafeDumper):
        """Text of several lines as one reads it."""

    Dumper.add_representer(str, _text)
    return _head(service) + yaml.dump_all(
        bodies, None, Dumper, sort_keys=False, explicit_start=True
    )


def _text(dumper: SafeDumper, text: str) -> ScalarNode:
    return dumper.represent_scalar(
        "tag:yaml.org,2002:str", text, style="|" if "\n" in text else None
    )


def _owned_by_nobody(body: dict[str, Any], service: str) -> dict[str, Any]:
    """Gameday does not look after what a team applies itself."""
    labels = {k: v for k, v in body["metadata"]["labels"].items() if k not in LABELS}
    body["metadata"]["labels"] = {**labels, PROXY: service}
    return body


def _head(service: FrontedService) -> str:
    there = _patch(service, {PROXY: service.name}, leading_ports(service.ports))
    back = _patch(service, service.selector, service.ports)
    api = f"kubectl -n {service.namespace} port-forward service/toxiproxy-{service.name} {API_PORT}"
    lines = [
        f"A Toxiproxy in front of Service {service.name} in namespace {service.namespace}.",
        f"Put it there:   kubectl apply -f FILE; kubectl -n {service.namespace} rollout status "
        f"deployment/toxiproxy-{service.name}",
        f"Lead to it:     {there}",
        f"Its API:        {api}",
        f"Lead back:      {back}",
        "Take it away:   kubectl delete -f FILE",
    ]
    return "".join(f"# {line}\n" for line in lines)


def _patch(
    service: FrontedService, selector: Mapping[str, str], ports: Sequence[Mapping[str, Any]]
) -> str:
    """Strategic merge: a port is found by its number and keeps its name and node port."""
    targets = [{"port": p["port"], "targetPort": p.get("targetPort", p["port"])} for p in ports]
    patch = {"spec": {"selector": {"$patch": "replace", **selector}, "ports": targets}}
    said = shlex.quote(json.dumps(patch))
    return f"kubectl -n {service.namespace} patch service {service.name} -p {said}"
