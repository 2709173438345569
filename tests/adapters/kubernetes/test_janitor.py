"""The janitor and claims that make no sense: each is told, and none keeps another fault in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gameday.adapters.kubernetes.claim import EXPIRES, ID, Claim
from gameday.adapters.kubernetes.cluster import ClusterFailure
from gameday.adapters.kubernetes.janitor import recover

NOW = datetime(2026, 6, 1, tzinfo=UTC)
LATER = (NOW + timedelta(hours=1)).isoformat()


def lease(name: str, expires: str = LATER, **spec: Any) -> dict[str, Any]:
    """A claim whose holder renewed it a second ago."""
    meta = {"namespace": "shop", "name": name, "resourceVersion": "1", "uid": name}
    return {
        "metadata": {**meta, "annotations": {ID: name, EXPIRES: expires}},
        "spec": {
            "holderIdentity": "host/1",
            "renewTime": (NOW - timedelta(seconds=1)).isoformat(),
            "leaseDurationSeconds": 30,
            **spec,
        },
    }


class _Cluster:
    """Has these claims; somebody else is faster to take each of them over."""

    context = server = "c"

    def __init__(self, *leases: dict[str, Any]) -> None:
        self._leases = leases

    def list(self, path: str, selector: str = "") -> tuple[dict[str, Any], ...]:
        return self._leases

    def patch(self, path: str, change: dict[str, Any]) -> dict[str, Any]:
        raise ClusterFailure("conflict", 409)


SENSELESS = {
    "expires without a zone": lease("odd", "2026-01-01T00:00:00"),
    "renewed without a zone": lease("odd", renewTime="2026-01-01T00:00:00"),
    "expires, no time": lease("odd", "soon"),
    "no term": lease("odd", leaseDurationSeconds="x"),
    "no spec": {**lease("odd"), "spec": ["x"]},
}


@pytest.mark.parametrize("odd", SENSELESS.values(), ids=SENSELESS)
def test_a_claim_that_makes_no_sense_keeps_no_other_fault_in(odd: dict[str, Any]) -> None:
    cluster: Any = _Cluster(odd, lease("dead", "2026-01-01T00:00:00Z"), lease("alive"))
    told = {one.claim: str(one) for one in recover(cluster, "", NOW)}
    assert list(told) == ["shop/odd", "shop/dead", "shop/alive"]
    assert "stands for it" not in told["shop/odd"]
    assert "somebody else is at it" in told["shop/dead"]
    assert "host/1 stands for it" in told["shop/alive"]


def test_a_time_without_a_zone_is_said_to_be_none() -> None:
    assert "which are no times" in Claim(lease("odd", "2026-01-01T00:00:00")).dead(NOW)
