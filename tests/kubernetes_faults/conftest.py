"""A namespace of its own for each test module, on the real cluster."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.kubernetes_faults.place import Place
from tests.parts import CLUSTER, find

_ids = itertools.count()


@pytest.fixture(scope="module")
def kubeconfig() -> Iterator[str]:
    """The cluster's kubeconfig, also for whatever reads the environment."""
    path = find(CLUSTER)
    assert path is not None
    before = os.environ.get("KUBECONFIG")
    os.environ["KUBECONFIG"] = path
    yield path
    os.environ.pop("KUBECONFIG")
    if before is not None:
        os.environ["KUBECONFIG"] = before


@pytest.fixture(scope="module")
def place(kubeconfig: str) -> Iterator[Place]:
    """A namespace with a web server in it, ready."""
    with Place.made(f"drill-{os.getpid()}-{next(_ids)}", Path(kubeconfig)) as made:
        yield made
