"""A Kubernetes cluster, where faults keep their inverse beside their target."""

from __future__ import annotations

from gameday.core.errors import ExitCode, IntegrationFailure


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
