"""Takes out faults that nobody stands for any more, from what the cluster itself knows.

A claim whose holder is silent, or whose time is up, is taken over under the precondition that it is
still the one that was looked at; so of two janitors one undoes. A call that its dead holder had in
the air has landed long before: claims outlive their holders by more than any call's time-out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gameday.adapters.kubernetes import claim as claims
from gameday.adapters.kubernetes.claim import Claim
from gameday.adapters.kubernetes.cluster import Cluster, ClusterFailure
from gameday.adapters.kubernetes.fault import family
from gameday.engine.faults import FaultFailure, FaultRejected


@dataclass(frozen=True, slots=True)
class Recovered:
    """What became of one claim. proof: it is out; reason: it is not; neither: left alone."""

    claim: str
    proof: str = ""
    reason: str = ""
    kept: str = ""

    def __str__(self) -> str:
        if self.reason:
            return f"{self.claim} IS STUCK: {self.reason}"
        return f"{self.claim}: {self.proof or self.kept}"


def recover(cluster: Cluster, namespace: str, now: datetime) -> Iterator[Recovered]:
    """Look at every claim, in one namespace or in all. now: the time claims are judged by; a
    clock that is wrong by less than their term does no harm. Raises ClusterFailure."""
    for claim in claims.everyone(cluster, namespace):
        yield _looked_at(cluster, claim, now)


def _looked_at(cluster: Cluster, claim: Claim, now: datetime) -> Recovered:
    """One claim's trouble, whatever it is, is told and keeps no other fault in."""
    try:
        if claim.dead(now):
            return _undo(cluster, claim)
    except Exception as error:  # noqa: BLE001 - whoever may write Leases can write anything there
        return Recovered(claim.label, reason=f"its claim cannot be used: {error!r}")
    return Recovered(claim.label, kept=f"left alone, {claim.holder} stands for it")


def _undo(cluster: Cluster, claim: Claim) -> Recovered:
    try:
        mine = claims.take_over(cluster, claim)
    except ClusterFailure as failure:
        if failure.status in (404, 409):
            return Recovered(claim.label, kept="left alone, somebody else is at it")
        return Recovered(claim.label, reason=str(failure))
    try:
        return Recovered(claim.label, proof=_undone(cluster, mine))
    except FaultFailure as failure:
        return Recovered(claim.label, reason=str(failure))
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        return Recovered(claim.label, reason=f"its inverse cannot be used: {error!r}")


def _undone(cluster: Cluster, claim: Claim) -> str:
    """The proof. Whoever may write Leases can write a claim: it may name faults on Kubernetes
    only, and only in its own namespace."""
    undo = claim.undo
    if undo["arguments"].get("namespace") != claim.namespace:
        raise FaultRejected("the claim is about another namespace than its own")
    # whoever wrote it reached the cluster by another name
    arguments = {**undo["arguments"], "context": cluster.context, "api_server": cluster.server}
    fault = family(undo["type"])
    fault.undo(arguments, undo["prior"])
    return fault.verify_undone(arguments, undo["prior"])
