"""``kubernetes.toxiproxy``: Toxiproxy is put in front of a Service of the user's own.

The Service keeps its name and address. Its selector leads to a Toxiproxy for the while, which
passes everything on to a second Service that selects what the first one did. Toxics are then put
on that Toxiproxy like on any other.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from gameday.adapters.kubernetes import fields, paths
from gameday.adapters.kubernetes.claim import ID, Claim
from gameday.adapters.kubernetes.cluster import Cluster, ClusterFailure, Object
from gameday.adapters.kubernetes.fault import (
    Case,
    KubernetesFault,
    marked,
    patch_marked,
    unmark,
    wait_for,
)
from gameday.adapters.kubernetes.manifests import IMAGE, PROXY, front, leading_ports
from gameday.adapters.kubernetes.owners import uid_of
from gameday.adapters.kubernetes.readiness import readiness
from gameday.engine.faults import FaultMissing, FaultRejected, FaultStillPresent

MARK = "gameday.dev/toxiproxy"


class InterposeFault(KubernetesFault):
    """Arguments: service, image of Toxiproxy. Traffic passes as before until a toxic is added."""

    type: ClassVar[str] = "kubernetes.toxiproxy"
    fields: ClassVar[Sequence[fields.Field]] = (
        *fields.COMMON,
        fields.name("service"),
        fields.text("image", required=False, default=IMAGE),
    )

    def target(self, given: Mapping[str, Any]) -> str:
        """The Service."""
        return f"kubernetes/{given['namespace']}/services/{given['service']}"

    def radius(self, given: Mapping[str, Any]) -> str:
        """All of its traffic."""
        return f"all traffic of Service {given['service']!r} passes a Toxiproxy"

    def identities(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, str]:
        """The Service itself."""
        return uid_of(cluster, self._path(given))

    def look(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, Any]:
        """Its selector and ports; TCP only, and one that selects pods."""
        now, spec = frontable(cluster, given["namespace"], given["service"])
        return {
            "selector": spec["selector"],
            "ports": spec["ports"],
            "same": {"uid": now["metadata"]["uid"], "selector": spec["selector"]},
        }

    def change(self, case: Case, claim: Claim) -> None:
        """Everything behind it first, proved ready; the Service itself last, in one request."""
        given, prior = case.given, case.prior
        now = case.cluster.get(self._path(given))
        if now is None:
            raise FaultRejected(f"{self.target(given)} is gone")
        for collection, body in front(
            given["service"], given["namespace"], prior["ports"], prior["selector"], given["image"]
        ):
            body["metadata"]["ownerReferences"] = [claim.owner]
            body["metadata"]["annotations"] = {ID: case.id}
            _create(case.cluster, paths.of(collection, given["namespace"]), body)
        proxy = paths.of("deployments", given["namespace"], _name(given))
        wait_for(lambda: readiness(case.cluster.get(proxy) or _NOTHING))
        gone: Object = dict.fromkeys(prior["selector"])
        selector = {**gone, PROXY: given["service"]}
        change = {"spec": {"selector": selector, "ports": leading_ports(prior["ports"])}}
        patch_marked(case, self._path(given), now, change, MARK)

    def changed(self, case: Case) -> str:
        """It leads to the proxy."""
        now = case.cluster.get(self._path(case.given))
        if now is None or not marked(case, now, MARK):
            raise FaultMissing(f"{self.target(case.given)} does not lead to a Toxiproxy")
        return f"{self.target(case.given)} leads to {_name(case.given)}"

    def restore(self, case: Case) -> None:
        """The Service first; nothing that it still leads to is removed before. Whoever has led it
        elsewhere meanwhile is not undone."""
        unmark(case, self._path(case.given), lambda now: _led_back(case, now["spec"]), MARK)
        for path, found in _ours(case):
            case.cluster.delete(path, uid=found["metadata"]["uid"])

    def restored(self, case: Case) -> str:
        """It does not select the proxy, has endpoints, and nothing of ours is left."""
        target = self.target(case.given)
        now = case.cluster.get(self._path(case.given))
        if now is None:
            raise FaultStillPresent(f"{target} is gone, which proves nothing")
        selector = now["spec"].get("selector") or {}
        if marked(case, now, MARK) or PROXY in selector:
            raise FaultStillPresent(f"{target} still leads to the Toxiproxy")
        for path, _ in _ours(case):
            raise FaultStillPresent(f"{path} is still there")
        path = paths.of("endpoints", case.given["namespace"], case.given["service"])
        ends = (case.cluster.get(path) or {}).get("subsets") or ()
        ready = sum(len(subset.get("addresses") or ()) for subset in ends)
        if not ready:
            raise FaultStillPresent(f"{target} has no endpoint that is ready")
        whose = "it did" if selector == case.prior["selector"] else "somebody gave it since"
        return f"{target} selects what {whose}, with {ready} endpoints ready"

    def _path(self, given: Mapping[str, Any]) -> str:
        return paths.of("services", given["namespace"], given["service"])


def _led_back(case: Case, now: Object) -> Object:
    """The change that takes the proxy out of a Service: all as before where nobody has touched it,
    else what somebody gave it since, as it would be without the proxy."""
    selector, prior = now.get("selector") or {}, case.prior
    if PROXY not in selector:
        return {"spec": {"ports": _ports_back(prior["ports"], now["ports"])}}
    given = {key: value for key, value in selector.items() if key != PROXY}
    # given in a patch that named only what differs: the rest is what was there before
    back = {PROXY: None, **prior["selector"], **given}
    return {"spec": {"selector": back, "ports": _ports_back(prior["ports"], now["ports"])}}


def _ports_back(prior: Sequence[Object], now: Sequence[Object]) -> list[Object]:
    """Those that still lead to the proxy lead where they did; the others are left as they are."""
    pairs = zip(leading_ports(prior), prior, strict=True)
    led_to = {(led["port"], led["targetPort"]): before["targetPort"] for led, before in pairs}
    return [
        {**one, "targetPort": led_to.get((one["port"], one["targetPort"]), one["targetPort"])}
        for one in now
    ]


def frontable(cluster: Cluster, namespace: str, service: str) -> tuple[Object, Object]:
    """A Service that a Toxiproxy can be put in front of, and its spec; raises FaultRejected."""
    target = f"kubernetes/{namespace}/services/{service}"
    now = cluster.get(paths.of("services", namespace, service))
    if now is None:
        raise FaultRejected(f"there is no {target}")
    spec: Object = now["spec"]
    if not spec.get("selector"):
        raise FaultRejected(f"{target} selects no pods: there is no way back")
    other = [port for port in spec["ports"] if port.get("protocol", "TCP") != "TCP"]
    if other or spec.get("clusterIP") == "None":
        raise FaultRejected(f"{target} is headless or not all TCP")
    if PROXY in spec["selector"]:
        raise FaultRejected(f"{target} leads to a Toxiproxy already")
    return now, spec


_NOTHING: Object = json.loads('{"metadata": {}, "spec": {}, "status": {}}')


def _name(given: Mapping[str, Any]) -> str:
    return f"toxiproxy-{given['service']}"


def _ours(case: Case) -> Iterator[tuple[str, Object]]:
    """What this fault has created and is there still; what others have so named is theirs."""
    for collection, name in _created(case.given):
        path = paths.of(collection, case.given["namespace"], name)
        found = case.cluster.get(path)
        if found and (found["metadata"].get("annotations") or {}).get(ID) == case.id:
            yield path, found


def _created(given: Mapping[str, Any]) -> list[tuple[str, str]]:
    name = _name(given)
    return [
        ("deployments", name),
        ("configmaps", name),
        ("services", name),
        ("services", f"{given['service']}-direct"),
    ]


def _create(cluster: Cluster, path: str, body: Object) -> None:
    try:
        cluster.create(path, body)
    except ClusterFailure as failure:
        if failure.status == 409:
            raise FaultRejected(
                f"{path}/{body['metadata']['name']} is there already: remove it first"
            ) from failure
        raise
