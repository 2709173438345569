"""``kubernetes.rollout``: a bad image or bad settings are rolled out, as a deploy would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any, ClassVar

from gameday.adapters.kubernetes import fields, paths
from gameday.adapters.kubernetes.claim import Claim
from gameday.adapters.kubernetes.cluster import Cluster, Object
from gameday.adapters.kubernetes.fault import Case, KubernetesFault, marked, patch_marked, unmark
from gameday.adapters.kubernetes.owners import owner, uid_of
from gameday.adapters.kubernetes.readiness import readiness
from gameday.engine.faults import FaultMissing, FaultRejected, FaultStillPresent

MARK = "gameday.dev/rollout"


class RolloutFault(KubernetesFault):
    """Arguments: name of the deployment, container (its first unless given), image, or env, a
    mapping of variables to bad values, or both."""

    type: ClassVar[str] = "kubernetes.rollout"
    fields: ClassVar[Sequence[fields.Field]] = (
        *fields.COMMON,
        fields.name("name"),
        fields.name("container", required=False),
        fields.text("image", required=False),
        fields.mapping("env"),
    )

    def problems(self, arguments: Mapping[str, Any]) -> Sequence[tuple[tuple[str, ...], str]]:
        """Every mistake in the arguments, each with its path."""
        found = list(super().problems(arguments))
        if arguments.get("image") is None and arguments.get("env") is None:
            found.append((("image",), "say image, env or both"))
        return found

    def target(self, given: Mapping[str, Any]) -> str:
        """The deployment."""
        return f"kubernetes/{given['namespace']}/deployments/{given['name']}"

    def radius(self, given: Mapping[str, Any]) -> str:
        """What is rolled out."""
        settings = [f"{key}={value}" for key, value in (given["env"] or {}).items()]
        what = ", ".join([*([f"image {given['image']}"] if given["image"] else []), *settings])
        return f"deployment {given['name']!r} is rolled out with {what}"

    def identities(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, str]:
        """The deployment itself."""
        return uid_of(cluster, self._path(given))

    def look(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, Any]:
        """Its containers, and the replica sets it has."""
        now = cluster.get(self._path(given))
        if now is None:
            raise FaultRejected(f"there is no {self.target(given)}")
        containers = now["spec"]["template"]["spec"]["containers"]
        bad = _bad(containers, given)
        if bad == containers:
            raise FaultRejected(f"{self.target(given)} is so already: this would change nothing")
        sets = [one["metadata"]["uid"] for one in _replica_sets(cluster, given, now)]
        uid = now["metadata"]["uid"]
        return {
            "containers": containers,
            "bad": bad,
            "sets": sets,
            "same": {"uid": uid, "containers": containers},
        }

    def change(self, case: Case, claim: Claim) -> None:
        """Roll it out."""
        now = case.cluster.get(self._path(case.given))
        if now is None:
            raise FaultRejected(f"{self.target(case.given)} is gone")
        patch_marked(case, self._path(case.given), now, _template(case.prior["bad"]), MARK)

    def changed(self, case: Case) -> str:
        """It is what the deployment says."""
        now = case.cluster.get(self._path(case.given))
        if now is None or not _same(now, case.prior["bad"]):
            raise FaultMissing(f"{self.target(case.given)} has not been rolled out so")
        return f"{self.target(case.given)}: {self.radius(case.given)}"

    def restore(self, case: Case) -> None:
        """Roll back, unless somebody has rolled on or back since, and remove the bad replica set:
        nobody should ever roll back to it."""

        def inverse(now: Object) -> Object:
            return _template(case.prior["containers"]) if _same(now, case.prior["bad"]) else {}

        unmark(case, self._path(case.given), inverse, MARK)
        now = case.cluster.get(self._path(case.given))
        for bad in _replica_sets(case.cluster, case.given, now) if now else ():
            meta = bad["metadata"]
            if meta["uid"] not in case.prior["sets"] and _same(bad, case.prior["bad"]):
                path = paths.of("replicasets", case.given["namespace"], meta["name"])
                case.cluster.delete(path, uid=meta["uid"])

    def restored(self, case: Case) -> str:
        """No mark of ours, the bad replica set is gone, and what it wants is ready."""
        target = self.target(case.given)
        now = case.cluster.get(self._path(case.given))
        if now is None:
            raise FaultStillPresent(f"{target} is gone, which proves nothing")
        if marked(case, now, MARK) or _same(now, case.prior["bad"]):
            raise FaultStillPresent(f"{target} is still rolled out with what is bad")
        for one in _replica_sets(case.cluster, case.given, now):
            if one["metadata"]["uid"] not in case.prior["sets"] and _same(one, case.prior["bad"]):
                raise FaultStillPresent(f"{target}: its bad replica set is still there")
        return f"{target}: {readiness(now)}"

    def _path(self, given: Mapping[str, Any]) -> str:
        return paths.of("deployments", given["namespace"], given["name"])


def _template(containers: Sequence[Object]) -> Object:
    return {"spec": {"template": {"spec": {"containers": list(containers)}}}}


def _same(now: Object, containers: Sequence[Object]) -> bool:
    return bool(now["spec"]["template"]["spec"]["containers"] == containers)


def _bad(containers: Sequence[Object], given: Mapping[str, Any]) -> list[Object]:
    """The containers with what is to be rolled out; raises FaultRejected without the named one."""
    found = deepcopy(list(containers))
    chosen = next((c for c in found if given["container"] in (None, c["name"])), None)
    if chosen is None:
        there = ", ".join(c["name"] for c in containers)
        raise FaultRejected(f"there is no container {given['container']!r}: there are {there}")
    if given["image"]:
        chosen["image"] = given["image"]
    for key, value in (given["env"] or {}).items():
        kept = [one for one in chosen.get("env") or () if one["name"] != key]
        chosen["env"] = [*kept, {"name": key, "value": str(value)}]
    return found


def _replica_sets(cluster: Cluster, given: Mapping[str, Any], deployment: Object) -> list[Object]:
    uid = deployment["metadata"]["uid"]
    found = cluster.list(paths.of("replicasets", given["namespace"]))
    return [one for one in found if (above := owner(one)) is not None and above["uid"] == uid]
