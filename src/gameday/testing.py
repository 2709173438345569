"""Public fakes for tests in virtual time: a drill of hours runs in milliseconds, no sleeps.

``run_virtual`` runs a coroutine on an event loop whose clock jumps to the next timer as soon
as nothing is left to do. ``VirtualClock`` reads that clock. The rest are simple real fakes of
the engine's ports.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from typing import Any, TypeVar

from gameday.core.errors import WorkerFailure
from gameday.core.instant import NANOSECONDS, Instant
from gameday.core.log.events import Record, UndoStep
from gameday.core.scenario.responder_script import CommandDeed, HttpDeed
from gameday.engine.players import Done
from gameday.engine.ports import (
    Experiment,
    ExperimentOrder,
    Injection,
    Intent,
    Reading,
    StepOutcome,
)

T = TypeVar("T")
EPOCH = 1_790_000_000.0
"""Wall time at which virtual time begins."""


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting for a timer, moves the loop's time to it."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("virtual time stands still: everything waits and no timer is set")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop that never waits."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._jumping.now


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run ``main`` to its end in virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)


class VirtualClock:
    """The virtual loop's time as a Clock. ``step_wall`` moves the wall clock alone, ``suspend``
    both clocks and no timer, as a machine that sleeps does."""

    def __init__(self, boot_id: str = "virtual") -> None:
        self._boot_id = boot_id
        self._wall_offset = 0.0
        self._suspended = 0.0

    def now(self) -> Instant:
        """Virtual time; the wall clock begins at EPOCH."""
        seconds = asyncio.get_running_loop().time() + self._suspended
        boot = round(seconds * NANOSECONDS)
        return Instant(EPOCH + seconds + self._wall_offset, boot, self._boot_id)

    def step_wall(self, seconds: float) -> None:
        """What NTP or a person setting the clock does."""
        self._wall_offset += seconds

    def suspend(self, seconds: float) -> None:
        """The machine sleeps that long, from now."""
        self._suspended += seconds

    async def sleep_until(self, boot: int) -> None:
        """Never early: a nanosecond is added against rounding."""
        if (wait := boot - self.now().boot) > 0:
            await asyncio.sleep((wait + 1) / NANOSECONDS)


class InlineExecutor(Executor):
    """Runs what is submitted at once, so that virtual time never overtakes a thread."""

    def submit(self, fn: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        """Call ``fn`` now."""
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - handed to whoever awaits the future
            future.set_exception(error)
        return future


# --- a simulated system -----------------------------------------------------------------


@dataclass
class SimulatedSystem:
    """A system that is well unless a fault is in and nothing shields users from it."""

    faults: set[str] = field(default_factory=set)
    shielded: bool = False
    latency: float = 0.01

    @property
    def well(self) -> bool:
        """What users feel."""
        return self.shielded or not self.faults


class SimulatedProbe:
    """Reads True while the system is well."""

    def __init__(self, system: SimulatedSystem) -> None:
        self._system = system

    async def read(self) -> Reading:
        """The system as it is when it answers: a fault that goes in meanwhile is felt."""
        await asyncio.sleep(self._system.latency)
        return Reading(True) if self._system.well else Reading(None, "HTTP 503")

    async def close(self) -> None:
        """Nothing to let go of."""


class SimulatedHands:
    """``POST /shield`` shields users, ``/unshield`` stops it; any other deed fails."""

    def __init__(self, system: SimulatedSystem) -> None:
        self._system = system

    async def perform(self, deed: HttpDeed | CommandDeed) -> Done:
        """Change the simulated system."""
        if isinstance(deed, HttpDeed) and deed.url.endswith("/shield"):
            self._system.shielded = True
            return Done(True, "shielded")
        if isinstance(deed, HttpDeed) and deed.url.endswith("/unshield"):
            self._system.shielded = False
            return Done(True, "unshielded")
        return Done(False, "no such deed")


@dataclass
class SimulatedExperiment:
    """Puts its fault into the system; see :class:`SimulatedWorkers` for its knobs."""

    order: ExperimentOrder
    workers: SimulatedWorkers

    async def identify(self) -> None:
        """A simulated system is always the same one, where it can be looked at."""
        if self.order.fault in self.workers.out_of_sight:
            raise WorkerFailure(f"nobody can tell what {self.order.fault} would hit")

    async def intent(self) -> Intent:
        """One target and one inverse, named after the fault."""
        fault = self.order.fault
        step = UndoStep(label=fault, kind="fault", target=f"sim/{fault}", spec={"fault": fault})
        return Intent(f"simulated {fault}", (f"sim/{fault}",), (step,))

    async def inject(self) -> Injection:
        """The fault goes in at once and the method takes ``method_seconds``, unless killed."""
        workers, fault = self.workers, self.order.fault
        began = workers.clock.now()
        if fault in workers.broken:
            return Injection(None, began, reason="the action failed")
        workers.system.faults.add(fault)
        workers.log.append(f"inject {fault}")
        if await workers.is_killed_within(fault, workers.method_seconds):
            return Injection(began, workers.clock.now(), reason="killed", interrupted=True)
        reason = "its second action failed" if fault in workers.half_broken else ""
        return Injection(began, workers.clock.now(), reason=reason)

    async def kill(self) -> None:
        """Cut the method off, if it runs."""
        await self.workers.kill(self.order.fault)


@dataclass
class SimulatedWorkers:
    """The Workers port over a simulated system.

    broken: faults whose injection fails before it touches anything. half_broken: faults whose
    method fails after the fault went in. sticky: faults that no undo takes out. blind: nobody
    can look whether a fault is in, except the undo itself. out_of_sight: faults whose targets
    cannot be looked at when the run begins.
    """

    system: SimulatedSystem
    clock: VirtualClock
    method_seconds: float = 0.01
    undo_seconds: float = 0.01
    broken: frozenset[str] = frozenset()
    half_broken: frozenset[str] = frozenset()
    sticky: frozenset[str] = frozenset()
    blind: bool = False
    out_of_sight: frozenset[str] = frozenset()
    log: list[str] = field(default_factory=list)
    _armed: set[str] = field(default_factory=set)
    _running: dict[str, asyncio.Event] = field(default_factory=dict)
    _cut_off: set[str] = field(default_factory=set)

    async def arm(self, order: ExperimentOrder) -> Experiment:
        """Always ready."""
        self._armed.add(order.fault)
        return SimulatedExperiment(order, self)

    async def is_killed_within(self, fault: str, seconds: float) -> bool:
        """Run a method for that long; whether :meth:`kill` cut it off."""
        killed = self._running.setdefault(fault, asyncio.Event())
        try:
            async with asyncio.timeout(seconds):
                await killed.wait()
        except TimeoutError:
            return False
        finally:
            del self._running[fault]
        return True

    async def kill(self, fault: str) -> bool | None:
        """Cut the fault's method off; whether there was one to cut off, now or when it was asked
        before; None when these workers know nothing of it."""
        self.log.append(f"kill {fault}")
        if fault not in self._armed:
            return None
        running = self._running.get(fault)
        if running is not None:
            running.set()
            self._cut_off.add(fault)
        return fault in self._cut_off

    async def undo(self, step: UndoStep, timeout: float) -> StepOutcome:
        """Take the fault out unless it is sticky."""
        await asyncio.sleep(self.undo_seconds)
        fault = step.spec["fault"]
        self.log.append(f"undo {fault}")
        if fault not in self.sticky:
            self.system.faults.discard(fault)
        return self._look(step)

    async def verify(self, step: UndoStep, timeout: float) -> StepOutcome:
        """Look into the system; when blind, it ends as a time-out does."""
        if self.blind:
            raise WorkerFailure(f"verify: no answer within {timeout:g} s")
        return self._look(step)

    def _look(self, step: UndoStep) -> StepOutcome:
        present = step.spec["fault"] in self.system.faults
        if present:
            return StepOutcome(step.label, reason="still in the system", seen=True)
        return StepOutcome(step.label, proof="not in the system")


@dataclass
class CollectingNotifier:
    """Keeps what it was told."""

    records: list[Record] = field(default_factory=list)

    async def notify(self, record: Record) -> None:
        """Remember the record."""
        self.records.append(record)


def minimal_scenario(**changes: Any) -> Mapping[str, Any]:
    """A small valid scenario as plain values; ``changes`` replace top-level keys."""
    base: dict[str, Any] = {
        "title": "Simulated drill",
        "narrative": "Something breaks.",
        "owner": "sre",
        "severity": "SEV2",
        "environment": "test",
        "objectives": ["notice"],
        "probes": {"up": {"type": "http", "url": "http://127.0.0.1:1/"}},
        "steady_state": {"title": "users are well", "probes": ["up"]},
        "timeline": [
            {
                "id": "break",
                "at": "+30s",
                "title": "it breaks",
                "fault": "experiments/break.yaml",
                "hold": {"at_most": "10m"},
            }
        ],
        "duration": "15m",
        "blast_radius": {"targets": ["sim/*"]},
        "process": False,  # of people's process there are drills of its own
        "verification": {"before": "10s", "settle": "5s", "mitigated": "1m", "after": "10s"},
    }
    return {**base, **changes}
