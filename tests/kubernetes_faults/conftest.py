"""A namespace of its own for each test module, on the real cluster."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.program import Program
from tests.kubernetes_faults.place import Place
from tests.kubernetes_faults.way import Way
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


@pytest.fixture
def way(tmp_path: Path) -> Iterator[Way]:
    """A way to the API server, open."""
    with Way.made(tmp_path) as made:
        yield made


@pytest.fixture
def program(way: Way, kubeconfig: str, tmp_path: Path) -> Program:
    """``gameday``, which reaches the cluster only by that way."""
    return Program(tmp_path, {"KUBECONFIG": way.kubeconfig(kubeconfig, tmp_path / "config")})
