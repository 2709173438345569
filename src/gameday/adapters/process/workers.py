"""The Workers port: experiments and undos in processes of their own, owned by the guardian."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from gameday.adapters.process.channel import Message
from gameday.adapters.process.forkserver import PLAIN, TOXIPROXY
from gameday.adapters.process.launch import Launched, launch
from gameday.adapters.process.link import Hand, Link
from gameday.core.errors import WorkerFailure
from gameday.core.instant import Instant
from gameday.core.log.events import UndoStep
from gameday.engine.ports import Clock, ExperimentOrder, Injection, Intent, StepOutcome

WORK = "gameday.adapters.chaostoolkit.worker:work"
"""What a worker process runs."""

READY_WITHIN = 10.0
START_WITHIN = 15.0  # a cold fork server loads chaoslib first; a loaded machine takes its time
INTENT_WITHIN = 30.0  # a few calls of at most 2 s each to every target, and config probes
KILL_WITHIN = 5.0

T = TypeVar("T")


class GuardedWorkers:
    """Workers behind a guardian that this object starts (or that ``launched`` already is).

    command: argv of the guardian's entry; ``--fd N`` is appended. charge: what its ``on_lost``
    is called with. log: where the guardian's own output goes, nowhere by default. on_beat:
    called with every sign of life. Call :meth:`start` first and :meth:`close` last.

    When the guardian dies, its workers are killed and what was under way fails. Undoing and
    verifying then go on behind a new guardian; no new experiment is armed.
    """

    def __init__(
        self,
        command: Sequence[str],
        clock: Clock,
        *,
        charge: Mapping[str, str] | None = None,
        log: str | os.PathLike[str] | None = None,
        launched: Launched | None = None,
        on_beat: Callable[[], None] = lambda: None,
    ) -> None:
        self._on_beat = on_beat
        self._command = tuple(command)
        self._clock = clock
        self._charge = charge or {}
        self._log = log
        self._launched = launched
        self._link: Link | None = None
        self._opening = asyncio.Lock()
        self._armed: dict[str, GuardedExperiment] = {}

    async def start(self) -> None:
        """Return once the guardian is ready; raises WorkerFailure when it cannot be."""
        await self._open()

    async def close(self) -> None:
        """End all workers and the guardian in good order; right also before :meth:`start`."""
        if self._launched is not None:
            self._launched.dismiss()
            self._launched = None
        if self._link is not None:
            await self._link.close()
            self._link = None

    async def arm(self, order: ExperimentOrder) -> GuardedExperiment:
        """Start a worker for an experiment; the guardian knows its pid before this returns."""
        if self._link is None or not self._link.alive:
            raise WorkerFailure(
                "the guardian is not there, so nothing may be injected",
                hint="start the run again; what was injected is still undone",
            )
        task = {
            "target": WORK,
            "kit": _kit(_text(order.path)),
            "work": "experiment",
            "path": order.path,
            "journal": order.journal,
            "with_hypothesis": order.with_hypothesis,
            "at_most": order.at_most,
            "run": self._charge.get("run", ""),
        }
        experiment = GuardedExperiment(self._link, task, self._clock)
        try:
            await _in_time(experiment.hand.started(), START_WITHIN, "start a worker process")
        except WorkerFailure:
            await experiment.kill()
            raise
        self._armed[order.fault] = experiment
        return experiment

    async def kill(self, fault: str) -> bool | None:
        """Kill the worker group of that fault; see the port for what the answer means."""
        experiment = self._armed.get(fault)  # kept: whoever asks again is told the same
        if experiment is None:
            return None
        await experiment.kill()
        return experiment.cut_off

    async def undo(self, step: UndoStep, timeout: float) -> StepOutcome:
        """Play one inverse in a worker of its own and verify that the fault is absent."""
        return await self._step("undo", step, timeout)

    async def verify(self, step: UndoStep, timeout: float) -> StepOutcome:
        """Only look: is the fault of this step absent? Never changes anything."""
        return await self._step("verify", step, timeout)

    async def _step(self, work: str, step: UndoStep, timeout: float) -> StepOutcome:
        link = await self._open()
        hand = link.start(
            {
                "target": WORK,
                "kit": _kit(str(dict(step.spec))),
                "work": work,
                "label": step.label,
                "kind": step.kind,
                "spec": dict(step.spec),
            }
        )
        try:
            await _in_time(hand.started(), START_WITHIN, "start a worker process")
            body = await _in_time(hand.answer(), timeout, f"{work} {step.label!r}")
        finally:
            await link.kill(hand, KILL_WITHIN)
        return _outcome(step.label, body)

    async def _open(self) -> Link:
        async with self._opening:
            if self._link is not None and self._link.alive:
                return self._link
            if self._link is not None:
                await self._link.close()
            self._link = None
            launched, self._launched = self._launched, None
            try:
                link = Link(launched or launch(self._command, self._log), self._on_beat)
            except OSError as error:
                raise WorkerFailure(f"the guardian could not be started: {error}") from error
            await link.open(self._charge, READY_WITHIN)
            self._link = link
            return link


class GuardedExperiment:
    """An experiment in its worker, armed and waiting.

    cut_off: it was killed, or died, while a call to a target was or may have been under way.
    """

    def __init__(self, link: Link, task: Mapping[str, Any], clock: Clock) -> None:
        self._link = link
        self._clock = clock
        self._began: Instant | None = None
        self._calls = 0
        self._unanswered = False
        self.hand: Hand = link.start(task, self._note)

    @property
    def cut_off(self) -> bool:
        """It ended while one of the method's activities was under way, or may have been: what
        it said last is lost when the guardian dies with it unread."""
        unheard = self._unanswered and not self._link.alive
        return self.hand.ended is not None and (self._calls > 0 or unheard)

    async def identify(self) -> None:
        """Note which ones its targets are now; from then on ``intent`` refuses any other.

        Raises WorkerFailure when nobody can tell.
        """
        self._link.tell(self.hand, {"ask": "identify"})
        _raise_failure(
            await _in_time(self.hand.answer(), INTENT_WITHIN, "say which ones its targets are")
        )

    async def intent(self) -> Intent:
        """Load it, resolve its targets, capture their prior state. Touches nothing.

        Raises WorkerFailure when the file, a target or a rollback is not fit for a run.
        """
        self._link.tell(self.hand, {"ask": "intent"})
        body = await _in_time(self.hand.answer(), INTENT_WITHIN, "say what the experiment touches")
        _raise_failure(body)
        steps = tuple(UndoStep(**step) for step in body["undo"])
        return Intent(title=body["title"], targets=tuple(body["targets"]), undo=steps)

    async def inject(self) -> Injection:
        """Run the method alone; its fault stays in. Takes as long as the method does."""
        self._unanswered = True
        self._link.tell(self.hand, {"ask": "inject"})
        try:
            body = await self.hand.answer()
        except WorkerFailure as failure:
            return Injection(
                began=self._began,
                finished=self._clock.now(),
                reason=failure.message,
                interrupted=True,
            )
        self._unanswered = False
        _raise_failure(body)
        return Injection(
            began=self._began,
            finished=self._instant(body["finished"]),
            reason=body["reason"],
            deviated=body["deviated"],
        )

    async def kill(self) -> None:
        """End the worker's whole process group; returns when it is gone."""
        await self._link.kill(self.hand, KILL_WITHIN)

    def _note(self, news: Message) -> None:
        self._calls = news["calls"]
        if self._began is None and news["began"] is not None:
            self._began = self._instant(news["began"])

    def _instant(self, reading: Mapping[str, Any]) -> Instant:
        # the worker runs on this host in this boot; only we know how its id is written
        return Instant(reading["wall"], reading["boot"], self._clock.now().boot_id)


def _kit(text: str) -> str:
    """What the fork server loads for whoever reads this text; a guess that is wrong costs time."""
    return (TOXIPROXY if "toxiproxy" in text else PLAIN).decode()


def _text(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""  # the worker says so when it loads it


def _outcome(label: str, body: Message) -> StepOutcome:
    _raise_failure(body)
    return StepOutcome(
        label,
        proof=body["proof"],
        reason=body["reason"],
        seen=body.get("seen", False),
        call_timeout=body["call_timeout"],
    )


def _raise_failure(body: Message) -> None:
    if "failure" in body:
        raise WorkerFailure(body["failure"], hint=body.get("hint", ""))


async def _in_time(awaited: Awaitable[T], within: float, what: str) -> T:
    try:
        return await asyncio.wait_for(awaited, within)
    except TimeoutError:
        raise WorkerFailure(f"could not {what} within {within:g} s") from None
