"""The shop, applied once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.parts import CLUSTER, find
from tests.shop.shop import Shop


@pytest.fixture(scope="session")
def cluster_shop() -> Iterator[Shop]:
    """Deleted in the end: its load would slow down what comes after."""
    found = find(CLUSTER)
    assert found is not None
    shop = Shop(Path(found))
    shop.away()
    try:
        shop.apply()
        yield shop
    finally:
        shop.kubectl("delete", "namespace", "shop", "--wait=false", "--ignore-not-found")


@pytest.fixture
def shop(cluster_shop: Shop) -> Shop:
    """As its manifests have it, whatever the drill before has left."""
    cluster_shop.apply()
    return cluster_shop
