"""``kubernetes.scale``: a deployment or stateful set gets another number of replicas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from gameday.adapters.kubernetes import fields, paths
from gameday.adapters.kubernetes.claim import Claim
from gameday.adapters.kubernetes.cluster import Cluster, Object
from gameday.adapters.kubernetes.fault import Case, KubernetesFault, marked, patch_marked, unmark
from gameday.adapters.kubernetes.owners import uid_of
from gameday.adapters.kubernetes.readiness import readiness
from gameday.engine.faults import FaultMissing, FaultRejected, FaultStillPresent

MARK = "gameday.dev/scale"


class ScaleFault(KubernetesFault):
    """Arguments: kind, name, replicas, min_left (replicas that must stay, 0 unless given)."""

    type: ClassVar[str] = "kubernetes.scale"
    fields: ClassVar[Sequence[fields.Field]] = (
        *fields.COMMON,
        fields.one_of("kind", ("deployments", "statefulsets"), "deployments"),
        fields.name("name"),
        fields.whole("replicas", 0, 1000, required=True),
        fields.whole("min_left", 0, 1000, default=0),
    )

    def target(self, given: Mapping[str, Any]) -> str:
        """The controller."""
        return f"kubernetes/{given['namespace']}/{given['kind']}/{given['name']}"

    def radius(self, given: Mapping[str, Any]) -> str:
        """How many replicas it will have."""
        return f"{given['kind'][:-1]} {given['name']!r} has {given['replicas']} replicas"

    def identities(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, str]:
        """The object itself."""
        return uid_of(cluster, self._path(given))

    def look(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, Any]:
        """Its replicas, and which one it is."""
        now = self._now(cluster, given)
        if now is None:
            raise FaultRejected(f"there is no {self.target(given)}")
        replicas = int(now["spec"].get("replicas", 1))
        if replicas == given["replicas"]:
            raise FaultRejected(
                f"{self.target(given)} has {replicas} replicas already: this would change nothing"
            )
        if given["replicas"] < given["min_left"]:
            raise FaultRejected(
                f"{given['replicas']} replicas are fewer than min_left {given['min_left']}"
            )
        meta = now["metadata"]
        return {
            "replicas": replicas,
            "same": {"uid": meta["uid"], "replicas": replicas},
        }

    def change(self, case: Case, claim: Claim) -> None:
        """Scale it."""
        now = self._now(case.cluster, case.given)
        if now is None:
            raise FaultRejected(f"{self.target(case.given)} is gone")
        change = {"spec": {"replicas": case.given["replicas"]}}
        patch_marked(case, self._path(case.given), now, change, MARK)

    def changed(self, case: Case) -> str:
        """It has the replicas."""
        target, replicas = self.target(case.given), case.given["replicas"]
        now = self._now(case.cluster, case.given)
        if now is None or now["spec"].get("replicas") != replicas:
            raise FaultMissing(f"{target} does not have {replicas} replicas")
        return f"{target} is scaled to {replicas}"

    def restore(self, case: Case) -> None:
        """The replicas it had; where somebody has scaled it since, theirs."""

        def inverse(now: Object) -> Object:
            ours = now["spec"].get("replicas") == case.given["replicas"]
            return {"spec": {"replicas": case.prior["replicas"]}} if ours else {}

        unmark(case, self._path(case.given), inverse, MARK)

    def restored(self, case: Case) -> str:
        """No mark of ours, and as many ready as it wants."""
        target = self.target(case.given)
        now = self._now(case.cluster, case.given)
        if now is None:
            raise FaultStillPresent(f"{target} is gone, which proves nothing")
        if marked(case, now, MARK):
            raise FaultStillPresent(f"{target} is still scaled")
        return f"{target}: {readiness(now)}"

    def _path(self, given: Mapping[str, Any]) -> str:
        return paths.of(given["kind"], given["namespace"], given["name"])

    def _now(self, cluster: Cluster, given: Mapping[str, Any]) -> Object | None:
        return cluster.get(self._path(given))
