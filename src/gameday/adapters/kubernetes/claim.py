"""A fault's claim on its target, kept in the cluster itself.

It is a Lease, written before the change: its name says the target, so two faults cannot have the
same one; its annotations hold the inverse, so whoever sees the cluster can undo it; whoever put
the fault in renews it. When nobody does any more, or its time is up, the janitor takes over. What
a fault creates is owned by its claim, and goes with it.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from gameday.adapters.kubernetes import paths
from gameday.adapters.kubernetes.cluster import Cluster, ClusterFailure, Object
from gameday.engine.faults import FaultFailure, FaultRejected

LABELS = {"app.kubernetes.io/managed-by": "gameday"}
SELECTOR = "app.kubernetes.io/managed-by=gameday"
UNDO = "gameday.dev/undo"
ID = "gameday.dev/id"
EXPIRES = "gameday.dev/expires"
RUN = "gameday.dev/run"

TERM = 30
"""Seconds without a renewal after which whoever put a fault in counts as dead."""
RENEW = 8.0
"""Seconds between renewals."""
GONE = 404


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim as the cluster has it."""

    body: Object

    @property
    def id(self) -> str:
        """Which fault it belongs to, also after another one has claimed the same target."""
        return str(self._annotations.get(ID, ""))

    @property
    def path(self) -> str:
        """Where it is."""
        meta = self.body["metadata"]
        return paths.of("leases", meta["namespace"], meta["name"])

    @property
    def namespace(self) -> str:
        """Where it is kept, and where its target is."""
        return str(self.body["metadata"]["namespace"])

    @property
    def label(self) -> str:
        """How to name it to people."""
        meta = self.body["metadata"]
        return f"{meta['namespace']}/{meta['name']}"

    @property
    def undo(self) -> Mapping[str, Any]:
        """type, arguments and prior of its fault. Raises ValueError when it cannot be read."""
        found = json.loads(self._annotations.get(UNDO, ""))
        if not isinstance(found, dict) or {"type", "arguments", "prior"} - set(found):
            raise ValueError("type, arguments or prior is missing")
        return found

    @property
    def holder(self) -> str:
        """Who put the fault in: host and process."""
        return str((self.body.get("spec") or {}).get("holderIdentity", ""))

    @property
    def run(self) -> str:
        """The run it belongs to, "" when it is not known."""
        return str(self._annotations.get(RUN, ""))

    @property
    def owner(self) -> Object:
        """The owner reference of what the fault creates."""
        meta = self.body["metadata"]
        return {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "name": meta["name"],
            "uid": meta["uid"],
        }

    def dead(self, now: datetime) -> str:
        """Why nobody stands for this fault any more; empty when somebody does."""
        spec = self.body.get("spec") or {}
        stamp, expires = spec.get("renewTime"), self._annotations.get(EXPIRES)
        try:
            renewed, ends = _time(stamp or ""), _time(expires) if expires else None
        except ValueError:
            return f"it was renewed at {stamp!r} and expires at {expires!r}, which are no times"
        silent = (now - renewed).total_seconds()
        if silent > int(spec.get("leaseDurationSeconds") or TERM):
            return f"{self.holder} has not renewed it for {silent:.0f} s"
        if ends is not None and now >= ends:
            return f"its time was up at {expires}"
        return ""

    @property
    def _annotations(self) -> Mapping[str, str]:
        return self.body["metadata"].get("annotations") or {}


def name_for(fault: str, target: str) -> str:
    """The claim's name for a kind of fault and its target."""
    digest = hashlib.sha256(f"{fault} {target}".encode()).hexdigest()[:8]
    short = f"{fault.rpartition('.')[2]}-{target.rpartition('/')[2]}"
    readable = re.sub(r"[^a-z0-9]+", "-", short.lower()).strip("-")
    return f"gameday-{readable[:40].strip('-')}-{digest}"


def take(
    cluster: Cluster, namespace: str, name: str, undo: Mapping[str, Any], expires_in_ms: int
) -> Claim:
    """Claim a target before its fault goes in.

    Raises FaultRejected when another fault has it, alive or left behind.
    """
    now = datetime.now(UTC)
    annotations = {
        UNDO: json.dumps(undo, separators=(",", ":")),
        ID: undo["prior"]["id"],
        EXPIRES: _text(now + timedelta(milliseconds=expires_in_ms)),
        RUN: os.environ.get("GAMEDAY_RUN", ""),
    }
    body = {
        "apiVersion": "coordination.k8s.io/v1",
        "kind": "Lease",
        "metadata": {
            "name": name,
            "namespace": namespace,
            "labels": LABELS,
            "annotations": annotations,
        },
        "spec": {
            "holderIdentity": f"{os.uname().nodename}/{os.getpid()}",
            "leaseDurationSeconds": TERM,
            "acquireTime": _text(now),
            "renewTime": _text(now),
        },
    }
    try:
        return Claim(cluster.create(paths.of("leases", namespace), body))
    except ClusterFailure as failure:
        if failure.status != 409:
            raise
        raise FaultRejected(_taken(find(cluster, namespace, name))) from failure


def find(cluster: Cluster, namespace: str, name: str) -> Claim | None:
    """The claim of that name; None when nobody has it."""
    body = cluster.get(paths.of("leases", namespace, name))
    return Claim(body) if body is not None else None


def everyone(cluster: Cluster, namespace: str = "") -> list[Claim]:
    """Every claim there is, in one namespace or in all."""
    found = cluster.list(paths.of("leases", namespace), SELECTOR)
    return [Claim(body) for body in found if ID in (body["metadata"].get("annotations") or {})]


def take_over(cluster: Cluster, claim: Claim) -> Claim:
    """Become the holder of a dead claim; 409 when another one was faster."""
    meta = {"resourceVersion": claim.body["metadata"]["resourceVersion"]}
    spec = {
        "holderIdentity": f"{os.uname().nodename}/{os.getpid()}",
        "renewTime": _text(datetime.now(UTC)),
    }
    return Claim(cluster.patch(claim.path, {"metadata": meta, "spec": spec}))


def release(cluster: Cluster, claim: Claim) -> None:
    """The fault is out: give the target free, and with the claim whatever it owns."""
    cluster.delete(claim.path, uid=claim.body["metadata"]["uid"])


def keep(connect: Callable[[], Cluster], claim: Claim) -> None:
    """Renew the claim until it is gone or this process is; an undo ends that process first.

    connect: for a connection of its own, since the caller's ends with the call.
    """
    threading.Thread(target=_renew, args=(connect, claim), name="claim", daemon=True).start()


def _renew(connect: Callable[[], Cluster], claim: Claim) -> None:
    pause = threading.Event()
    while not pause.wait(RENEW):
        try:
            with connect() as cluster:
                cluster.patch(claim.path, {"spec": {"renewTime": _text(datetime.now(UTC))}})
        except FaultFailure as failure:
            if isinstance(failure, ClusterFailure) and failure.status == GONE:
                return
            # anything else may pass before the next time; if not, the janitor comes


def _taken(claim: Claim | None) -> str:
    if claim is None:
        return "another fault had the target a moment ago: try again"
    dead = claim.dead(datetime.now(UTC))
    left = f"; it was left behind ({dead}): `gameday recover --cluster` takes it out"
    return f"another fault has the target: claim {claim.label} of {claim.holder}" + (
        left if dead else ""
    )


def _text(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _time(text: str) -> datetime:
    """Raises ValueError also without a zone: it could not be compared with any other time."""
    found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    if found.tzinfo is None:
        raise ValueError(f"{text!r} has no zone")
    return found
