"""Runs: everything a conductor or a single experiment is made of."""

from __future__ import annotations

import os
import pwd
import re
import sys
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gameday import __version__
from gameday.adapters.process.lease import owning
from gameday.bootstrap.files import experiment_file
from gameday.bootstrap.store import clock, open_store
from gameday.core.errors import Refused, WorkerFailure
from gameday.core.log.events import Draft, FaultStuck, Record, RunScheduled
from gameday.core.run.commands import RefuseRun
from gameday.engine.ports import EXPIRY_MARGIN, ExperimentOrder

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from contextlib import AbstractAsyncContextManager, AbstractContextManager

    from gameday.adapters.process.launch import Launched
    from gameday.adapters.process.lease import Lease
    from gameday.adapters.process.workers import GuardedWorkers
    from gameday.core.run.state import RunState
    from gameday.core.scenario.responder_script import ResponderScript
    from gameday.core.scenario.scenario import Scenario
    from gameday.engine.conductor import Cast, Conductor
    from gameday.engine.ports import EventLog, Notifier
    from gameday.engine.stream import RunStream
    from gameday.settings import Settings

GUARDIAN = (sys.executable, "-m", "gameday.cli.guardian")
"""How a guardian is started; what it guards it is told once it runs."""

Say = Callable[[str], None]
"""Tells a line to whoever sits here."""


def guarded_workers(
    settings: Settings, run_id: str, lease: Lease, launched: Launched | None = None
) -> GuardedWorkers:
    """Workers behind a guardian, not started yet. Dropped without ``close()``, the guardian is
    not told "done": it sees the connection break and takes out what is outstanding."""
    from gameday.adapters.process.workers import GuardedWorkers

    log = run_directory(settings, run_id) / "guardian.log"
    charge = {"store": str(settings.store), "data": str(settings.data), "run": run_id}
    return GuardedWorkers(
        GUARDIAN, clock(), charge=charge, log=log, launched=launched, on_beat=lease.beat
    )


@asynccontextmanager
async def new_run(
    settings: Settings,
    run_id: str,
    event: RunScheduled,
    say: Say,
    launched: Launched | None = None,
) -> AsyncIterator[tuple[RunStream, GuardedWorkers]]:
    """A run of ours: on record, owned by this process, with a guardian that is ready.

    Nothing is broken on top of what dead runs have left: that is taken out first, and
    UndoOutstanding raised when it cannot be. Without a guardian nothing may be broken either:
    the run is refused, in the log too, and WorkerFailure raised.
    """
    from gameday.bootstrap.recovery import clear_the_way

    with open_store(settings) as log, owned_run(settings, run_id) as lease:
        if await clear_the_way(settings, log, say) and launched is not None:
            launched.dismiss()  # it may have waited for longer than it does
            launched = None
        log.hold_ballast()
        workers = guarded_workers(settings, run_id, lease, launched)
        schedule_run(log, run_id, event)
        async with run_stream(log, run_id) as stream:
            await stream.take_lease(os.uname().nodename, os.getpid())
            say_when_stuck(settings, stream, say)
            try:
                await workers.start()
            except WorkerFailure as failure:
                await stream.try_execute(RefuseRun(str(failure)))
                raise
            yield stream, workers
            await workers.close()


def say_when_stuck(settings: Settings, stream: RunStream, say: Say) -> None:
    """From now on a fault that no undo takes out is said here and in the run's directory."""
    run_id = stream.state.run_id
    path = run_directory(settings, run_id) / "notices.log"

    def told(record: Record) -> None:
        if not isinstance(record.event, FaultStuck):
            return
        from gameday.adapters.notice_file import NoticeFile
        from gameday.reports.stuck import stuck_notice

        lines = stuck_notice(run_id, stream.state.faults[record.event.fault])
        failure = NoticeFile(path).append(record.at, lines)
        for line in (*lines, *([failure] if failure else [f"  kept in {path}"])):
            say(line)

    stream.subscribe(told)


def owned_run(settings: Settings, run_id: str) -> AbstractContextManager[Lease]:
    """Own the run on this host while inside. Raises Refused when another process does."""
    return owning(run_directory(settings, run_id), run_id, clock())


def run_directory(settings: Settings, run_id: str) -> Path:
    """Where a run's journals and logs are; made when it is not there."""
    directory = settings.data / "runs" / run_id
    directory.mkdir(parents=True, exist_ok=True)
    return directory


@asynccontextmanager
async def run_stream(log: EventLog, run_id: str) -> AsyncIterator[RunStream]:
    """A run's stream, committing in a thread of its own."""
    from gameday.engine.stream import RunStream

    with ThreadPoolExecutor(1, thread_name_prefix="commit") as executor:
        yield RunStream(log, clock(), run_id, executor)


# --- game days ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GameDay:
    """A game day ready to be run."""

    path: Path
    scenario: Scenario
    responders: ResponderScript | None = None


def new_run_id(title: str) -> str:
    """A readable id that sorts by time: ``20261121-105904-slow-inventory-3f2a``."""
    import time

    slug = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:32].strip("-")
    stamp = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return f"{stamp}-{slug or 'run'}-{os.urandom(2).hex()}"


def schedule_run(log: EventLog, run_id: str, event: RunScheduled) -> None:
    """Write down that a run exists."""
    log.transact(run_id, 0, lambda _: [Draft(event, clock().now())])


def scheduled_event(
    title: str,
    path: Path,
    scenario: Mapping[str, Any],
    process: Mapping[str, Any],
    checklist_items: tuple[str, ...] = (),
) -> RunScheduled:
    """What the log says of a new run: its file as it is, and who runs it where."""
    from hashlib import sha256

    return RunScheduled(
        title=title,
        scenario=scenario,
        source=str(path.resolve()),
        digest=sha256(path.read_bytes()).hexdigest(),
        operator=_operator(),
        host=os.uname().nodename,
        version=__version__,
        process=process,
        checklist_items=checklist_items,
    )


def _operator() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())  # a container's user may have no name


async def conduct(
    settings: Settings,
    game_day: GameDay,
    run_id: str,
    notifiers: tuple[Notifier, ...],
    on_start: Callable[[Conductor], None] = lambda _: None,
    say: Say = lambda _: None,
) -> RunState:
    """Run a game day to its end. ``on_start`` gets the conductor, to abort it by."""
    from gameday.adapters.notice_file import DutyNotices, NoticeFile
    from gameday.bootstrap.checklist_items import items_of_run
    from gameday.bootstrap.process_tables import held_against
    from gameday.engine.conductor import Conductor

    scenario, process = held_against(settings.process, game_day.scenario)
    game_day = replace(game_day, scenario=scenario)
    values = scenario.model_dump(mode="json", by_alias=True)
    items = items_of_run(settings.process, process)
    event = scheduled_event(scenario.title, game_day.path, values, process, items)
    file = NoticeFile(run_directory(settings, run_id) / "notices.log")
    notifiers = (*notifiers, DutyNotices(file))
    if scenario.mode == "tabletop":
        from gameday.bootstrap.tabletop import conduct_tabletop

        return await conduct_tabletop(settings, game_day, run_id, event, notifiers, on_start)
    async with new_run(settings, run_id, event, say) as (stream, workers):
        cast = _cast(settings, game_day, run_id, stream, workers, notifiers)
        conductor = Conductor(stream, cast)
        on_start(conductor)
        return await conductor.run()


def _cast(
    settings: Settings,
    game_day: GameDay,
    run_id: str,
    stream: RunStream,
    workers: GuardedWorkers,
    notifiers: tuple[Notifier, ...],
) -> Cast:
    from gameday.engine.conductor import Cast

    return Cast(
        workers=workers,
        probes=_samplings(game_day.scenario),
        orders=_orders(settings, game_day, run_id),
        notifiers=notifiers,
        players=players(game_day, stream),
    )


def players(game_day: GameDay, stream: RunStream) -> tuple[Coroutine[Any, Any, None], ...]:
    """Who else takes part: scripted responders, and witnesses of what people do."""
    found = []
    if game_day.responders is not None:
        from gameday.adapters.hands import RealHands
        from gameday.engine.players import Players

        found.append(Players(game_day.responders.acts, stream, RealHands()).play())
    for signals in game_day.scenario.signals:
        from gameday.adapters.kubernetes.witness import KubernetesWitness
        from gameday.engine.witness import bear_witness

        witness = KubernetesWitness(signals.context, signals.api_server, signals.namespace)
        found.append(bear_witness(witness, stream, signals.interval))
    return tuple(found)


def _samplings(scenario: Scenario) -> Mapping[str, Any]:
    from gameday.adapters.probes import build_probe
    from gameday.engine.sampler import Sampling

    secret = secret_reader(scenario)
    return {
        name: Sampling(build_probe(probe, secret), probe.interval, probe.timeout, probe.tolerance)
        for name, probe in scenario.probes.items()
    }


def secret_reader(scenario: Scenario) -> Callable[[str], str]:
    """Reads a secret by name from where the scenario says; Refused when it is not there."""

    def read(name: str) -> str:
        key = scenario.secrets[name].key
        value = os.environ.get(key)
        if value is None:
            raise Refused(
                f"the secret {name!r} is not there: the environment variable {key} is not set",
                hint=f"set it where gameday runs: export {key}=…",
            )
        return value

    return read


def _orders(settings: Settings, game_day: GameDay, run_id: str) -> Mapping[str, ExperimentOrder]:
    directory = run_directory(settings, run_id)
    orders = {}
    for inject in game_day.scenario.timeline:
        if inject.fault is not None:
            path = experiment_file(game_day.path, inject.fault)
            journal = directory / f"{inject.id}.journal.json"
            at_most = game_day.scenario.hold_of(inject).at_most + EXPIRY_MARGIN
            orders[inject.id] = ExperimentOrder(inject.id, str(path), str(journal), at_most=at_most)
    return orders


def single_run(
    settings: Settings,
    run_id: str,
    path: Path,
    launched: Launched | None,
    say: Say = lambda _: None,
) -> AbstractAsyncContextManager[tuple[RunStream, GuardedWorkers]]:
    """A run for one experiment file: its stream and its workers."""
    return new_run(settings, run_id, scheduled_event(path.stem, path, {}, {}), say, launched)
