"""What every fault on Kubernetes promises, on a real cluster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from gameday.adapters.chaostoolkit import plugins
from gameday.adapters.kubernetes.actions import put_in, take_out
from gameday.adapters.kubernetes.cluster import Cluster
from gameday.adapters.kubernetes.janitor import recover
from gameday.engine.faults import FaultRejected, FaultStillPresent
from tests.kubernetes_faults.families import FAMILIES, NAMES, Family
from tests.kubernetes_faults.place import CONTEXT, SERVER, Place, changed

pytestmark = pytest.mark.needs_cluster


@pytest.fixture(params=FAMILIES, ids=NAMES)
def family(request: pytest.FixtureRequest, place: Place) -> Family:
    place.settled()
    found: Family = request.param
    return found


def test_it_goes_in_and_out_and_leaves_the_cluster_as_it_was(family: Family, place: Place) -> None:
    before = place.snapshot()
    fault, arguments = plugins.fault(family.type), family.at(place)
    assert not fault.problems(arguments)
    prior = fault.capture(arguments)
    assert not changed(before, place.snapshot()), "capturing changes nothing"
    fault.inject(arguments)
    assert fault.verify_injected(arguments, prior)
    assert family.is_in(place)
    with pytest.raises(FaultStillPresent):
        fault.verify_undone(arguments, prior)
    for _ in range(2):  # an undo may come twice
        fault.undo(arguments, prior)
        assert fault.verify_undone(arguments, prior)
    assert not family.is_in(place)
    place.settled()
    assert not changed(before, place.snapshot())


def test_an_undo_of_what_never_went_in_changes_nothing(family: Family, place: Place) -> None:
    fault, arguments = plugins.fault(family.type), family.at(place)
    prior = fault.capture(arguments)
    before = place.snapshot()
    fault.undo(arguments, prior)
    assert fault.verify_undone(arguments, prior)
    assert not changed(before, place.snapshot())


def test_the_cluster_alone_knows_how_to_undo_it(family: Family, place: Place) -> None:
    before = place.snapshot()
    put_in(family.type, family.at(place))
    now = datetime.now(UTC)
    with Cluster.connect(CONTEXT, SERVER) as cluster:
        (kept,) = recover(cluster, place.name, now)
        assert "stands for it" in kept.kept, "whoever put it in lives"
        assert family.is_in(place)
        (done,) = recover(cluster, place.name, now + timedelta(seconds=60))
        assert done.proof, done
        assert list(recover(cluster, place.name, now + timedelta(seconds=60))) == []
    place.settled()
    assert not changed(before, place.snapshot())


def test_two_faults_cannot_have_one_target(family: Family, place: Place) -> None:
    arguments = family.at(place)
    fault, other = plugins.fault(family.type), plugins.fault(family.type)
    prior = fault.capture(arguments)
    fault.inject(arguments)
    with pytest.raises(FaultRejected):
        other.inject(arguments)
    fault.undo(arguments, prior)
    assert fault.verify_undone(arguments, prior)
    assert take_out(family.type, arguments).startswith("nobody")
