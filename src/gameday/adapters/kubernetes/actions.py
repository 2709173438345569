"""Chaos Toolkit actions for every fault on Kubernetes; they run the fault plug-ins' own code.

A file that uses them also runs under plain ``chaos run``: what is to be restored is kept in the
cluster, so the rollback needs nothing but the same arguments.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gameday.adapters.kubernetes.fault import family

__all__ = ["put_in", "take_out"]


def put_in(fault: str, arguments: Mapping[str, Any]) -> str:
    """Put a fault in, such as ``kubernetes.scale``. Returns the proof that it is in.

    Raises FaultRejected when a limit says no, FaultMissing when nothing has changed.
    """
    found = family(fault)
    found.inject(arguments)
    left = found.left(arguments)
    return found.verify_injected(arguments, left) if left is not None else "in and out again"


def take_out(fault: str, arguments: Mapping[str, Any]) -> str:
    """Take a fault out that was put in with the same arguments, by whomever; fine when there is
    none. Returns the proof, and raises FaultStillPresent without one."""
    found = family(fault)
    prior = found.left(arguments)
    if prior is None:
        return f"nobody has a claim for {fault} there"
    found.undo(arguments, prior)
    return found.verify_undone(arguments, prior)
