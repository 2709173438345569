"""A whole simulated drill in virtual time, for tests of the engine and of scoring."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gameday.adapters.event_log.memory import MemoryEventLog
from gameday.bootstrap.process_tables import process_values
from gameday.core.instant import Instant
from gameday.core.log.events import Draft, Event, Record, ResponderFact, RunScheduled
from gameday.core.run.commands import Respond
from gameday.core.run.state import RunState
from gameday.core.scenario.responder_script import Act
from gameday.core.scenario.scenario import Scenario
from gameday.core.scorecard.scorecard import Scorecard, scorecard
from gameday.engine.conductor import Cast, Conductor
from gameday.engine.players import Hands, Players
from gameday.engine.ports import ExperimentOrder, Notifier
from gameday.engine.sampler import Sampling
from gameday.engine.stream import RunStream
from gameday.testing import (
    InlineExecutor,
    SimulatedHands,
    SimulatedProbe,
    SimulatedSystem,
    SimulatedWorkers,
    VirtualClock,
    minimal_scenario,
    run_virtual,
)

RUN = "drill-1"


@dataclass
class Stage:
    """What a scene can reach while the drill runs."""

    system: SimulatedSystem
    workers: SimulatedWorkers
    clock: VirtualClock
    stream: RunStream
    conductor: Conductor

    async def until(self, *kinds: type[Event]) -> None:
        """Return when an event of one of these kinds is in the log."""
        seen = asyncio.Event()

        def look(record: Record) -> None:
            if isinstance(record.event, kinds):
                seen.set()

        self.stream.subscribe(look)
        await seen.wait()

    async def say(self, fact: ResponderFact, at: Instant | None = None) -> None:
        """Enter a responder's word."""
        await self.stream.execute(Respond(fact, at))

    async def at(self, seconds: float) -> None:
        """Return that many seconds after virtual time began (the run starts 10 s in)."""
        await self.clock.sleep_until(round(seconds * 1e9))


Scene = Callable[[Stage], Coroutine[Any, Any, None]]


@dataclass
class Played:
    """A drill that has ended."""

    state: RunState
    records: Sequence[Record]
    workers: SimulatedWorkers
    system: SimulatedSystem

    @property
    def card(self) -> Scorecard:
        return scorecard(RUN, self.records)

    def of(self, kind: type[Event]) -> list[Record]:
        return [record for record in self.records if isinstance(record.event, kind)]


def act(at: str, do: str, after: str | None = None, **rest: Any) -> Act:
    """One act of a script."""
    return Act.model_validate({"at": at, "by": "alice", "do": do, "after": after, **rest})


SHIELD = {"url": "http://sim/shield"}
UNSHIELD = {"url": "http://sim/unshield"}


def a_break(
    at_most: str = "10m", *, id: str = "break", at: str = "+30s", until: str = "mitigated"
) -> dict[str, Any]:
    """One inject of a timeline that breaks something."""
    hold = {"until": until, "at_most": at_most}
    return {"id": id, "at": at, "title": id, "fault": f"experiments/{id}.yaml", "hold": hold}


def good_responders() -> list[Act]:
    """They notice, act and say so, all in time."""
    return [
        act("+20s", "detect", "impacted"),
        act("+30s", "ack", "impacted"),
        act("+60s", "declare", "impacted", severity="SEV2"),
        act("+90s", "triage", "impacted"),
        act("+120s", "act", "impacted", http=SHIELD),
        act("+130s", "mitigate", "impacted"),
        act("+10s", "resolve", "mitigated"),
    ]


def play(
    acts: Sequence[Act] = (),
    scene: Scene | None = None,
    workers: Mapping[str, Any] | None = None,
    notifiers: tuple[Notifier, ...] = (),
    hands: Callable[[SimulatedSystem], Hands] = SimulatedHands,
    **changes: Any,
) -> Played:
    """Play a drill to its end in virtual time."""
    values = minimal_scenario(**changes)
    return run_virtual(_play(acts, scene, workers or {}, notifiers, hands, values))


_PLAYED: dict[str, Played] = {}


def played_once(acts: Sequence[Act] = (), **changes: Any) -> Played:
    """The same for who only wants what came of it: in virtual time a drill that has been played
    already would be the same, so it is not played again. Not where a test changes the program."""
    key = repr((acts, sorted(changes.items())))
    if key not in _PLAYED:
        _PLAYED[key] = play(acts, **changes)
    return _PLAYED[key]


async def _play(
    acts: Sequence[Act],
    scene: Scene | None,
    knobs: Mapping[str, Any],
    notifiers: tuple[Notifier, ...],
    hands: Callable[[SimulatedSystem], Hands],
    values: Mapping[str, Any],
) -> Played:
    clock, system = VirtualClock(), SimulatedSystem()
    log = MemoryEventLog(clock)
    scenario = Scenario.model_validate(values)
    scheduled = RunScheduled(
        title=scenario.title,
        scenario=scenario.model_dump(mode="json", by_alias=True),
        source="test.yaml",
        digest="0",
        process=process_values(None, scenario),
    )
    log.transact(RUN, 0, lambda _: [Draft(scheduled, clock.now())])
    stream = RunStream(log, clock, RUN, InlineExecutor())
    workers = SimulatedWorkers(system, clock, **knobs)
    players = Players(acts, stream, hands(system))
    conductor = Conductor(stream, _cast(scenario, system, workers, players, notifiers))
    running = asyncio.create_task(conductor.run())
    if scene is not None:
        await scene(Stage(system, workers, clock, stream, conductor))
    state = await running
    return Played(state, log.read(RUN), workers, system)


def _cast(
    scenario: Scenario,
    system: SimulatedSystem,
    workers: SimulatedWorkers,
    players: Players,
    notifiers: tuple[Notifier, ...],
) -> Cast:
    orders = {
        inject.id: ExperimentOrder(inject.id, inject.fault, "")
        for inject in scenario.timeline
        if inject.fault
    }
    probes = {
        name: Sampling(SimulatedProbe(system), probe.interval, probe.timeout, True)
        for name, probe in scenario.probes.items()
    }
    return Cast(workers, probes, orders, notifiers, (players.play(),))
