"""``gameday watch``: follow a run live from another terminal."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import click

from gameday.bootstrap import store
from gameday.cli.live import GAME_DAY, View, open_view
from gameday.cli.main import App
from gameday.cli.opened import opened
from gameday.cli.output import note
from gameday.core.errors import ExitCode
from gameday.core.run.evolve import evolve_all
from gameday.core.run.state import RunState
from gameday.engine.ports import EventLog
from gameday.reports.stuck import stuck_notice

WATCHED = replace(GAME_DAY, ctrl_c="Ctrl-C leaves; the run goes on")


@click.command(epilog="Example: gameday watch")
@click.option("--run", "run_id", help="The run (default: the newest).")
@click.option("--headless", is_flag=True, help="A plain line an event.")
@click.pass_obj
def watch(app: App, run_id: str | None, headless: bool) -> int:
    """Show everything that happened in a run and what happens from now on, until it ends. Exit
    code 8 when it has ended and a fault is still in."""
    with opened(app.settings) as log:
        run = store.find_run(log, run_id)
        with open_view(headless, WATCHED) as view:
            view.say(f"Run {run}")
            state = asyncio.run(_follow(log, run, view))
    for fault in state.outstanding:
        for line in stuck_notice(run, fault):
            note(line)
    return ExitCode.UNDO_OUTSTANDING if state.outstanding else ExitCode.OK


async def _follow(log: EventLog, run_id: str, view: View) -> RunState:
    state = RunState(run_id)
    view.follow(lambda: state)  # as it comes to be
    state = await _show(log, state, view)
    if state.phase is not None and state.phase.ended:
        return state
    async for _ in log.changes():
        state = await _show(log, state, view)
        if state.phase is not None and state.phase.ended:
            break
    return state


async def _show(log: EventLog, state: RunState, view: View) -> RunState:
    records = log.read(state.run_id, state.seq)
    for record in records:
        await view.notify(record)
    return evolve_all(state, records)
