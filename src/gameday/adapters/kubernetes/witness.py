"""The Witness port over a namespace of a cluster: looks again and again, and compares."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

from gameday.adapters.kubernetes import paths
from gameday.adapters.kubernetes.changes import Look, sightings
from gameday.adapters.kubernetes.cluster import Cluster, Object
from gameday.engine.faults import FaultFailure
from gameday.engine.witness import OutOfSight, Sighting

_WATCHED = ("deployments", "statefulsets", "services")


class KubernetesWitness:
    """Deployments, stateful sets and Services of one namespace.

    It lists instead of watching: a list a second is little for a namespace, and there is no
    watch to be dropped in silence.
    """

    channel = "kubernetes"

    def __init__(self, context: str, api_server: str, namespace: str) -> None:
        self._where = (context, api_server)
        self._namespace = namespace
        self._before: Look | None = None
        self._history: Sequence[Object] = ()

    async def look(self) -> Sequence[Sighting]:
        """List, in a thread: a server that hangs holds up nobody but this."""
        try:
            now, history = await asyncio.to_thread(self._list)
        except FaultFailure as failure:
            raise OutOfSight(str(failure)) from failure
        found = [] if self._before is None else list(sightings(self._before, now, self._history))
        self._before, self._history = now, history
        return found

    def _list(self) -> tuple[Look, Sequence[Object]]:
        with Cluster.connect(*self._where) as cluster:
            found = dict(self._objects(cluster))
            return found, cluster.list(paths.of("replicasets", self._namespace))

    def _objects(self, cluster: Cluster) -> Iterator[tuple[str, Object]]:
        for collection in _WATCHED:
            for item in cluster.list(paths.of(collection, self._namespace)):
                yield paths.of(collection, self._namespace, item["metadata"]["name"]), item
