"""A node is drained for real: its pods go to the other one, one after the other where a disruption
budget wants it so, and not at all where it allows none."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from gameday.adapters.chaostoolkit import plugins
from gameday.engine.faults import Fault, FaultFailure, Prior
from tests.acceptance.program import Program, eventually
from tests.kubernetes_faults.experiment import written
from tests.kubernetes_faults.families import Family
from tests.kubernetes_faults.place import NODE, WORKER, Place, changed

pytestmark = [pytest.mark.needs_cluster, pytest.mark.acceptance, pytest.mark.timeout(300)]
DRAIN = Family(
    "kubernetes.node",
    {"node": WORKER, "drain": True, "patience": 60},
    lambda place: bool(place.get("node", WORKER)["spec"].get("unschedulable")),
)


@pytest.fixture
def crowded(place: Place) -> Iterator[Place]:
    """The place, with all its pods on the worker; a test that fails spoils no other one."""
    place.settled()
    place.gathered(WORKER)
    yield place
    place.kubectl("uncordon", WORKER)
    place.kubectl("-n", place.name, "delete", "leases", "--all")


@contextmanager
def budget(place: Place, unavailable: int) -> Iterator[None]:
    """So many pods of the web server may be away."""
    _allow(place, unavailable)
    try:
        yield
    finally:
        _allow(place, 2)


def _allow(place: Place, unavailable: int) -> None:
    change = json.dumps({"spec": {"maxUnavailable": unavailable}})
    place.kubectl("-n", place.name, "patch", "pdb", "web", "--type=merge", "-p", change)
    _allows(place, "web", unavailable)


def _allows(place: Place, name: str, disruptions: int) -> None:
    """Return once the budget's controller says so."""

    def said() -> bool:
        found = place.get("pdb", name)
        status, generation = found.get("status", {}), found["metadata"]["generation"]
        current = status.get("observedGeneration") == generation
        return bool(current and status["disruptionsAllowed"] == disruptions)

    eventually(said, f"budget {name} does not allow {disruptions}")


def uids(pods: list[Any]) -> set[str]:
    return {pod["metadata"]["uid"] for pod in pods}


def all_ready_on(place: Place, node: str) -> bool:
    ready = [
        pod
        for pod in place.pods_on(node)
        if any(c["type"] == "Ready" and c["status"] == "True" for c in pod["status"]["conditions"])
    ]
    return len(ready) == 2


def is_drained(fault: Fault, arguments: dict[str, Any], prior: Prior) -> None:
    """It is in, and soon the last pod has left."""
    eventually(
        lambda: "is cordoned and drained" in fault.verify_injected(arguments, prior),
        "pods are leaving for ever",
    )


def test_what_is_evicted_is_ready_on_the_other_node_and_the_drained_one_takes_pods_again(
    crowded: Place,
) -> None:
    before, gone = crowded.snapshot(), uids(crowded.pods_on(WORKER))
    fault, arguments = plugins.fault(DRAIN.type), DRAIN.at(crowded)
    prior = fault.capture(arguments)
    assert len(prior["targets"]) == 3, "the node and its two pods"
    fault.inject(arguments)
    is_drained(fault, arguments, prior)
    assert DRAIN.is_in(crowded)
    assert crowded.pods_on(WORKER) == []
    eventually(lambda: all_ready_on(crowded, NODE), "they never came back on the other node")
    fault.undo(arguments, prior)
    proof = fault.verify_undone(arguments, prior)
    assert f"node '{WORKER}' is schedulable" in proof
    assert "web: 2 of 2 pods ready" in proof
    crowded.settled()
    assert not changed(before, crowded.snapshot())
    assert not gone & uids(crowded.pods_on(NODE))
    assert crowded.pods_on(WORKER) == [], "nobody moves them back"
    crowded.gathered(WORKER)


@pytest.mark.parametrize("unavailable", [1, 2])
def test_a_budget_is_kept(crowded: Place, unavailable: int) -> None:
    """2 is the negative control: nothing keeps one of the two, and the same look sees it."""
    fault, arguments = plugins.fault(DRAIN.type), DRAIN.at(crowded)
    with budget(crowded, unavailable), ready_replicas(crowded) as seen:
        prior = fault.capture(arguments)
        fault.inject(arguments)
        is_drained(fault, arguments, prior)
        eventually(lambda: all_ready_on(crowded, NODE), "they never came back on the other node")
        fault.undo(arguments, prior)
        assert fault.verify_undone(arguments, prior)
    assert min(seen) == 2 - unavailable, seen


@contextmanager
def ready_replicas(place: Place) -> Iterator[list[int]]:
    """How many were ready, at every change from the beginning to the end; filled in the end."""
    command = ["kubectl", "--kubeconfig", str(place.kubeconfig), "-n", place.name, "get", "rs"]
    shown = "-o=jsonpath={.metadata.name} {.status.readyReplicas}{'\\n'}"
    watching = subprocess.Popen(
        [*command, "-l", "app=web", "--watch", shown], stdout=subprocess.PIPE, text=True
    )
    assert watching.stdout is not None
    seen: list[int] = []
    try:
        lines = [watching.stdout.readline()]  # it looks
        yield seen
    finally:
        watching.terminate()
        rest, _ = watching.communicate(timeout=10)
    lines += rest.splitlines()
    seen += [int(line.partition(" ")[2] or 0) for line in lines if line.strip()]


def test_a_budget_that_allows_none_stops_it_with_nothing_half_done(
    crowded: Place, tmp_path: Path
) -> None:
    stopped = Family(DRAIN.type, {**DRAIN.arguments, "patience": 2}, DRAIN.is_in)
    with budget(crowded, 0):
        before, there = crowded.snapshot(), uids(crowded.pods_on(WORKER))
        program = Program(tmp_path)
        done = program.run("experiment", "run", written(stopped, crowded, tmp_path))
        assert done.returncode == 6, done.stdout + done.stderr
        assert "could not be evicted" in done.stderr
        assert "disruption budget has not allowed it for 2 s" in done.stderr
        assert "Traceback" not in done.stdout + done.stderr
        assert program.json("faults", "-o", "json") == []
        assert not stopped.is_in(crowded)
        assert not changed(before, crowded.snapshot())
        assert uids(crowded.pods_on(WORKER)) == there


def test_a_budget_of_one_keeps_all(crowded: Place) -> None:
    """None goes before all are allowed to: the web server's own budget would let it go."""
    crowded.kubectl("-n", crowded.name, "apply", "-f", "-", text=json.dumps(guarded()))
    crowded.kubectl("-n", crowded.name, "rollout", "status", "deployment/zealot")
    _allows(crowded, "zealot", 0)
    there = uids(crowded.pods_on(WORKER))
    fault, arguments = plugins.fault(DRAIN.type), {**DRAIN.at(crowded), "patience": 2}
    prior = fault.capture(arguments)
    with pytest.raises(FaultFailure, match=r"pod zealot-.* has not allowed it for 2 s"):
        fault.inject(arguments)
    fault.undo(arguments, prior)
    assert fault.verify_undone(arguments, prior)
    assert uids(crowded.pods_on(WORKER)) == there
    crowded.kubectl("-n", crowded.name, "delete", "deployment/zealot", "pdb/zealot")
    crowded.settled()


def test_what_has_ended_is_not_moved(crowded: Place) -> None:
    """A finished job's pod is still an object on the node; nobody would make it anew."""
    pod = {
        **ON_WORKER,
        "restartPolicy": "Never",
        "containers": [{**CONTAINER, "command": ["true"]}],
    }
    job = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "done"},
        "spec": {"template": {"spec": pod}},
    }
    crowded.kubectl("-n", crowded.name, "apply", "-f", "-", text=json.dumps(job))
    crowded.kubectl("-n", crowded.name, "wait", "job/done", "--for=condition=Complete")
    fault, arguments = plugins.fault(DRAIN.type), DRAIN.at(crowded)
    prior = fault.capture(arguments)
    fault.inject(arguments)
    is_drained(fault, arguments, prior)
    fault.undo(arguments, prior)
    assert fault.verify_undone(arguments, prior)
    crowded.kubectl("-n", crowded.name, "delete", "job/done")


CONTAINER = {"name": "only", "image": "gameday:dev", "imagePullPolicy": "Never"}
ON_WORKER = {
    "nodeSelector": {"kubernetes.io/hostname": WORKER},
    "terminationGracePeriodSeconds": 1,
}


def guarded() -> dict[str, Any]:
    """A pod on the worker, last in any list, that its budget never lets go."""
    labels = {"app": "zealot"}
    pod = {**ON_WORKER, "containers": [{**CONTAINER, "command": ["sleep", "600"]}]}
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "zealot"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": pod},
        },
    }
    kept = {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": "zealot"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": labels}},
    }
    return {"apiVersion": "v1", "kind": "List", "items": [deployment, kept]}
