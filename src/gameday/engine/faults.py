"""What a fault plug-in is: capture, inject, undo and prove it. Entry points ``gameday.faults``.

All calls are plain synchronous functions; they run in a worker process of their own, so they
may block, but each outgoing call needs a time-out of its own. ``arguments`` and ``prior`` are
plain JSON values: ``prior`` is stored before the fault goes in and read back by whoever
undoes it, maybe much later and in another process.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

Arguments = Mapping[str, Any]
Prior = Mapping[str, Any]


class FaultFailure(Exception):
    """A fault could not be captured, injected, undone or looked at; the text says why."""


class FaultRejected(FaultFailure):
    """The arguments, or the target as it is now, do not allow this fault. Nothing was touched."""


class FaultStillPresent(FaultFailure):
    """Somebody looked, and the fault is still in, or its absence could not be proved."""


class FaultMissing(FaultFailure):
    """Somebody looked, and what was to be injected is not there."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a fault touches, in names (``toxiproxy/inventory``) and in words for people."""

    targets: tuple[str, ...]
    blast_radius: str
    reversible: bool = True


class Fault(Protocol):
    """One kind of fault. Instances hold no state; made without arguments.

    call_timeout: seconds after which no call of this plug-in that was cut off in mid-air can
    still land on the target.
    """

    call_timeout: float

    def problems(self, arguments: Arguments) -> Sequence[tuple[tuple[str, ...], str]]:
        """Every mistake in the arguments, each with its path. Pure: no call, no file read.

        A string that holds ``${`` is a variable not known yet and is never a mistake.
        """

    def describe(self, arguments: Arguments) -> Description:
        """What it will touch. Pure. Raises FaultRejected for arguments that are wrong."""

    def capture(self, arguments: Arguments) -> Prior:
        """The target's state now, to be restored exactly. Changes nothing.

        Raises FaultRejected when the fault must not or cannot go in.
        """

    def inject(self, arguments: Arguments) -> None:
        """Put the fault in; returns when it is in. Raises FaultFailure."""

    def verify_injected(self, arguments: Arguments, prior: Prior) -> str:
        """The proof, in words, that the fault is in. Raises FaultMissing otherwise."""

    def undo(self, arguments: Arguments, prior: Prior) -> None:
        """Restore ``prior``. Idempotent; also right when the fault never went in."""

    def verify_undone(self, arguments: Arguments, prior: Prior) -> str:
        """The proof, in words, that the fault is out: control plane and data plane.

        Changes nothing. Raises FaultStillPresent otherwise.
        """


@runtime_checkable
class IdentifiedFault(Protocol):
    """A fault whose targets are more than their names: another one may take the same name."""

    def identity(self, arguments: Arguments) -> Mapping[str, str]:
        """Which ones they are now: an identity by name, nothing for what is not there. A run
        that finds other ones when the fault is to go in does not inject it. Changes nothing;
        raises FaultFailure when nobody can tell."""


@runtime_checkable
class ResolvingFault(Protocol):
    """A fault whose arguments select targets: which ones is known only once they were captured."""

    def resolve(self, arguments: Arguments, prior: Prior) -> Description:
        """What it will touch, by the exact names that were found. Pure."""
