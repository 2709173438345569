"""Who did what to a namespace, from two looks at it."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from gameday.adapters.kubernetes.changes import sightings
from gameday.engine.witness import Sighting

PATH = "/apis/apps/v1/namespaces/shop/deployments/web"
SERVICE = "/api/v1/namespaces/shop/services/db"


def deployment(image: str = "web:1", replicas: int = 2, ready: int = 2, mark: str = "") -> Any:
    labels = {"gameday.dev/rollout": mark} if mark else {}
    return {
        "metadata": {
            "uid": "u1",
            "resourceVersion": f"{image}-{replicas}-{ready}-{mark}",
            "labels": labels,
            "managedFields": [],
        },
        "spec": {"replicas": replicas, "template": template(image)},
        "status": {"readyReplicas": ready},
    }


def template(image: str, **labels: str) -> Any:
    return {
        "metadata": {"labels": {"app": "web", **labels}},
        "spec": {"containers": [{"name": "web", "image": image}]},
    }


def replica_set(image: str, revision: str, owner: str = "u1") -> Any:
    return {
        "metadata": {
            "annotations": {"deployment.kubernetes.io/revision": revision},
            "ownerReferences": [{"uid": owner}],
        },
        "spec": {"template": template(image, **{"pod-template-hash": revision})},
    }


def managed(item: Any, manager: str, field: str, time: str | None = "2026-01-01T00:00:00Z") -> Any:
    changed = copy.deepcopy(item)
    entry = {"manager": manager, "operation": "Update", "fieldsV1": {"f:spec": {field: {}}}}
    if time is not None:
        entry["time"] = time
    changed["metadata"]["managedFields"].append(entry)
    return changed


def seen(then: Any, now: Any, *history: Any, path: str = PATH) -> list[Sighting]:
    return list(sightings({path: then}, {path: now}, history))


HISTORY = (replica_set("web:0", "3"), replica_set("web:1", "4"), replica_set("web:9", "7", "other"))


@pytest.mark.parametrize(
    ("now", "field", "text"),
    [
        (deployment("web:2"), "f:template", "deployment/web: a new version is rolled out"),
        (deployment("web:0"), "f:template", "deployment/web: rolled back to revision 3"),
        (deployment("web:9"), "f:template", "deployment/web: a new version is rolled out"),
        (deployment(replicas=5), "f:replicas", "deployment/web: scaled from 2 to 5"),
    ],
)
def test_a_persons_deed_is_seen_with_who_did_it(now: Any, field: str, text: str) -> None:
    (found,) = seen(deployment(), managed(now, "kubectl-edit", field), *HISTORY)
    assert (found.by, found.text, found.deed) == ("kubectl-edit", text, True)


def test_a_restart_is_no_new_version() -> None:
    now = deployment()
    now["spec"]["template"]["metadata"]["annotations"] = {"kubectl.kubernetes.io/restartedAt": "x"}
    (found,) = seen(deployment(), managed(now, "kubectl-rollout", "f:template"), *HISTORY)
    assert found.text == "deployment/web: restarted"


def test_a_service_that_leads_elsewhere_is_seen() -> None:
    then = {
        "metadata": {"uid": "s", "resourceVersion": "1", "managedFields": []},
        "spec": {"selector": {"app": "db", "role": "primary"}},
    }
    now = managed(then, "kubectl-patch", "f:selector")
    now["spec"]["selector"]["role"] = "standby"
    (found,) = seen(then, now, path=SERVICE)
    assert found.deed
    assert found.text == "service/db: leads to app=db,role=standby, and led to app=db,role=primary"


@pytest.mark.parametrize("manager", ["gameday", "kube-controller-manager", "argocd-controller"])
def test_what_no_person_did_is_told_and_is_no_deed(manager: str) -> None:
    (found,) = seen(deployment(), managed(deployment(replicas=5), manager, "f:replicas"))
    assert not found.deed


def test_what_a_fault_does_is_not_seen_at_all() -> None:
    """Going in it sets its mark, and coming out it takes that away, in the same request."""
    marked = managed(deployment("web:2", mark="x"), "gameday", "f:template")
    assert seen(deployment(), marked) == []
    assert seen(marked, managed(deployment(), "gameday", "f:template")) == []


def test_only_the_manager_of_what_changed_did_it() -> None:
    then = managed(deployment(), "helm", "f:template")
    now = managed(managed(deployment(replicas=4), "helm", "f:template"), "kubectl", "f:replicas")
    (found,) = seen(then, now)
    assert found.by == "kubectl"


def test_who_takes_a_faults_fields_away_is_somebody_and_not_gameday() -> None:
    """As `kubectl rollout undo` takes out a variable that a fault has put in."""
    fault = managed(deployment("web:2", mark="x"), "gameday", "f:template")
    healed = managed(deployment("web:1", mark="x"), "gameday", "f:template")
    (shortened,) = healed["metadata"]["managedFields"]
    shortened["fieldsV1"]["f:spec"]["f:template"] = {"less": {}}
    (found,) = seen(fault, healed, *HISTORY)
    assert (found.by, found.deed) == ("somebody", True)
    assert found.text == "deployment/web: rolled back to revision 4"


@pytest.mark.parametrize(("manager", "deed"), [("argocd-controller", False), ("helm", True)])
def test_who_owns_it_has_changed_it_twice_within_a_second(manager: str, deed: bool) -> None:
    """The entry is the same both times: it is timed in whole seconds."""
    once = managed(deployment("web:2"), manager, "f:template")
    twice = managed(deployment("web:3"), manager, "f:template")
    (found,) = seen(once, twice)
    assert (found.by, found.deed) == (manager, deed)


def test_who_keeps_the_status_did_not_do_it() -> None:
    now = managed(deployment(replicas=4), "kubectl", "f:replicas", None)
    status: dict[str, Any] = {"f:status": {"f:replicas": {}}}
    entry = {"manager": "kube-controller-manager", "fieldsV1": status, "time": "2026-01-01"}
    now["metadata"]["managedFields"].append(entry)
    (found,) = seen(deployment(), now)
    assert (found.by, found.deed) == ("kubectl", True)


def test_the_latest_of_two_managers_did_it() -> None:
    now = managed(deployment(replicas=4), "early", "f:replicas", "2026-01-01T00:00:01Z")
    now = managed(now, "late", "f:replicas", "2026-01-01T00:00:02Z")
    now = managed(now, "timeless", "f:replicas", None)
    assert [one.by for one in seen(deployment(), now)] == ["late"]


def test_pods_that_are_ready_again_are_told() -> None:
    (found,) = seen(deployment(ready=1), deployment(ready=2))
    assert (found.text, found.deed) == ("deployment/web: 2 of 2 pods are ready", False)
    assert seen(deployment(ready=2), deployment(ready=1)) == []


def test_another_object_of_that_name_tells_nothing() -> None:
    other = managed(deployment(replicas=9), "kubectl", "f:replicas")
    other["metadata"]["uid"] = "u2"
    assert seen(deployment(), other) == []
    assert list(sightings({}, {PATH: other}, ())) == []


def test_the_same_sighting_has_the_same_key() -> None:
    now = managed(deployment(replicas=5), "kubectl", "f:replicas")
    again = managed(deployment(replicas=6), "kubectl", "f:replicas")
    assert seen(deployment(), now)[0].key == seen(deployment(), now)[0].key
    assert seen(deployment(), now)[0].key != seen(deployment(), again)[0].key
