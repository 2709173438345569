"""What is refused, and what an undo leaves alone; each refusal says what to do."""

from __future__ import annotations

import asyncio
import copy
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml

from gameday.adapters.chaostoolkit import plugins
from gameday.adapters.kubernetes.actions import put_in
from gameday.adapters.kubernetes.cluster import Cluster, ClusterFailure
from gameday.adapters.kubernetes.janitor import recover
from gameday.adapters.kubernetes.probes import pods_in_phase, ready_ratio
from gameday.adapters.kubernetes.witness import KubernetesWitness
from gameday.engine.faults import FaultRejected, FaultStillPresent, IdentifiedFault
from tests.acceptance.program import eventually
from tests.kubernetes_faults.families import FAMILIES
from tests.kubernetes_faults.place import CONTEXT, NODE, PATIENCE, SERVER, Place, changed

pytestmark = pytest.mark.needs_cluster
WEB = {"selector": "app=web"}


def refused(name: str, arguments: dict[str, Any]) -> str:
    with pytest.raises(FaultRejected) as caught:
        plugins.fault(name).capture(arguments)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("pods", {"selector": "app=nobody", "count": 1}, "matches no pod"),
        ("pods", {**WEB, "count": 2}, "min_left"),
        ("pods", {**WEB, "count": 3, "min_left": 0}, "2 are ready"),
        ("pods", {**WEB, "count": 2, "min_left": 0, "max_targets": 1}, "max_targets"),
        ("scale", {"name": "nobody", "replicas": 1}, "there is no"),
        ("scale", {"name": "web", "replicas": 2}, "would change nothing"),
        ("scale", {"name": "web", "replicas": 0, "min_left": 1}, "min_left"),
        ("node", {"node": NODE, "min_nodes_left": 2}, "1 schedulable nodes would be left"),
        ("node", {"node": "nobody"}, "there is no node"),
        ("disk", {**WEB, "path": "/tmp", "megabytes": 1}, "on no volume"),
        ("disk", {**WEB, "path": "/data", "megabytes": 100}, "more than twice"),
        ("rollout", {"name": "web", "image": "gameday:dev"}, "would change nothing"),
        ("rollout", {"name": "web", "container": "x", "image": "y"}, "no container 'x'"),
        ("toxiproxy", {"service": "nobody"}, "there is no"),
        ("network", {"selector": "app=nobody"}, "matches no pod"),
        ("netem", {**WEB, "latency": 100}, "cannot delay its traffic"),
    ],
)
def test_a_limit_says_no(name: str, arguments: dict[str, Any], said: str, place: Place) -> None:
    place.settled()
    before = place.snapshot()
    assert said in refused(f"kubernetes.{name}", {**place.where, **arguments})
    assert not changed(before, place.snapshot())


def test_a_target_that_has_changed_since_is_refused(place: Place) -> None:
    place.settled()
    arguments = {**place.where, "name": "web", "replicas": 1}
    fault = plugins.fault("kubernetes.scale")
    fault.capture(arguments)
    place.kubectl("-n", place.name, "scale", "deployment/web", "--replicas=3")
    with pytest.raises(FaultRejected, match="has changed since"):
        fault.inject(arguments)
    assert place.get("deployment", "web")["spec"]["replicas"] == 3
    place.kubectl("-n", place.name, "scale", "deployment/web", "--replicas=2")


def test_an_undo_does_not_trample_on_what_a_responder_did(place: Place) -> None:
    place.settled()
    arguments = {**place.where, "name": "web", "replicas": 1}
    fault = plugins.fault("kubernetes.scale")
    prior = fault.capture(arguments)
    fault.inject(arguments)
    place.kubectl("-n", place.name, "scale", "deployment/web", "--replicas=3")
    fault.undo(arguments, prior)
    assert "3 of 3" in fault.verify_undone(arguments, prior)
    place.kubectl("-n", place.name, "scale", "deployment/web", "--replicas=2")


def test_what_is_bad_comes_out_of_a_deployment_that_somebody_has_changed_beside_it(
    place: Place,
) -> None:
    place.settled()
    before = place.snapshot()
    arguments = {**place.where, "name": "web", "env": {"BROKEN": "yes"}}
    fault = plugins.fault("kubernetes.rollout")
    prior = fault.capture(arguments)
    fault.inject(arguments)
    kubectl = partial(place.kubectl, "-n", place.name)
    kubectl("set", "env", "deployment/web", "OTHER=1")
    fault.undo(arguments, prior)
    assert fault.verify_undone(arguments, prior)
    (container,) = place.get("deployment", "web")["spec"]["template"]["spec"]["containers"]
    assert container["env"] == [{"name": "OTHER", "value": "1"}]
    sets = place.get("replicasets")["items"]
    assert "BROKEN" not in json.dumps([one["spec"] for one in sets])
    kubectl("set", "env", "deployment/web", "OTHER-")
    place.settled()
    sets = [one for one in place.get("replicasets")["items"] if "OTHER" in json.dumps(one["spec"])]
    kubectl("delete", "replicaset", *(one["metadata"]["name"] for one in sets))
    eventually(lambda: not changed(before, place.snapshot()), "it is not as before", PATIENCE)


def test_a_service_that_somebody_leads_elsewhere_is_not_led_back(place: Place) -> None:
    place.settled()
    kubectl = partial(place.kubectl, "-n", place.name)
    kubectl("label", "pods", "-l", "app=web", "role=standby")
    was = place.get("service", "web")["spec"]
    arguments = {**place.where, "service": "web"}
    fault = plugins.fault("kubernetes.toxiproxy")
    prior = fault.capture(arguments)
    fault.inject(arguments)
    kubectl("patch", "service", "web", "-p", '{"spec": {"selector": {"role": "standby"}}}')
    fault.undo(arguments, prior)
    assert "somebody gave it since" in fault.verify_undone(arguments, prior)
    now = place.get("service", "web")["spec"]
    assert now["selector"] == {"app": "web", "role": "standby"}
    assert now["ports"] == was["ports"]
    kubectl("patch", "service", "web", "-p", '{"spec": {"selector": {"role": null}}}')
    kubectl("label", "pods", "-l", "app=web", "role-")


def test_what_still_fills_a_disk_is_ended(place: Place) -> None:
    """Its worker has died: nobody waits for the dd, which goes on in the container."""
    place.settled()
    arguments = {**place.where, **WEB, "path": "/data", "megabytes": 5}
    fault = plugins.fault("kubernetes.disk")
    prior = fault.capture(arguments)
    file = f"/data/gameday-fill-{prior['id']}"
    inside = partial(place.kubectl, "-n", place.name, "exec", prior["pod"], "--", "sh", "-c")
    slow = "(while :; do echo; sleep 0.05; done | dd of={0} bs=1) >/dev/null 2>&1 &"
    inside(f"{slow} until [ -f {{0}} ]; do sleep 0.05; done".format(file))
    with pytest.raises(FaultStillPresent):
        fault.verify_undone(arguments, prior)
    inside(f"rm {file}")
    with pytest.raises(FaultStillPresent, match="still being filled"):
        fault.verify_undone(arguments, prior)
    fault.undo(arguments, prior)
    assert fault.verify_undone(arguments, prior)
    assert inside(f"cat /proc/[0-9]*/cmdline | grep -c of={file[:-1]}[{file[-1]}] || true") == "0\n"


def test_an_old_undo_does_not_end_a_newer_fault(place: Place) -> None:
    place.settled()
    arguments = {**place.where, "name": "web", "replicas": 1}
    fault = plugins.fault("kubernetes.scale")
    old = fault.capture(arguments)
    new = fault.capture(arguments)
    fault.inject(arguments)
    fault.undo(arguments, old)
    assert fault.verify_injected(arguments, new)
    fault.undo(arguments, new)
    assert fault.verify_undone(arguments, new)


def test_an_undo_deletes_nothing_that_others_have_so_named(place: Place) -> None:
    place.settled()
    place.kubectl("-n", place.name, "create", "service", "clusterip", "web-direct", "--tcp=80")
    before = place.snapshot()
    arguments = {**place.where, "service": "web"}
    fault = plugins.fault("kubernetes.toxiproxy")
    prior = fault.capture(arguments)
    with pytest.raises(FaultRejected, match="is there already"):
        fault.inject(arguments)
    fault.undo(arguments, prior)
    assert fault.verify_undone(arguments, prior)
    assert not changed(before, place.snapshot())
    place.kubectl("-n", place.name, "delete", "service", "web-direct")


def test_the_janitor_believes_no_claim_blindly_and_goes_on_to_the_next(
    place: Place, tmp_path: Path
) -> None:
    place.settled()
    touched = tmp_path / "touched"
    scale = {**place.where, "name": "web", "replicas": 1}
    prior = dict(plugins.fault("kubernetes.scale").capture(scale))
    signal = {"pidfile": str(touched), "restart": {"command": ["touch", str(touched)]}}
    claims = {
        "a-foreign": json.dumps({"type": "process.signal", "arguments": signal, "prior": {}}),
        "b-elsewhere": json.dumps(
            {"type": "kubernetes.scale", "arguments": {**scale, "namespace": "x"}, "prior": prior}
        ),
        "c-broken": "{",
        "d-poor": json.dumps({"type": "kubernetes.scale", "arguments": scale, "prior": {}}),
    }
    for name, undo in claims.items():
        place.kubectl("create", "-f", "-", text=json.dumps(lease(place, name, undo)))
    put_in("kubernetes.scale", scale)
    with Cluster.connect(CONTEXT, SERVER) as cluster:
        later = datetime.now(UTC) + timedelta(seconds=60)
        found = list(recover(cluster, place.name, later))
    assert [bool(one.proof) for one in found] == [False] * 4 + [True], found
    assert all(one.reason for one in found[:4])
    assert not touched.exists()
    place.kubectl("-n", place.name, "delete", "leases", "--all")


def lease(place: Place, name: str, undo: str) -> dict[str, Any]:
    """A claim as anybody may write it; it sorts before ours and has no time in it."""
    return {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": name,
            "namespace": place.name,
            "labels": {"app.kubernetes.io/managed-by": "gameday"},
            "annotations": {"gameday.dev/id": "0", "gameday.dev/undo": undo},
        },
        "spec": {},
    }


# --- the connection -------------------------------------------------------------------


@pytest.fixture
def config(kubeconfig: str, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The kubeconfig as it may have been changed: written back for the test's calls."""
    before = os.environ["KUBECONFIG"]
    os.environ["KUBECONFIG"] = str(tmp_path / "config")
    yield yaml.safe_load(Path(kubeconfig).read_text())
    os.environ["KUBECONFIG"] = before


def use(config: dict[str, Any]) -> None:
    Path(os.environ["KUBECONFIG"]).write_text(json.dumps(config))


def scale(place: Place, **other: Any) -> dict[str, Any]:
    return {**place.where, "name": "web", "replicas": 1, **other}


def test_another_context_or_server_is_refused(place: Place) -> None:
    assert "no Kubernetes context" in refused("kubernetes.scale", scale(place, context="prod"))
    elsewhere = scale(place, api_server="https://127.0.0.1:7443")
    assert "leads to" in refused("kubernetes.scale", elsewhere)


@pytest.mark.parametrize("namespace", ["kube-system", "payroll"])
def test_protected_namespaces_are_refused(namespace: str, place: Place) -> None:
    arguments = scale(place, namespace=namespace, protected=["payroll"])
    assert "is protected" in refused("kubernetes.scale", arguments)


def test_an_expired_token_and_an_absent_server_are_said(
    place: Place, config: dict[str, Any]
) -> None:
    expired = copy.deepcopy(config)
    expired["users"][0]["user"]["token"] = "long-gone"
    use(expired)
    with pytest.raises(ClusterFailure, match="log in again") as caught:
        plugins.fault("kubernetes.scale").capture(scale(place))
    assert caught.value.status == 401
    absent = copy.deepcopy(config)
    absent["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    use(absent)
    with pytest.raises(ClusterFailure, match="can be reached"):
        ready_ratio(**{**place.where, "api_server": "https://127.0.0.1:1"}, name="web")
    with pytest.raises(ClusterFailure, match="can be reached") as caught:
        plugins.fault("kubernetes.scale").capture(scale(place, api_server="https://127.0.0.1:1"))
    assert caught.value.status == 0


# --- permissions ----------------------------------------------------------------------

ROLES = Path(__file__).parents[2] / "deploy" / "rbac"


@pytest.fixture(scope="module")
def accounts(place: Place) -> Place:
    """An account for each family, with its Roles and no more."""
    text = place.kubectl("kustomize", str(ROLES)).replace(
        "namespace: default", f"namespace: {place.name}"
    )
    place.kubectl("-n", place.name, "apply", "-f", "-", text=text)
    return place


@pytest.mark.parametrize("index", range(len(FAMILIES)))
def test_each_family_needs_its_own_role_and_no_more(
    index: int, accounts: Place, config: dict[str, Any]
) -> None:
    accounts.settled()
    family = FAMILIES[index]
    account = "gameday-" + ROLE_OF.get(family.type, family.type.removeprefix("kubernetes."))
    token = accounts.kubectl("-n", accounts.name, "create", "token", account).strip()
    config["users"][0]["user"]["token"] = token
    use(config)
    fault, arguments = plugins.fault(family.type), family.at(accounts)
    assert isinstance(fault, IdentifiedFault)
    assert fault.identity(arguments)
    prior = fault.capture(arguments)
    fault.inject(arguments)
    assert fault.verify_injected(arguments, prior)
    fault.undo(arguments, prior)
    assert fault.verify_undone(arguments, prior)
    accounts.settled()
    for other in FAMILIES:
        name = ROLE_OF.get(other.type, other.type.removeprefix("kubernetes."))
        if f"gameday-{name}" != account and (account, name) not in COVERED:
            with pytest.raises(ClusterFailure, match="may not do that"):
                _go(other.type, other.at(accounts))
            # a claim may have been made before the change was refused
            accounts.kubectl("-n", accounts.name, "delete", "leases", "--all")


def test_probes_need_their_own_role_and_no_more(accounts: Place, config: dict[str, Any]) -> None:
    token = accounts.kubectl("-n", accounts.name, "create", "token", "gameday-probes").strip()
    config["users"][0]["user"]["token"] = token
    use(config)
    assert ready_ratio(**accounts.where, name="web") == 1.0
    assert pods_in_phase(**accounts.where, selector="app=web") == 2
    for family in FAMILIES:
        with pytest.raises(ClusterFailure, match="may not do that"):
            _go(family.type, family.at(accounts))


def test_signals_need_their_own_role_and_no_more(accounts: Place, config: dict[str, Any]) -> None:
    token = accounts.kubectl("-n", accounts.name, "create", "token", "gameday-signals").strip()
    config["users"][0]["user"]["token"] = token
    use(config)
    accounts.settled()
    witness = KubernetesWitness(**accounts.where)
    assert asyncio.run(witness.look()) == []
    accounts.kubectl("-n", accounts.name, "scale", "deployment/web", "--replicas=3")
    seen = asyncio.run(witness.look())
    assert [one.text for one in seen if one.deed] == ["deployment/web: scaled from 2 to 3"]
    accounts.kubectl("-n", accounts.name, "scale", "deployment/web", "--replicas=2")
    for family in FAMILIES:
        with pytest.raises(ClusterFailure, match="may not do that"):
            _go(family.type, family.at(accounts))


def _go(name: str, arguments: dict[str, Any]) -> None:
    fault = plugins.fault(name)
    fault.capture(arguments)
    fault.inject(arguments)


ROLE_OF = {"kubernetes.disk": "exec"}
COVERED = {("gameday-rollout", "scale")}
"""Accounts whose Role includes all that another family needs: whoever may change a deployment may
change its replicas."""
