"""What all faults on Kubernetes have in common: claim the target, change it, restore it, prove it.

A family says what it looks at, what it changes and how that is put back. Every changed object
carries a mark with the fault's id from the same request that changes it; only what carries our
mark is put back, so an undo never tramples on somebody else's change, and one that comes twice or
late does nothing.
"""

from __future__ import annotations

import json
import secrets
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar

from gameday.adapters.chaostoolkit import plugins
from gameday.adapters.kubernetes import claim as claims
from gameday.adapters.kubernetes.claim import Claim
from gameday.adapters.kubernetes.cluster import TIMEOUT, Cluster, ClusterFailure, Object
from gameday.adapters.kubernetes.fields import COMMON, EXPIRES_IN_MS, Field, checked, problems
from gameday.engine.faults import (
    Arguments,
    Description,
    FaultFailure,
    FaultRejected,
    FaultStillPresent,
    Prior,
)

SETTLE = 20.0
"""Seconds for which a proof waits until controllers have done their part."""

_STEP = 0.25
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Case:
    """One fault on one target. given: its arguments with defaults; prior: what was captured."""

    cluster: Cluster
    given: Mapping[str, Any]
    prior: Prior

    @property
    def id(self) -> str:
        """The fault's id: what its marks and its claim carry."""
        return str(self.prior["id"])


_captured: dict[str, Prior] = {}
"""What :meth:`KubernetesFault.capture` saw in this process: the method that follows in it injects
just that, or refuses."""


class KubernetesFault(ABC):
    """One family of faults. ``type``: its name as a plug-in; ``fields``: what it takes."""

    call_timeout = 2 * TIMEOUT
    type: ClassVar[str]
    fields: ClassVar[Sequence[Field]] = COMMON

    # --- the plug-in --------------------------------------------------------------------

    def problems(self, arguments: Arguments) -> Sequence[tuple[tuple[str, ...], str]]:
        """Every mistake in the arguments, each with its path."""
        return list(problems(self.fields, arguments))

    def describe(self, arguments: Arguments) -> Description:
        """What it will touch, as far as the arguments tell."""
        given = checked(self.fields, arguments)
        return Description((self.target(given),), self.radius(given))

    def resolve(self, arguments: Arguments, prior: Prior) -> Description:
        """What it will touch, as it was found: exact pods instead of a selector."""
        given = checked(self.fields, arguments)
        found = tuple(prior.get("targets") or (self.target(given),))
        return Description(found, self.radius(given))

    def capture(self, arguments: Arguments) -> Prior:
        """The target as it is now, and an id for the fault. Raises FaultRejected."""
        given = checked(self.fields, arguments)
        with self._cluster(given) as cluster:
            prior = {**self.look(cluster, given), "id": secrets.token_hex(8)}
        _captured[_key(arguments)] = prior
        return prior

    def identity(self, arguments: Arguments) -> Mapping[str, str]:
        """The uids of the objects that are its targets, or that make the pods it selects."""
        given = checked(self.fields, arguments)
        with self._cluster(given) as cluster:
            return self.identities(cluster, given)

    def inject(self, arguments: Arguments) -> None:
        """Look again, claim the target, change it."""
        given = checked(self.fields, arguments)
        with self._cluster(given) as cluster:
            prior = self._unchanged(arguments, self.look(cluster, given))
            undo = {"type": self.type, "arguments": dict(arguments), "prior": dict(prior)}
            namespace, name = self._claimed(given)
            claim = claims.take(cluster, namespace, name, undo, given[EXPIRES_IN_MS])
            claims.keep(lambda: self._cluster(given), claim)
            self.change(Case(cluster, given, prior), claim)

    def verify_injected(self, arguments: Arguments, prior: Prior) -> str:
        """The proof, in words, that it is in; raises FaultMissing."""
        with self._case(arguments, prior) as case:
            return self.changed(case)

    def undo(self, arguments: Arguments, prior: Prior) -> None:
        """Put back what carries this fault's mark, then give the target free."""
        _captured.pop(_key(arguments), None)
        with self._case(arguments, prior) as case:
            self.restore(case)
            if claim := self._claim(case):
                claims.release(case.cluster, claim)

    def verify_undone(self, arguments: Arguments, prior: Prior) -> str:
        """The proof, in words, that it is out; waits for the controllers. Changes nothing."""
        with self._case(arguments, prior) as case:
            if claim := self._claim(case):
                raise FaultStillPresent(f"claim {claim.label} is still there")
            return wait_for(lambda: self.restored(case))

    def left(self, arguments: Arguments) -> Prior | None:
        """What the claim in the cluster says of a fault with these arguments; None without one."""
        given = checked(self.fields, arguments)
        with self._cluster(given) as cluster:
            claim = claims.find(cluster, *self._claimed(given))
        return None if claim is None else claim.undo["prior"]

    # --- a family -----------------------------------------------------------------------

    @abstractmethod
    def target(self, given: Mapping[str, Any]) -> str:
        """Its name: ``kubernetes/NAMESPACE/...``."""

    @abstractmethod
    def radius(self, given: Mapping[str, Any]) -> str:
        """What will suffer, in words."""

    @abstractmethod
    def identities(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, str]:
        """By path, the uid of each object that must still be the same one later."""

    @abstractmethod
    def look(self, cluster: Cluster, given: Mapping[str, Any]) -> dict[str, Any]:
        """The state to restore. ``same``: what must not differ when the fault goes in;
        ``targets``: exact names, where a selector was given. Raises FaultRejected when nothing
        matches or a limit says no. Only reads."""

    @abstractmethod
    def change(self, case: Case, claim: Claim) -> None:
        """Put the fault in; what it creates is owned by the claim."""

    @abstractmethod
    def changed(self, case: Case) -> str:
        """The proof that it is in; raises FaultMissing."""

    @abstractmethod
    def restore(self, case: Case) -> None:
        """Put back; idempotent, and right also when nothing was changed."""

    @abstractmethod
    def restored(self, case: Case) -> str:
        """The proof that all is as before; raises FaultStillPresent."""

    # ------------------------------------------------------------------------------------

    def _cluster(self, given: Mapping[str, Any]) -> Cluster:
        return Cluster.connect(given["context"], given["api_server"])

    @contextmanager
    def _case(self, arguments: Arguments, prior: Prior) -> Iterator[Case]:
        given = checked(self.fields, arguments)
        with self._cluster(given) as cluster:
            yield Case(cluster, given, prior)

    def _claim(self, case: Case) -> Claim | None:
        """This fault's claim, not that of a later one on the same target."""
        claim = claims.find(case.cluster, *self._claimed(case.given))
        return claim if claim is not None and claim.id == case.id else None

    def _claimed(self, given: Mapping[str, Any]) -> tuple[str, str]:
        return given["namespace"], claims.name_for(self.type, self.target(given))

    def _unchanged(self, arguments: Arguments, now: dict[str, Any]) -> Prior:
        planned = _captured.pop(_key(arguments), None)
        if planned is None:  # plain `chaos run`: nobody has looked before
            return {**now, "id": secrets.token_hex(8)}
        if planned.get("same") != now.get("same"):
            raise FaultRejected(
                f"the target has changed since it was looked at: {planned.get('same')} then, "
                f"{now.get('same')} now; plan it again"
            )
        return planned


def wait_for(
    look: Callable[[], str],
    within: float = SETTLE,
    until_not: type[FaultFailure] = FaultStillPresent,
) -> str:
    """Ask until the answer is a proof; the last ``until_not`` when it never is."""
    deadline = time.monotonic() + within
    while True:
        try:
            return look()
        except until_not:
            if time.monotonic() >= deadline:
                raise
        time.sleep(_STEP)


def patch_marked(case: Case, path: str, now: Object, change: Object, mark: str) -> None:
    """Change an object as it was looked at, and mark it in the same request.

    The mark is a label: annotations of a deployment are copied to its replica sets, and stay there.
    """
    meta = {
        "resourceVersion": now["metadata"]["resourceVersion"],
        "labels": {mark: case.id},
    }
    try:
        case.cluster.patch(path, {**change, "metadata": meta})
    except ClusterFailure as failure:
        if failure.status == 409:
            raise FaultRejected(f"{path} changed at the last moment: plan it again") from failure
        raise


def unmark(case: Case, path: str, inverse: Callable[[Object], Object], mark: str) -> None:
    """Put an object back if it carries this fault's mark. inverse: from the object as it is now
    to the change that restores it."""
    for _ in range(_TRIES):
        now = case.cluster.get(path)
        if now is None or not marked(case, now, mark):
            return
        change = inverse(now)
        meta = {
            "resourceVersion": now["metadata"]["resourceVersion"],
            "labels": {mark: None},
        }
        try:
            case.cluster.patch(path, {**change, "metadata": meta})
            return
        except ClusterFailure as failure:
            if failure.status != 409:
                raise
    raise FaultFailure(f"{path} changed {_TRIES} times while it was being restored; try again")


def marked(case: Case, now: Object, mark: str) -> bool:
    """Whether an object carries this fault's mark."""
    return bool((now["metadata"].get("labels") or {}).get(mark) == case.id)


def _key(arguments: Arguments) -> str:
    return json.dumps(arguments, sort_keys=True, default=str)


def family(name: str) -> KubernetesFault:
    """The fault of that name; raises FaultRejected for one that is none on Kubernetes."""
    found = plugins.fault(name)
    if not isinstance(found, KubernetesFault):
        raise FaultRejected(f"{name} is no fault on Kubernetes")
    return found
