"""Chaos Toolkit actions for every fault on Kubernetes; they run the fault plug-ins' own code.

A file that uses them also runs under plain ``chaos run``: what is to be restored is kept in the
cluster, so the rollback needs nothing but the same arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gameday.adapters.chaostoolkit import plugins
from gameday.adapters.kubernetes.fault import KubernetesFault
from gameday.engine.faults import FaultRejected

__all__ = ["put_in", "take_out"]


def put_in(fault: str, arguments: Mapping[str, Any]) -> str:
    """Put a fault in, such as ``kubernetes.scale``. Returns the proof that it is in.

    Raises FaultRejected when a limit says no, FaultMissing when nothing has changed.
    """
    family = _family(fault)
    family.inject(arguments)
    left = family.left(arguments)
    return family.verify_injected(arguments, left) if left is not None else "in and out again"


def take_out(fault: str, arguments: Mapping[str, Any]) -> str:
    """Take a fault out that was put in with the same arguments, by whomever; fine when there is
    none. Returns the proof, and raises FaultStillPresent without one."""
    family = _family(fault)
    prior = family.left(arguments)
    if prior is None:
        return f"nobody has a claim for {fault} there"
    family.undo(arguments, prior)
    return family.verify_undone(arguments, prior)


def _family(fault: str) -> KubernetesFault:
    found = plugins.fault(fault)
    if not isinstance(found, KubernetesFault):
        raise FaultRejected(f"{fault} is no fault on Kubernetes")
    return found
