"""Probes of what runs on a real cluster, with the account they need and no more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gameday.adapters.kubernetes.probes import pods_in_phase, ready_ratio, ready_replicas
from gameday.engine.faults import FaultRejected
from tests.acceptance.program import eventually
from tests.kubernetes_faults.place import Place

pytestmark = pytest.mark.needs_cluster


@pytest.fixture
def halved(place: Place) -> Iterator[Place]:
    """Two pods are wanted, and one can never be ready."""
    place.settled()
    place.kubectl("-n", place.name, "patch", "deployment", "web", "-p", _BROKEN)
    try:
        yield place
    finally:
        place.kubectl("-n", place.name, "rollout", "undo", "deployment/web")
        place.settled()


_BROKEN = (
    '{"spec":{"strategy":{"rollingUpdate":{"maxUnavailable":1,"maxSurge":0}},'
    '"template":{"spec":{"containers":[{"name":"web","image":"gameday:absent"}]}}}}'
)


def test_what_is_well(place: Place) -> None:
    place.settled()
    assert ready_replicas(**place.where, name="web") == 2
    assert ready_ratio(**place.where, name="web") == 1.0
    assert pods_in_phase(**place.where, selector="app=web") == 2
    assert pods_in_phase(**place.where, selector="app=web", phase="Pending") == 0


def test_what_is_not(halved: Place) -> None:
    """The negative control: they see it."""
    eventually(lambda: ready_replicas(**halved.where, name="web") == 1, "two are still ready")
    assert ready_ratio(**halved.where, name="web") == 0.5
    eventually(
        lambda: pods_in_phase(**halved.where, selector="app=web", phase="Pending") == 1,
        "none is pending",
    )


@pytest.mark.parametrize(
    ("ask", "said"),
    [
        (lambda where: ready_ratio(**where, name="nobody"), "there is no deployments/nobody"),
        (lambda where: ready_ratio(**where, name="web", kind="pods"), "kind is one of"),
        (lambda where: pods_in_phase(**where, selector="app=nobody"), "matches no pod"),
        (lambda where: ready_ratio(**{**where, "context": "x"}, name="web"), "no Kubernetes con"),
        (lambda where: ready_ratio(**{**where, "api_server": "https://x"}, name="web"), "leads to"),
    ],
)
def test_a_mistake_is_no_steady_state(place: Place, ask: Any, said: str) -> None:
    with pytest.raises(FaultRejected, match=said):
        ask(place.where)
