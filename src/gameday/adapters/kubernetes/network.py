"""``kubernetes.network``: a network policy of our own denies traffic to or from pods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from gameday.adapters.kubernetes import fields, paths
from gameday.adapters.kubernetes.claim import ID, LABELS, Claim
from gameday.adapters.kubernetes.cluster import Cluster, Object
from gameday.adapters.kubernetes.fault import Case, KubernetesFault, wait_for
from gameday.adapters.kubernetes.labels import match_labels
from gameday.adapters.kubernetes.owners import makers
from gameday.adapters.kubernetes.reach import reaches
from gameday.adapters.kubernetes.readiness import names, ready
from gameday.engine.faults import FaultFailure, FaultMissing, FaultRejected, FaultStillPresent

ENFORCED_WITHIN = 10
"""Seconds in which a network has taken a policy up: each node does so by itself, some time after
the API server has it."""
_TYPES = {"both": ["Ingress", "Egress"], "ingress": ["Ingress"], "egress": ["Egress"]}


class NetworkFault(KubernetesFault):
    """Arguments: selector (equalities only); direction; max_targets; witness: selector of pods that
    can tell, and ``connect``, the host:port they reach while the fault is out and must not reach
    while it is in. Without a witness nobody knows whether this cluster enforces policies at all.
    """

    type: ClassVar[str] = "kubernetes.network"
    fields: ClassVar[Sequence[fields.Field]] = (
        *fields.COMMON,
        fields.selector(),
        fields.one_of("direction", tuple(_TYPES), "both"),
        fields.whole("max_targets", 1, 1000, default=10),
        fields.mapping("witness"),
    )

    def problems(self, arguments: Mapping[str, Any]) -> Sequence[tuple[tuple[str, ...], str]]:
        """Every mistake in the arguments, each with its path."""
        found = list(super().problems(arguments))
        witness = arguments.get("witness")
        if isinstance(witness, Mapping):
            found += [
                (("witness", key), "is needed")
                for key in ("selector", "connect")
                if not witness.get(key)
            ]
        selector = arguments.get("selector")
        if isinstance(selector, str) and "${" not in selector and not match_labels(selector):
            found.append((("selector",), "a policy needs equalities only, such as app=checkout"))
        return found

    def target(self, given: Mapping[str, Any]) -> str:
        """The selector."""
        return f"kubernetes/{given['namespace']}/network/{given['selector']}"

    def radius(self, given: Mapping[str, Any]) -> str:
        """Which traffic."""
        return f"{given['direction']} traffic of the pods {given['selector']} is denied"

    def identities(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, str]:
        """What makes its pods."""
        return makers(cluster, given["namespace"], given["selector"])

    def look(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, Any]:
        """The pods it will hit; the witness must reach its goal now, or it could prove nothing."""
        path = paths.of("pods", given["namespace"])
        pods = [pod for pod in cluster.list(path, given["selector"]) if ready(pod)]
        if not pods:
            raise FaultRejected(f"{self.target(given)} matches no pod that is ready")
        if len(pods) > given["max_targets"]:
            raise FaultRejected(
                f"{len(pods)} pods ({names(pods)}) are more than max_targets {given['max_targets']}"
            )
        witness = given["witness"]
        if witness and not reaches(cluster, given["namespace"], witness):
            raise FaultRejected(f"the witness does not reach {witness['connect']} even now")
        exact = [f"{self.target(given)}/{pod['metadata']['name']}" for pod in pods]
        return {"targets": exact, "same": {}}

    def change(self, case: Case, claim: Claim) -> None:
        """Create the policy; it is owned by the claim, so it cannot outlast it."""
        body = {
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {
                "name": self._name(case),
                "namespace": case.given["namespace"],
                "labels": LABELS,
                "annotations": {ID: case.id},
                "ownerReferences": [claim.owner],
            },
            "spec": {
                "podSelector": {"matchLabels": match_labels(case.given["selector"])},
                "policyTypes": _TYPES[case.given["direction"]],
            },
        }
        case.cluster.create(paths.of("networkpolicies", case.given["namespace"]), body)

    def changed(self, case: Case) -> str:
        """The policy is there, and the witness is cut off."""
        if not self._ours(case):
            raise FaultMissing(f"there is no policy {self._name(case)}")
        witness = case.given["witness"]
        if not witness:
            return f"policy {self._name(case)} is there; nobody looked whether it is enforced"
        return wait_for(lambda: self._cut_off(case), ENFORCED_WITHIN, FaultMissing)

    def _cut_off(self, case: Case) -> str:
        witness = case.given["witness"]
        if reaches(case.cluster, case.given["namespace"], witness):
            raise FaultMissing(
                f"policy {self._name(case)} is there for {ENFORCED_WITHIN} s, and the witness "
                f"still reaches {witness['connect']}: this cluster's network does not enforce "
                "policies"
            )
        return f"the witness no longer reaches {witness['connect']}"

    def restore(self, case: Case) -> None:
        """Delete the policy."""
        found = self._ours(case)
        if found:
            case.cluster.delete(self._path(case), uid=found["metadata"]["uid"])

    def restored(self, case: Case) -> str:
        """It is gone, and the witness reaches its goal."""
        if self._ours(case):
            raise FaultStillPresent(f"policy {self._name(case)} is still there")
        witness = case.given["witness"]
        if not witness:
            return f"policy {self._name(case)} is gone"
        try:
            passes = reaches(case.cluster, case.given["namespace"], witness)
        except FaultFailure as failure:
            raise FaultStillPresent(f"the witness cannot tell: {failure}") from failure
        if not passes:
            raise FaultStillPresent(f"the witness does not reach {witness['connect']}")
        return f"policy {self._name(case)} is gone, and the witness reaches {witness['connect']}"

    def _name(self, case: Case) -> str:
        return f"gameday-deny-{case.id}"

    def _path(self, case: Case) -> str:
        return paths.of("networkpolicies", case.given["namespace"], self._name(case))

    def _ours(self, case: Case) -> Object | None:
        return case.cluster.get(self._path(case))
