"""Traffic that is denied: for real where the network enforces policies, which it does on the worker
alone; where it does not, that is seen and no fault is claimed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from gameday.adapters.chaostoolkit import plugins
from gameday.engine.faults import Fault, FaultMissing
from tests.acceptance.program import eventually
from tests.kubernetes_faults.place import NODE, WORKER, Place, changed

pytestmark = [pytest.mark.needs_cluster, pytest.mark.timeout(300)]
CONNECT = """
import socket
try: socket.create_connection(("web", 80), 2).close()
except OSError: print("no")
else: print("yes")
"""


@dataclass(frozen=True)
class Traffic:
    """From a pod to the web server, as somebody in that pod sees it."""

    place: Place
    pod: str

    def passes(self) -> bool:
        inside = "exec", f"pod/{self.pod}", "--", "python3", "-c", CONNECT
        return self.place.kubectl("-n", self.place.name, *inside).strip() == "yes"


@pytest.fixture
def customer(place: Place) -> Iterator[Traffic]:
    """A pod that is no web server and calls one."""
    args = ("--image=gameday:dev", "--labels=app=customer", "--restart=Never")
    sleep = ("--image-pull-policy=Never", "--command", "--", "sleep", "3600")
    place.kubectl("-n", place.name, "run", "customer", *args, *sleep)
    try:
        place.kubectl("-n", place.name, "wait", "pod/customer", "--for=condition=Ready")
        yield Traffic(place, "customer")
    finally:
        place.kubectl("-n", place.name, "delete", "pod", "customer", "--now")


def denied(place: Place, direction: str, witness: str) -> tuple[Fault, dict[str, Any]]:
    arguments = {
        **place.where,
        "selector": "app=web",
        "direction": direction,
        "witness": {"selector": f"app={witness}", "connect": "web:80"},
    }
    return plugins.fault("kubernetes.network"), arguments


@pytest.mark.parametrize("direction", ["both", "ingress"])
def test_customers_are_cut_off_until_it_is_undone(
    place: Place, customer: Traffic, direction: str
) -> None:
    place.gathered(WORKER)
    before = place.snapshot()
    fault, arguments = denied(place, direction, "customer")
    prior = fault.capture(arguments)
    assert customer.passes()
    fault.inject(arguments)
    assert "no longer reaches web:80" in fault.verify_injected(arguments, prior)
    assert not customer.passes()
    fault.undo(arguments, prior)
    assert "reaches web:80" in fault.verify_undone(arguments, prior)
    assert customer.passes()
    assert not changed(before, place.snapshot())


def test_a_server_that_may_call_nobody_still_answers(place: Place, customer: Traffic) -> None:
    place.gathered(WORKER)
    fault, arguments = denied(place, "egress", "web")
    prior = fault.capture(arguments)
    fault.inject(arguments)
    assert "no longer reaches web:80" in fault.verify_injected(arguments, prior)
    server = Traffic(place, place.pods_on(WORKER)[0]["metadata"]["name"])
    assert not server.passes()
    assert customer.passes()
    fault.undo(arguments, prior)
    assert "reaches web:80" in fault.verify_undone(arguments, prior)
    eventually(server.passes, "the server is cut off still")


def test_a_policy_that_nobody_enforces_is_not_taken_for_a_fault(
    place: Place, customer: Traffic
) -> None:
    place.gathered(NODE)
    fault, arguments = denied(place, "both", "customer")
    prior = fault.capture(arguments)
    fault.inject(arguments)
    assert customer.passes()
    with pytest.raises(FaultMissing, match="does not enforce"):
        fault.verify_injected(arguments, prior)
    fault.undo(arguments, prior)
    assert "reaches web:80" in fault.verify_undone(arguments, prior)
