"""``kubernetes.node``: a node is cordoned, and with ``drain`` its pods are evicted."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from gameday.adapters.kubernetes import fields, paths
from gameday.adapters.kubernetes.claim import Claim
from gameday.adapters.kubernetes.cluster import Cluster, ClusterFailure, Object
from gameday.adapters.kubernetes.fault import Case, KubernetesFault, marked, patch_marked, unmark
from gameday.adapters.kubernetes.owners import controllers, owner, uid_of
from gameday.adapters.kubernetes.readiness import readiness
from gameday.engine.faults import (
    FaultFailure,
    FaultMissing,
    FaultRejected,
    FaultStillPresent,
)

MARK = "gameday.dev/cordon"
_DISRUPTION = 429  # a disruption budget does not allow the eviction now
_ENDED = ("Succeeded", "Failed")  # a job's: nothing is to be moved
_ONLY_ASK = {"dryRun": ["All"]}
_STEP = 0.5


class NodeFault(KubernetesFault):
    """Arguments: node; drain; namespace, whose pods are evicted and where the claim is kept;
    min_nodes_left, schedulable nodes beside this one (1 unless given); max_targets, pods; patience,
    seconds to wait for disruption budgets. Pods of daemon sets stay, as do those of other
    namespaces: a drill in one namespace does not move everybody else. No pod goes before the
    budgets have allowed each."""

    type: ClassVar[str] = "kubernetes.node"
    fields: ClassVar[Sequence[fields.Field]] = (
        *fields.COMMON,
        fields.name("node"),
        fields.Field(
            "drain", lambda v: "" if isinstance(v, bool) else "true or false", False, False
        ),
        fields.whole("min_nodes_left", 0, 1000, default=1),
        fields.whole("max_targets", 1, 1000, default=20),
        fields.whole("patience", 1, 600, default=20),
    )

    def target(self, given: Mapping[str, Any]) -> str:
        """The node."""
        return f"kubernetes/nodes/{given['node']}"

    def radius(self, given: Mapping[str, Any]) -> str:
        """What becomes of it."""
        done = f", the pods of {given['namespace']} on it are evicted" if given["drain"] else ""
        return f"nothing is scheduled on node {given['node']!r}{done}"

    def identities(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, str]:
        """The node itself."""
        return uid_of(cluster, paths.of("nodes", name=given["node"]))

    def look(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, Any]:
        """The node, the pods to be evicted and what makes them anew."""
        nodes = {node["metadata"]["name"]: node for node in cluster.list(paths.of("nodes"))}
        node = nodes.get(given["node"])
        if node is None:
            raise FaultRejected(f"there is no node {given['node']!r}: there are {', '.join(nodes)}")
        if node["spec"].get("unschedulable"):
            raise FaultRejected(f"node {given['node']!r} is cordoned already")
        others = [n for n in nodes.values() if n is not node and not n["spec"].get("unschedulable")]
        if len(others) < given["min_nodes_left"]:
            raise FaultRejected(
                f"{len(others)} schedulable nodes would be left, and min_nodes_left is "
                f"{given['min_nodes_left']}"
            )
        pods = self._pods(cluster, given) if given["drain"] else []
        if len(pods) > given["max_targets"]:
            raise FaultRejected(
                f"{len(pods)} pods are more than max_targets {given['max_targets']}"
            )
        exact = [f"{self.target(given)}/pods/{pod['metadata']['name']}" for pod in pods]
        return {
            "targets": [self.target(given), *exact],
            "controllers": controllers(cluster, given["namespace"], pods),
            "same": {"uid": node["metadata"]["uid"]},
        }

    def change(self, case: Case, claim: Claim) -> None:
        """Cordon it first, so that what is evicted does not come back."""
        now = case.cluster.get(self._path(case.given))
        if now is None:
            raise FaultRejected(f"node {case.given['node']!r} is gone")
        patch_marked(case, self._path(case.given), now, {"spec": {"unschedulable": True}}, MARK)
        if case.given["drain"]:
            pods = self._pods(case.cluster, case.given)
            for options in (_ONLY_ASK, {}):  # a budget that never allows one keeps them all
                for pod in pods:
                    _evict(case.cluster, pod, case.given["patience"], options)

    def changed(self, case: Case) -> str:
        """Cordoned, and each of the pods is gone or on its way out."""
        now = case.cluster.get(self._path(case.given))
        if now is None or not now["spec"].get("unschedulable"):
            raise FaultMissing(f"node {case.given['node']!r} is not cordoned")
        left = self._pods(case.cluster, case.given) if case.given["drain"] else []
        going = [pod for pod in left if not pod["metadata"].get("deletionTimestamp")]
        if going:
            raise FaultMissing(f"{len(going)} pods are still on node {case.given['node']!r}")
        node = f"node {case.given['node']!r} is cordoned"
        if not case.given["drain"]:
            return node
        return f"{node}, and {len(left)} pods are leaving it" if left else f"{node} and drained"

    def restore(self, case: Case) -> None:
        """Uncordon it."""
        unmark(case, self._path(case.given), lambda _: {"spec": {"unschedulable": None}}, MARK)

    def restored(self, case: Case) -> str:
        """Schedulable, without the taint, and every controller has its pods ready."""
        node = case.given["node"]
        now = case.cluster.get(self._path(case.given))
        if now is None:
            raise FaultStillPresent(f"node {node!r} is gone, which proves nothing")
        taints = [taint["key"] for taint in now["spec"].get("taints") or ()]
        cordoned = "node.kubernetes.io/unschedulable" in taints or now["spec"].get("unschedulable")
        if marked(case, now, MARK) or cordoned:
            raise FaultStillPresent(f"node {node!r} is still cordoned")
        proofs = [f"node {node!r} is schedulable"]
        for path in case.prior["controllers"]:
            controller = case.cluster.get(path)
            if controller is None:
                raise FaultStillPresent(f"{path} is gone, which proves nothing")
            proofs.append(f"{controller['metadata']['name']}: {readiness(controller)}")
        return "; ".join(proofs)

    def _path(self, given: Mapping[str, Any]) -> str:
        return paths.of("nodes", name=given["node"])

    def _pods(self, cluster: Cluster, given: Mapping[str, Any]) -> Sequence[Object]:
        return [
            pod
            for pod in cluster.list(paths.of("pods", given["namespace"]))
            if pod["spec"].get("nodeName") == given["node"]
            and pod["status"].get("phase") not in _ENDED
            and (above := owner(pod)) is not None
            and above["kind"] not in ("DaemonSet", "Node")
        ]


def _evict(cluster: Cluster, pod: Object, patience: float, options: Mapping[str, Any]) -> None:
    """Ask for it, with DeleteOptions of the API, until the disruption budgets allow it. Raises
    FaultFailure when they never do."""
    meta = pod["metadata"]
    body = {
        "apiVersion": "policy/v1",
        "kind": "Eviction",
        "metadata": {"name": meta["name"], "namespace": meta["namespace"]},
        "deleteOptions": {"preconditions": {"uid": meta["uid"]}, **options},
    }
    deadline = time.monotonic() + patience
    while True:
        try:
            cluster.create(paths.of("pods", meta["namespace"], meta["name"]) + "/eviction", body)
            return
        except ClusterFailure as failure:
            if failure.status in (404, 409):
                return  # it is gone, or another one by now
            if failure.status != _DISRUPTION:
                raise FaultFailure(
                    f"pod {meta['name']} could not be evicted: {failure}"
                ) from failure
            if time.monotonic() >= deadline:
                raise FaultFailure(
                    f"pod {meta['name']} could not be evicted: its disruption budget has not "
                    f"allowed it for {patience:g} s, so more of its kind must be ready, or fewer "
                    f"wanted, or patience greater ({failure})"
                ) from failure
        time.sleep(_STEP)
