"""A rollout is taken out field by field: what others do to the deployment meanwhile stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gameday.adapters.kubernetes.fault import Case
from gameday.adapters.kubernetes.rollout import RolloutFault
from gameday.engine.faults import FaultStillPresent
from tests.adapters.kubernetes.fake_cluster import WHERE, FakeCluster

APPS = "/apis/apps/v1/namespaces/shop"
CHECKOUT = f"{APPS}/deployments/checkout"
SECRET = {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "token", "key": "it"}}}
GOOD = {
    "name": "app",
    "image": "shop:1",
    "env": [{"name": "POOL", "value": "10"}, SECRET, {"name": "URL", "value": "http://$(POOL)"}],
}
SIDECAR = {"name": "sidecar", "image": "shop:1"}
LIMITS = {"limits": {"memory": "256Mi"}}
Containers = list[dict[str, Any]]
ALL = {"image": "shop:bad", "env": {"POOL": 0, "TOKEN": "x", "DEBUG": "yes"}}
"""An image, a value, one that came from elsewhere, one that was not there."""


def broken(cluster: FakeCluster, **bad: Any) -> tuple[dict[str, Any], Any]:
    """A deployment with the fault in: arguments and prior."""
    template = {"spec": {"containers": [GOOD, SIDECAR]}}
    body = {"metadata": {"name": "checkout"}, "spec": {"replicas": 1, "template": template}}
    cluster.create(f"{APPS}/deployments", body)
    arguments = {**WHERE, "name": "checkout", **bad}
    prior = RolloutFault().capture(arguments)
    RolloutFault().inject(arguments)
    assert RolloutFault().verify_injected(arguments, prior)
    return arguments, prior


def containers(cluster: FakeCluster) -> Containers:
    now = cluster.get(CHECKOUT)
    assert now is not None
    found: Containers = now["spec"]["template"]["spec"]["containers"]
    return found


def change(cluster: FakeCluster, how: Callable[[Containers], object]) -> None:
    """Somebody changes the containers by hand."""
    now = containers(cluster)
    how(now)
    cluster.patch(CHECKOUT, {"spec": {"template": {"spec": {"containers": now}}}})


def replica_set(cluster: FakeCluster, name: str) -> str:
    """What the controller makes of the deployment as it is; returns its path."""
    now = cluster.get(CHECKOUT)
    assert now is not None
    above = {"kind": "Deployment", "uid": now["metadata"]["uid"], "controller": True}
    meta = {"name": name, "ownerReferences": [above]}
    spec = {"template": now["spec"]["template"]}
    cluster.create(f"{APPS}/replicasets", {"metadata": meta, "spec": spec})
    return f"{APPS}/replicasets/{name}"


def test_all_is_as_before_when_nobody_has_touched_it(cluster: FakeCluster) -> None:
    arguments, prior = broken(cluster, **ALL)
    assert containers(cluster) == [
        {
            "name": "app",
            "image": "shop:bad",
            "env": [
                {"name": "POOL", "value": "0"},
                {"name": "TOKEN", "value": "x"},
                GOOD["env"][2],
                {"name": "DEBUG", "value": "yes"},
            ],
        },
        SIDECAR,
    ]
    for _ in range(2):
        RolloutFault().undo(arguments, prior)
        assert RolloutFault().verify_undone(arguments, prior)
    assert containers(cluster) == [GOOD, SIDECAR]


def test_what_is_bad_comes_out_and_what_somebody_has_changed_beside_it_stays(
    cluster: FakeCluster,
) -> None:
    arguments, prior = broken(cluster, **ALL)
    first = replica_set(cluster, "first")
    change(cluster, lambda now: now[0].update(resources=LIMITS))
    change(cluster, lambda now: now[0]["env"].append({"name": "NEW", "value": "1"}))
    second = replica_set(cluster, "second")
    with pytest.raises(FaultStillPresent, match="is bad"):
        RolloutFault().restored(case(cluster, arguments, prior))
    RolloutFault().undo(arguments, prior)
    assert RolloutFault().verify_undone(arguments, prior)
    env = [*GOOD["env"], {"name": "NEW", "value": "1"}]
    assert containers(cluster) == [{**GOOD, "env": env, "resources": LIMITS}, SIDECAR]
    assert cluster.get(first) is cluster.get(second) is None, "somebody may roll back to it"


def test_what_is_bad_without_a_mark_is_not_undone(cluster: FakeCluster) -> None:
    arguments, prior = broken(cluster, env={"POOL": "0"})
    change(cluster, lambda now: now[0].update(resources=LIMITS))
    cluster.patch(CHECKOUT, {"metadata": {"labels": None}})
    with pytest.raises(FaultStillPresent, match="is bad"):
        RolloutFault().restored(case(cluster, arguments, prior))


def test_whoever_has_put_back_the_good_himself_is_left_alone(cluster: FakeCluster) -> None:
    arguments, prior = broken(cluster, image="shop:bad", env={"POOL": "0"})
    change(cluster, lambda now: now[0].update(image="shop:2"))
    RolloutFault().undo(arguments, prior)
    assert RolloutFault().verify_undone(arguments, prior)
    assert containers(cluster) == [{**GOOD, "image": "shop:2"}, SIDECAR]


def test_an_empty_value_is_seen_as_the_api_server_tells_it(cluster: FakeCluster) -> None:
    arguments, prior = broken(cluster, env={"POOL": ""})
    change(cluster, lambda now: now[0]["env"][0].pop("value"))
    assert RolloutFault().verify_injected(arguments, prior)
    RolloutFault().undo(arguments, prior)
    assert RolloutFault().verify_undone(arguments, prior)
    assert containers(cluster) == [GOOD, SIDECAR]


def test_a_container_that_is_gone_has_nothing_bad_in_it(cluster: FakeCluster) -> None:
    arguments, prior = broken(cluster, container="sidecar", env={"POOL": "0"})
    change(cluster, lambda now: now.pop())
    RolloutFault().undo(arguments, prior)
    assert RolloutFault().verify_undone(arguments, prior)
    assert containers(cluster) == [GOOD]


def case(cluster: FakeCluster, arguments: dict[str, Any], prior: Any) -> Case:
    given = {"container": None, "image": None, "env": None, **arguments}
    return Case(cluster, given, prior)  # type: ignore[arg-type]
