"""An API server in memory, as far as faults ask it: objects, merges, preconditions."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping
from typing import Any, Self

import pytest

from gameday.adapters.kubernetes import claim
from gameday.adapters.kubernetes.cluster import ClusterFailure
from gameday.adapters.kubernetes.fault import KubernetesFault

WHERE = {"context": "c", "api_server": "https://127.0.0.1:1", "namespace": "shop"}


class FakeCluster:
    """Objects by path. Each deployment is ready as soon as it is there."""

    context, server = WHERE["context"], WHERE["api_server"]

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(1)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *raised: object) -> None:
        pass

    def get(self, path: str) -> dict[str, Any] | None:
        return copy.deepcopy(self.objects.get(path))

    def list(self, path: str, selector: str = "") -> list[dict[str, Any]]:
        found = self.objects.items()
        return [copy.deepcopy(one) for at, one in found if at.rpartition("/")[0] == path]

    def create(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        at = f"{path}/{body['metadata']['name']}"
        if at in self.objects:
            raise ClusterFailure("it is there", 409)
        made = copy.deepcopy(dict(body))
        number = str(next(self._numbers))
        made["metadata"] = {
            "namespace": WHERE["namespace"],
            "uid": f"uid-{number}",
            **made["metadata"],
            "resourceVersion": number,
        }
        if path.endswith("/deployments"):
            made["status"] = {"readyReplicas": 1, "replicas": 1}
        self.objects[at] = made
        return copy.deepcopy(made)

    def patch(self, path: str, change: Mapping[str, Any]) -> dict[str, Any]:
        if path not in self.objects:
            raise ClusterFailure("it is gone", 404)
        now = self.objects[path]
        wanted = change.get("metadata", {}).get("resourceVersion")
        if wanted not in (None, now["metadata"]["resourceVersion"]):
            raise ClusterFailure("it is another by now", 409)
        self.objects[path] = _merged(now, change)
        self.objects[path]["metadata"]["resourceVersion"] = str(next(self._numbers))
        return copy.deepcopy(self.objects[path])

    def delete(self, path: str, uid: str = "", grace: int | None = None) -> bool:
        return self.objects.pop(path, None) is not None


def _merged(now: Any, change: Mapping[str, Any]) -> dict[str, Any]:
    """As a merge patch: mappings are merged, None takes out, all else is replaced."""
    found = dict(now) if isinstance(now, Mapping) else {}
    for key, value in change.items():
        if value is None:
            found.pop(key, None)
        elif isinstance(value, Mapping):
            found[key] = _merged(found.get(key), value)
        else:
            found[key] = copy.deepcopy(value)
    return found


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> FakeCluster:
    """What every fault on Kubernetes talks to; claims are not renewed."""
    fake = FakeCluster()
    monkeypatch.setattr(KubernetesFault, "_cluster", lambda *_: fake)
    monkeypatch.setattr(claim, "keep", lambda *_: None)
    return fake
