"""A tabletop: the engine as it is, over a story instead of a system. Nothing is touched.

A fault of the story is in the ledger like any other; that users are hurt or well is what the
facilitator says (``gameday respond story``), and what follows from the faults that are in.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gameday.core.errors import WorkerFailure
from gameday.core.instant import Instant
from gameday.core.log import events as e
from gameday.core.log.events import UndoStep
from gameday.engine.faults import Arguments, Description, FaultMissing, Prior
from gameday.engine.ports import (
    Experiment,
    ExperimentOrder,
    Injection,
    Intent,
    Reading,
    StepOutcome,
)
from gameday.engine.stream import RunStream

KIND = "story"
PROOF = "it was in the story alone"


class Story:
    """What is so in the story: the faults that are in, and what the facilitator said last."""

    def __init__(self, stream: RunStream) -> None:
        self.stream = stream
        self.faults: dict[str, Instant] = {}

    @property
    def hurt(self) -> bool:
        """Users are, from a fault on until the facilitator says that they are well."""
        if not self.faults:
            return False
        state = self.stream.state
        since = max(at.boot for at in self.faults.values())
        told = [
            heard.fact.well
            for heard in state.heard
            if isinstance(heard.fact, e.StoryTold)
            and heard.entry not in state.annulled
            and heard.at.boot >= since
        ]
        return not (told and told[-1])


class StoryReader:
    """Users, as the story has them."""

    def __init__(self, story: Story) -> None:
        self._story = story

    async def read(self) -> Reading:
        """True while they are well."""
        return Reading(None, "users are hurt") if self._story.hurt else Reading(True)

    async def close(self) -> None:
        """Nothing to let go of."""


class _StoryExperiment:
    def __init__(self, order: ExperimentOrder, title: str, story: Story) -> None:
        self._order = order
        self._title = title
        self._story = story

    async def identify(self) -> None:
        """A story has no namesakes."""

    async def intent(self) -> Intent:
        """One target, named after the fault, and an inverse that any process can play."""
        target = f"{KIND}/{self._order.fault}"
        spec = {"type": KIND, "arguments": {}, "prior": {}}
        step = UndoStep(label=f"{KIND} on {target}", kind="fault", target=target, spec=spec)
        return Intent(self._title, (target,), (step,))

    async def inject(self) -> Injection:
        """From now on it is so."""
        now = self._story.stream.clock.now()
        self._story.faults[self._order.fault] = now
        return Injection(now, now)

    async def kill(self) -> None:
        """Nothing runs."""


class StoryWorkers:
    """The Workers port over a story. titles: what each fault is, in words."""

    def __init__(self, story: Story, titles: Mapping[str, str]) -> None:
        self._story = story
        self._titles = titles

    async def arm(self, order: ExperimentOrder) -> Experiment:
        """Always ready. Raises WorkerFailure for a fault that the story does not have."""
        if order.fault not in self._titles:
            raise WorkerFailure(f"the story has no fault {order.fault!r}")
        return _StoryExperiment(order, self._titles[order.fault], self._story)

    async def kill(self, fault: str) -> bool | None:
        """Nothing is ever under way."""
        return False

    async def undo(self, step: UndoStep, timeout: float) -> StepOutcome:
        """The story goes on without it."""
        self._story.faults.pop(step.target.removeprefix(f"{KIND}/"), None)
        return StepOutcome(step.label, proof=PROOF)

    async def verify(self, step: UndoStep, timeout: float) -> StepOutcome:
        """Whether the story still has it."""
        if step.target.removeprefix(f"{KIND}/") in self._story.faults:
            return StepOutcome(step.label, reason="still so in the story", seen=True)
        return StepOutcome(step.label, proof=PROOF)


class StoryFault:
    """The plug-in that takes a fault of the story out when its conductor died: it died with it."""

    call_timeout = 0.0

    def problems(self, arguments: Arguments) -> Sequence[tuple[tuple[str, ...], str]]:
        """An experiment cannot have one: only a tabletop imagines."""
        return [((), "an experiment touches a system; a tabletop's timeline says `imagine`")]

    def describe(self, arguments: Arguments) -> Description:
        """Nothing is touched."""
        return Description((), "a story")

    def capture(self, arguments: Arguments) -> Prior:
        """Nothing to restore."""
        return {}

    def inject(self, arguments: Arguments) -> None:
        """Nothing to do."""

    def verify_injected(self, arguments: Arguments, prior: Prior) -> str:
        """Raises FaultMissing: only a tabletop's conductor knows its story."""
        raise FaultMissing("no tabletop is going on here")

    def undo(self, arguments: Arguments, prior: Prior) -> None:
        """It went with whoever told it."""

    def verify_undone(self, arguments: Arguments, prior: Prior) -> str:
        """The proof: nothing was ever touched."""
        return PROOF
