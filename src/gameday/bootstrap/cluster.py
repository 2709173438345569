"""A Kubernetes cluster, where faults keep their inverse beside their target."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gameday.core.errors import ExitCode, IntegrationFailure, Refused


def recover_cluster(context: str | None, namespace: str) -> tuple[ExitCode, str, list[str]]:
    """Take out what nobody stands for any more: exit code, the server's address, a line a fault.

    context: None is the pod this runs in. Raises IntegrationFailure without an answer.
    """
    from datetime import UTC, datetime

    from gameday.adapters.kubernetes.cluster import IN_CLUSTER, Cluster
    from gameday.adapters.kubernetes.janitor import recover
    from gameday.engine.faults import FaultFailure

    try:
        with Cluster.connect(context or IN_CLUSTER, None) as cluster:
            found = list(recover(cluster, namespace, datetime.now(UTC)))
    except FaultFailure as failure:
        raise IntegrationFailure(str(failure)) from failure
    stuck = any(one.reason for one in found)
    code = ExitCode.UNDO_OUTSTANDING if stuck else ExitCode.OK
    return code, cluster.server, [str(one) for one in found]


def standing_proxy(
    namespace: str,
    service: str,
    ports: Sequence[Mapping[str, Any]],
    selector: Mapping[str, str],
    image: str,
) -> str:
    """A file that puts a Toxiproxy in front of a Service as it is described; calls nobody."""
    from gameday.adapters.kubernetes.standing import FrontedService
    from gameday.adapters.kubernetes.standing import standing_proxy as manifests

    return manifests(FrontedService(namespace, service, ports, selector), image)


def standing_proxy_of(context: str, namespace: str, service: str, image: str) -> str:
    """The same for a Service as the cluster has it. Raises IntegrationFailure without an answer,
    Refused when no proxy can stand in front of it."""
    from gameday.adapters.kubernetes.cluster import Cluster
    from gameday.adapters.kubernetes.standing import FrontedService
    from gameday.adapters.kubernetes.standing import standing_proxy as manifests
    from gameday.engine.faults import FaultFailure, FaultRejected

    try:
        with Cluster.connect(context, None) as cluster:
            found = FrontedService.found(cluster, namespace, service)
    except FaultRejected as rejected:
        raise Refused(str(rejected)) from rejected
    except FaultFailure as failure:
        raise IntegrationFailure(str(failure)) from failure
    return manifests(found, image)
