"""What the engine needs from the outside world. Adapters fill these in; tests bring fakes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from gameday.core.instant import Instant
from gameday.core.log.events import Draft, Record, Sample, UndoStep
from gameday.core.run.summary import RunSummary


class Clock(Protocol):
    """All time comes from here."""

    def now(self) -> Instant:
        """A reading of all clocks."""

    async def sleep_until(self, boot: int) -> None:
        """Return once the boot clock shows ``boot`` nanoseconds; at once when it already does."""


Decide = Callable[[Sequence[Record]], Sequence[Draft]]
"""Given the records after a position, what to append. It may raise; then nothing changes. It may be
asked a second time, when what the first answer would have been part of was not written."""


class EventLog(Protocol):
    """Append-only, hash-chained, the only bus. All calls block and are safe from any thread.

    Raises StoreFailure when the store cannot be read or written.
    """

    def transact(self, run_id: str, after: int, decide: Decide) -> Sequence[Record]:
        """In one write transaction: read the records after ``after``, decide, append.

        Returns the records read and then those appended. A draft whose key the run already
        holds is dropped. What is returned is durable. Callers at the same time may share one
        commit: each decides on what those before it have appended, one that raises changes
        nothing and harms nobody, and ``decide`` may be called on another caller's thread.
        """

    def read(self, run_id: str, after: int = 0) -> Sequence[Record]:
        """The run's records after a position, in order."""

    def runs(self) -> Sequence[str]:
        """Ids of all runs, oldest first."""

    def summaries(self) -> Sequence[RunSummary]:
        """Every run in short, oldest first, at a cost that does not depend on its length."""

    def unfinished(self) -> Sequence[RunSummary]:
        """The runs that go on or have left a fault in, oldest first; others cost nothing."""

    def hold_ballast(self) -> None:
        """Set aside space for the records of an undo. Idempotent; raises StoreFailure when
        there is none."""

    def release_ballast(self) -> None:
        """Free that space because the disk is full: appends work again. Idempotent."""

    def changes(self) -> AsyncIterator[None]:
        """Yields soon after anyone, in any process, has appended something."""

    def close(self) -> None:
        """Let go of the store."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What a probe found. ``error`` says why there is no value; then the sample has failed."""

    value: float | int | str | bool | None
    error: str = ""


class Probe(Protocol):
    """One steady-state probe, ready to be asked again and again, also while it is being asked."""

    async def read(self) -> Reading:
        """Ask once. The sampler brings the time-out and cancels."""

    async def close(self) -> None:
        """Let go of connections."""


EXPIRY_MARGIN = 10.0
"""Seconds beyond a fault's longest hold that a target is told to keep it: the undo goes first."""


@dataclass(frozen=True, slots=True)
class ExperimentOrder:
    """One experiment to be run once: the fault's id, the file, and where its journal goes.

    at_most: seconds after which a target that can may end the fault by itself; None leaves
    that to the file.
    """

    fault: str
    path: str
    journal: str
    with_hypothesis: bool = False
    at_most: float | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """What an experiment is about to touch, with captured prior state, before it does."""

    title: str
    targets: tuple[str, ...]
    undo: tuple[UndoStep, ...]


@dataclass(frozen=True, slots=True)
class Injection:
    """How a method went. ``began``: when its first action started, None if none did.

    reason: empty when every action succeeded and what was to be injected is there.
    """

    began: Instant | None
    finished: Instant
    reason: str = ""
    deviated: bool = False
    interrupted: bool = False


@dataclass(frozen=True, slots=True)
class StepOutcome:
    """How one undo step went: ``proof`` when it is out, ``reason`` when it is not proved.

    seen: somebody looked and the fault is still in, which is more than not being able to look.
    """

    label: str
    proof: str = ""
    reason: str = ""
    seen: bool = False
    call_timeout: float = 0.0


class Experiment(Protocol):
    """An experiment in a worker process of its own, armed and waiting."""

    async def identify(self) -> None:
        """Note which ones its targets are now; from then on ``intent`` refuses any other. Touches
        nothing. Raises WorkerFailure when nobody can tell."""

    async def intent(self) -> Intent:
        """Load it, resolve its targets, capture their prior state. Touches nothing."""

    async def inject(self) -> Injection:
        """Run the method alone; its fault stays in."""

    async def kill(self) -> None:
        """End the worker's whole process group; returns when it is gone."""


class Workers(Protocol):
    """Runs everything that may hang or crash in processes owned by the guardian.

    Raises WorkerFailure when a worker cannot be started, dies or does not answer in time.
    """

    async def arm(self, order: ExperimentOrder) -> Experiment:
        """Start a worker for an experiment; the guardian knows its pid before this returns."""

    async def kill(self, fault: str) -> bool | None:
        """Kill the worker group of that fault. True: it was or may have been cut off in
        mid-call, so its request may still land; False: nothing was under way; None: no worker
        of that fault is ours, so nobody knows. Whoever asks again is told the same."""

    async def undo(self, step: UndoStep, timeout: float) -> StepOutcome:
        """Play one inverse in a worker of its own and verify that the fault is absent."""

    async def verify(self, step: UndoStep, timeout: float) -> StepOutcome:
        """Only look: is the fault of this step absent? Never changes anything."""


class Notifier(Protocol):
    """What must reach people. Failing to notify never fails a run."""

    async def notify(self, record: Record) -> None:
        """Tell people of an event."""


class ScriptedResponders(Protocol):
    """People played by a file: they act at set times and really mitigate."""

    async def play(self) -> None:
        """Act until done or cancelled."""


SampleSink = Callable[[Sequence[Sample]], None]
