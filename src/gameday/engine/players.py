"""Scripted responders: they wait for their moment, really act, and say so like anyone else."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gameday.core.errors import NothingToDo
from gameday.core.instant import NANOSECONDS, Instant
from gameday.core.log import events as e
from gameday.core.log.events import Record, ResponderFact
from gameday.core.run.commands import Respond
from gameday.core.run.exercise_clock import exercise_deadline
from gameday.core.scenario.responder_script import Act, CommandDeed, HttpDeed
from gameday.core.words import Milestone
from gameday.engine.stream import RunStream


@dataclass(frozen=True, slots=True)
class Done:
    """How a deed went: ``ok`` and a line about it."""

    ok: bool
    detail: str


class Hands(Protocol):
    """Carries out deeds on the system."""

    async def perform(self, deed: HttpDeed | CommandDeed) -> Done:
        """Do it, within its time-out. Never raises for a deed that fails: it says so."""


_REACHED_BY: Mapping[type[e.Event], Milestone] = {
    e.FaultInjected: Milestone.INJECTED,
    e.ImpactStarted: Milestone.IMPACTED,
    e.Detected: Milestone.DETECTED,
    e.Acknowledged: Milestone.ACKNOWLEDGED,
    e.Declared: Milestone.DECLARED,
    e.Triaged: Milestone.TRIAGED,
    e.MitigationClaimed: Milestone.CLAIMED,
    e.MitigationVerified: Milestone.MITIGATED,
}


def _reached(event: e.Event) -> Milestone | None:
    if isinstance(event, e.ClaimConfirmed) and event.milestone is Milestone.RESOLVED:
        return Milestone.RESOLVED
    return _REACHED_BY.get(type(event))


class Players:
    """Plays a script against a run."""

    def __init__(self, acts: Sequence[Act], stream: RunStream, hands: Hands) -> None:
        self._acts = acts
        self._stream = stream
        self._hands = hands
        self._reached: dict[Milestone, Instant] = {}
        self._news = asyncio.Condition()
        self._inbox: asyncio.Queue[Record] = asyncio.Queue()
        stream.subscribe(self._inbox.put_nowait)

    async def play(self) -> None:
        """Every act at its moment; returns when all are done, or is cancelled with the run."""
        async with asyncio.TaskGroup() as group:
            listener = group.create_task(self._listen())
            acts = [group.create_task(self._act(n, act)) for n, act in enumerate(self._acts)]
            await asyncio.gather(*acts)
            listener.cancel()

    async def _listen(self) -> None:
        while True:
            record = await self._inbox.get()
            async with self._news:
                milestone = _reached(record.event)
                if milestone is not None:
                    self._reached.setdefault(milestone, record.at)
                self._news.notify_all()

    async def _act(self, number: int, act: Act) -> None:
        async with self._news:
            await self._news.wait_for(lambda: self._moment(act) is not None)
        moment = self._moment(act)
        while moment is None or moment > self._stream.clock.now().boot:
            await self._stream.clock.sleep_until(moment or self._soon())
            moment = self._moment(act)  # a pause may have moved it
        began = self._stream.clock.now()
        said = await self._carry_out(act)
        # A deed counts from when it began: what it brings about may show before it returns.
        at = began if isinstance(said, e.ActionTaken) else None
        await self._say(said, at, f"script:{number}")

    async def _say(self, said: ResponderFact, at: Instant | None, key: str) -> None:
        try:
            await self._stream.try_execute(Respond(said, at, key))
        except NothingToDo as mistake:  # a script's mistake ends no drill, and can be seen
            text = f"the script's word of {said.by} is not on record: {mistake.message}"
            note = e.NoteAdded(by="gameday", text=text, channel="script")
            await self._stream.try_execute(Respond(note, None, key))

    def _moment(self, act: Act) -> int | None:
        if act.after is None:
            return exercise_deadline(self._stream.state, act.at)
        reached = self._reached.get(act.after)
        return reached.boot + round(act.at * NANOSECONDS) if reached else None

    def _soon(self) -> int:
        return self._stream.clock.now().boot + NANOSECONDS // 2

    async def _carry_out(self, act: Act) -> ResponderFact:
        deed = act.http or act.command
        if deed is not None:
            try:
                done = await self._hands.perform(deed)
            except Exception as error:  # noqa: BLE001 - a script's mistake ends no drill
                done = Done(False, f"could not be done: {error!r}")
            return e.ActionTaken(
                by=act.by, text=act.text, channel="script", ok=done.ok, detail=done.detail
            )
        return act.fact()
