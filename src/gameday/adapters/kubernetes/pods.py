"""``kubernetes.pods``: pods of a selector are killed; their controllers make new ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from gameday.adapters.kubernetes import fields, paths
from gameday.adapters.kubernetes.claim import Claim
from gameday.adapters.kubernetes.cluster import Cluster, Object
from gameday.adapters.kubernetes.fault import Case, KubernetesFault
from gameday.adapters.kubernetes.owners import controllers, makers
from gameday.adapters.kubernetes.readiness import age, names, readiness, ready
from gameday.engine.faults import FaultMissing, FaultRejected, FaultStillPresent


class PodsFault(KubernetesFault):
    """Arguments: selector; count or percentage (of those that run); max_targets; min_left, how
    many must stay ready (1 unless given; 0 kills all); grace, seconds a pod is given to end."""

    type: ClassVar[str] = "kubernetes.pods"
    fields: ClassVar[Sequence[fields.Field]] = (
        *fields.COMMON,
        fields.selector(),
        fields.whole("count", 1, 1000),
        fields.whole("percentage", 1, 100),
        fields.whole("max_targets", 1, 1000, default=10),
        fields.whole("min_left", 0, 1000, default=1),
        fields.whole("grace", 0, 3600),
    )

    def problems(self, arguments: Mapping[str, Any]) -> Sequence[tuple[tuple[str, ...], str]]:
        """Every mistake in the arguments, each with its path."""
        found = list(super().problems(arguments))
        if (arguments.get("count") is None) == (arguments.get("percentage") is None):
            found.append((("count",), "say either count or percentage"))
        return found

    def target(self, given: Mapping[str, Any]) -> str:
        """The selector."""
        return f"kubernetes/{given['namespace']}/pods/{given['selector']}"

    def radius(self, given: Mapping[str, Any]) -> str:
        """How many of them."""
        share = given["count"] or f"{given['percentage']} %"
        return f"{share} of the pods {given['selector']} in {given['namespace']} are killed"

    def identities(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, str]:
        """What makes its pods."""
        return makers(cluster, given["namespace"], given["selector"])

    def look(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, Any]:
        """Which pods there are and which of them are to be killed."""
        path = paths.of("pods", given["namespace"])
        running = [pod for pod in cluster.list(path, given["selector"]) if ready(pod)]
        if not running:
            raise FaultRejected(f"{self.target(given)} matches no pod that is ready")
        above = controllers(cluster, given["namespace"], running)
        chosen = _chosen(running, _count(given, len(running)), given)
        return {
            "targets": [f"{self.target(given)}/{pod['metadata']['name']}" for pod in chosen],
            "pods": {pod["metadata"]["name"]: pod["metadata"]["uid"] for pod in chosen},
            "controllers": above,
            "ready": len(running),
            "same": above,
        }

    def change(self, case: Case, claim: Claim) -> None:
        """Kill those very pods, and no other that has come meanwhile."""
        for name, uid in case.prior["pods"].items():
            path = paths.of("pods", case.given["namespace"], name)
            case.cluster.delete(path, uid=uid, grace=case.given["grace"])

    def changed(self, case: Case) -> str:
        """They are gone, or on their way."""
        there = [pod for pod in self._now(case) if _is_chosen(case, pod) and ready(pod)]
        if there:
            raise FaultMissing(f"not killed: {names(there)}")
        return f"killed: {', '.join(case.prior['pods'])}"

    def restore(self, case: Case) -> None:
        """Their controllers do it."""

    def restored(self, case: Case) -> str:
        """Every controller has as many ready as it wants, and nobody is on the way out."""
        going = [pod for pod in self._now(case) if pod["metadata"].get("deletionTimestamp")]
        if going:
            raise FaultStillPresent(f"still on their way out: {names(going)}")
        proofs = []
        for path in case.prior["controllers"]:
            now = case.cluster.get(path)
            if now is None:
                raise FaultStillPresent(f"{path} is gone, which proves nothing")
            proofs.append(f"{now['metadata']['name']}: {readiness(now)}")
        return f"{self.target(case.given)}: {'; '.join(proofs)}"

    def _now(self, case: Case) -> Sequence[Object]:
        path = paths.of("pods", case.given["namespace"])
        return case.cluster.list(path, case.given["selector"])


def _count(given: Mapping[str, Any], running: int) -> int:
    if given["count"] is not None:
        return int(given["count"])
    share: int = given["percentage"]
    return math.ceil(running * share / 100)


def _chosen(running: Sequence[Object], count: int, given: Mapping[str, Any]) -> list[Object]:
    """The oldest ones; raises FaultRejected where a limit says no."""
    if count > len(running):
        raise FaultRejected(f"{count} pods asked for, and {len(running)} are ready")
    if count > given["max_targets"]:
        raise FaultRejected(f"{count} pods are more than max_targets {given['max_targets']}")
    if len(running) - count < given["min_left"]:
        raise FaultRejected(
            f"{count} of {len(running)} ready pods would leave fewer than min_left "
            f"{given['min_left']}: say min_left: 0 to kill them all"
        )
    by_age = sorted(running, key=age)
    return by_age[:count]


def _is_chosen(case: Case, pod: Object) -> bool:
    meta = pod["metadata"]
    return bool(case.prior["pods"].get(meta["name"]) == meta["uid"])
