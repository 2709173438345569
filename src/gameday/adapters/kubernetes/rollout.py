"""``kubernetes.rollout``: a bad image or bad settings are rolled out, as a deploy would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from gameday.adapters.kubernetes import fields, paths
from gameday.adapters.kubernetes.claim import Claim
from gameday.adapters.kubernetes.cluster import Cluster, Object
from gameday.adapters.kubernetes.fault import Case, KubernetesFault, marked, patch_marked, unmark
from gameday.adapters.kubernetes.owners import owner, uid_of
from gameday.adapters.kubernetes.readiness import readiness
from gameday.adapters.kubernetes.rollout_settings import containers, mended, spoilt
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
        good = containers(now)
        bad = spoilt(good, given)
        if bad == good:
            raise FaultRejected(f"{self.target(given)} is so already: this would change nothing")
        sets = [one["metadata"]["uid"] for one in _replica_sets(cluster, given, now)]
        uid = now["metadata"]["uid"]
        return {
            "containers": good,
            "bad": bad,
            "sets": sets,
            "same": {"uid": uid, "containers": good},
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
        if now is None or spoilt(containers(now), case.given) != containers(now):
            raise FaultMissing(f"{self.target(case.given)} has not been rolled out so")
        return f"{self.target(case.given)}: {self.radius(case.given)}"

    def restore(self, case: Case) -> None:
        """Roll back what is still bad and nothing else, and remove the bad replica sets: nobody
        should ever roll back to them."""

        def inverse(now: Object) -> Object:
            return _template(_good(case, now)) if _is_bad(case, now) else {}

        unmark(case, self._path(case.given), inverse, MARK)
        now = case.cluster.get(self._path(case.given))
        if now is None or _is_bad(case, now):  # what is in use is made again at once
            return
        for bad in _bad_sets(case, now):
            meta = bad["metadata"]
            path = paths.of("replicasets", case.given["namespace"], meta["name"])
            case.cluster.delete(path, uid=meta["uid"])

    def restored(self, case: Case) -> str:
        """No mark of ours, nothing bad, no bad replica set, and what it wants is ready."""
        target = self.target(case.given)
        now = case.cluster.get(self._path(case.given))
        if now is None:
            raise FaultStillPresent(f"{target} is gone, which proves nothing")
        if marked(case, now, MARK) or _is_bad(case, now):
            raise FaultStillPresent(f"{target} is still rolled out with what is bad")
        if _bad_sets(case, now):
            raise FaultStillPresent(f"{target}: its bad replica set is still there")
        return f"{target}: {readiness(now)}"

    def _path(self, given: Mapping[str, Any]) -> str:
        return paths.of("deployments", given["namespace"], given["name"])


def _template(wanted: Sequence[Object]) -> Object:
    return {"spec": {"template": {"spec": {"containers": list(wanted)}}}}


def _good(case: Case, now: Object) -> list[Object]:
    return mended(containers(now), case.prior["containers"], case.given)


def _is_bad(case: Case, now: Object) -> bool:
    return _good(case, now) != containers(now)


def _bad_sets(case: Case, deployment: Object) -> list[Object]:
    """Those made since the fault went in, each time anything beside what is bad was changed."""
    found = _replica_sets(case.cluster, case.given, deployment)
    return [
        one
        for one in found
        if one["metadata"]["uid"] not in case.prior["sets"] and _is_bad(case, one)
    ]


def _replica_sets(cluster: Cluster, given: Mapping[str, Any], deployment: Object) -> list[Object]:
    uid = deployment["metadata"]["uid"]
    found = cluster.list(paths.of("replicasets", given["namespace"]))
    return [one for one in found if (above := owner(one)) is not None and above["uid"] == uid]
