"""A Toxiproxy in front of a Service comes out, and nobody who led it elsewhere is led back."""

from __future__ import annotations

from typing import Any

import pytest

from gameday.adapters.kubernetes.fault import Case
from gameday.adapters.kubernetes.interpose import InterposeFault
from gameday.engine.faults import FaultStillPresent
from tests.adapters.kubernetes.fake_cluster import WHERE, FakeCluster

CORE = "/api/v1/namespaces/shop"
DB = f"{CORE}/services/db"
ARGUMENTS = {**WHERE, "service": "db"}
SQL = {"name": "sql", "port": 5432, "targetPort": 5432}
BEFORE = {"selector": {"app": "db", "role": "primary"}, "ports": [SQL]}
PROXY = "gameday.dev/proxy"


@pytest.fixture
def prior(cluster: FakeCluster) -> Any:
    """A Service with a Toxiproxy in front of it."""
    cluster.create(f"{CORE}/services", {"metadata": {"name": "db"}, "spec": BEFORE})
    ends = {"metadata": {"name": "db"}, "subsets": [{"addresses": [{"ip": "192.0.2.1"}]}]}
    cluster.create(f"{CORE}/endpoints", ends)
    found = InterposeFault().capture(ARGUMENTS)
    InterposeFault().inject(ARGUMENTS)
    assert InterposeFault().verify_injected(ARGUMENTS, found)
    assert spec(cluster) == {"selector": {PROXY: "db"}, "ports": [{**SQL, "targetPort": 20000}]}
    return found


def spec(cluster: FakeCluster) -> Any:
    now = cluster.get(DB)
    assert now is not None
    return now["spec"]


def undone(cluster: FakeCluster, prior: Any) -> str:
    """The proof; undone twice, and nothing of it is left."""
    for _ in range(2):
        InterposeFault().undo(ARGUMENTS, prior)
        proof = InterposeFault().verify_undone(ARGUMENTS, prior)
    assert sorted(cluster.objects) == [f"{CORE}/endpoints/db", DB]
    return proof


def test_all_is_as_before_when_nobody_has_touched_it(cluster: FakeCluster, prior: Any) -> None:
    assert "selects what it did" in undone(cluster, prior)
    assert spec(cluster) == BEFORE


def test_a_service_that_somebody_leads_elsewhere_stays_there(
    cluster: FakeCluster, prior: Any
) -> None:
    theirs = {"selector": {"app": "standby"}, "ports": [{**SQL, "targetPort": 5433}]}
    cluster.patch(DB, {"spec": {**theirs, "selector": {PROXY: None, "app": "standby"}}})
    assert "somebody gave it since" in undone(cluster, prior)
    assert spec(cluster) == theirs


def test_a_patch_of_the_selector_does_what_it_would_have_done_without_the_proxy(
    cluster: FakeCluster, prior: Any
) -> None:
    """A merge leaves the proxy's label beside what is new: together they select nothing."""
    cluster.patch(DB, {"spec": {"selector": {"role": "standby"}}})
    undone(cluster, prior)
    assert spec(cluster) == {"selector": {"app": "db", "role": "standby"}, "ports": [SQL]}


def test_ports_that_still_lead_to_the_proxy_lead_where_they_did(
    cluster: FakeCluster, prior: Any
) -> None:
    cluster.patch(DB, {"spec": {"selector": {PROXY: None, "app": "standby"}}})
    undone(cluster, prior)
    assert spec(cluster) == {"selector": {"app": "standby"}, "ports": [SQL]}


def test_a_service_that_leads_to_the_proxy_is_not_undone(cluster: FakeCluster, prior: Any) -> None:
    case = Case(cluster, ARGUMENTS, prior)  # type: ignore[arg-type]
    cluster.patch(DB, {"metadata": {"labels": None}})
    with pytest.raises(FaultStillPresent, match="leads to the Toxiproxy"):
        InterposeFault().restored(case)
