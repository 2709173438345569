"""A tabletop: the same conductor over a story. No guardian, no worker: nothing is touched."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

from gameday.core.errors import Refused
from gameday.core.log.events import RunScheduled
from gameday.engine.ports import ExperimentOrder, Notifier

if TYPE_CHECKING:
    from gameday.bootstrap.runs import GameDay
    from gameday.core.run.state import RunState
    from gameday.engine.conductor import Cast, Conductor
    from gameday.engine.stream import RunStream
    from gameday.settings import Settings


async def conduct_tabletop(
    settings: Settings,
    game_day: GameDay,
    run_id: str,
    event: RunScheduled,
    notifiers: tuple[Notifier, ...],
    on_start: Callable[[Conductor], None],
) -> RunState:
    """Tell the story to its end, timing what people do. Raises Refused, before anything is on
    record, for scripted responders who would change a system."""
    _touch_nothing(game_day)
    from gameday.bootstrap.runs import owned_run, run_stream, schedule_run
    from gameday.bootstrap.store import open_store
    from gameday.engine.conductor import Conductor

    with open_store(settings) as log, owned_run(settings, run_id):
        schedule_run(log, run_id, event)
        async with run_stream(log, run_id) as stream:
            await stream.take_lease(os.uname().nodename, os.getpid())
            conductor = Conductor(stream, story_cast(game_day, stream, notifiers))
            on_start(conductor)
            return await conductor.run()


def _touch_nothing(game_day: GameDay) -> None:
    acts = game_day.responders.acts if game_day.responders else []
    deeds = [act for act in acts if act.http or act.command]
    if deeds:
        who = ", ".join(sorted({act.by for act in deeds}))
        raise Refused(
            f"a tabletop touches nothing, and its scripted responders would ({who}, `do: act`)",
            hint="let them say what they do: `do: propose`, `do: mitigate`, `do: note`",
        )


def story_cast(game_day: GameDay, stream: RunStream, notifiers: tuple[Notifier, ...]) -> Cast:
    """Everything a tabletop needs: the story, its readers, and whoever takes part."""
    from gameday.adapters.tabletop import Story, StoryReader, StoryWorkers
    from gameday.bootstrap.runs import players
    from gameday.engine.conductor import Cast
    from gameday.engine.sampler import Sampling

    scenario = game_day.scenario
    story = Story(stream)
    imagined = {i.id: i.imagine for i in scenario.timeline if i.imagine is not None}
    return Cast(
        workers=StoryWorkers(story, imagined),
        probes={
            name: Sampling(StoryReader(story), probe.interval, probe.timeout, True)
            for name, probe in scenario.probes.items()
        },
        orders={fault: ExperimentOrder(fault, "", "") for fault in imagined},
        notifiers=notifiers,
        players=players(game_day, stream),
    )
