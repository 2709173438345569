"""Whether a connection can be made from inside a pod: the data plane, as a pod sees it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gameday.adapters.kubernetes import paths
from gameday.adapters.kubernetes.cluster import Cluster, Object
from gameday.adapters.kubernetes.readiness import age, ready
from gameday.engine.faults import FaultFailure, FaultRejected

PATIENCE = 2
"""Seconds a connection may take."""

_PYTHON = (
    "import socket, sys; "
    f"socket.create_connection((sys.argv[1], int(sys.argv[2])), {PATIENCE}).close()"
)
_CONNECT = f"""
if command -v python3 >/dev/null; then exec python3 -c '{_PYTHON}' "$1" "$2"
elif command -v nc >/dev/null; then exec nc -z -w {PATIENCE} "$1" "$2"
elif command -v bash >/dev/null; then exec timeout {PATIENCE} bash -c "</dev/tcp/$1/$2"
else exit 127; fi
"""
_NO_MEANS = 127


def reaches(cluster: Cluster, namespace: str, witness: Mapping[str, Any]) -> bool:
    """Whether a pod of ``witness`` (selector, connect: host:port) gets a connection.

    Raises FaultFailure when nobody can tell.
    """
    host, _, port = str(witness["connect"]).rpartition(":")
    pod = one_ready(cluster, namespace, str(witness["selector"]))
    name = pod["metadata"]["name"]
    command = ["sh", "-c", _CONNECT, "sh", host, port]
    output = cluster.run(namespace, name, command, str(witness.get("container", "")), PATIENCE + 5)
    if output.code == _NO_MEANS:
        raise FaultFailure(f"witness pod {name} has neither python3, nc nor bash: it cannot tell")
    return output.code == 0


def one_ready(cluster: Cluster, namespace: str, selector: str) -> Object:
    """The oldest ready pod of a selector; raises FaultRejected when there is none."""
    found = [pod for pod in cluster.list(paths.of("pods", namespace), selector) if ready(pod)]
    if not found:
        raise FaultRejected(f"kubernetes/{namespace}/pods/{selector} matches no pod that is ready")
    return min(found, key=age)
