"""``gameday abort``, ``pause`` and ``resume``: a word to a run that goes on elsewhere."""

from __future__ import annotations

import getpass

import click

from gameday.bootstrap import store
from gameday.cli.main import App
from gameday.cli.opened import opened
from gameday.cli.output import note
from gameday.core.run.commands import Command, PauseRun, ResumeRun, RollBack
from gameday.core.words import Cause
from gameday.engine.stream import submit

run_option = click.option("--run", "run_id", help="The run (default: the newest).")


@click.command(epilog='Example: gameday abort --reason "a real incident began"')
@run_option
@click.option("--reason", default="asked to stop", show_default=True)
@click.pass_obj
def abort(app: App, run_id: str | None, reason: str) -> None:
    """Stop a run: no more injects, every fault is taken out and that is proved."""
    run = _tell(app, run_id, RollBack(Cause.ABORT, reason, getpass.getuser()))
    note(f"{run} is rolling back; follow it with `gameday watch --run {run}`.")


@click.command(epilog="Example: gameday pause --reason lunch")
@run_option
@click.option("--reason", default="")
@click.pass_obj
def pause(app: App, run_id: str | None, reason: str) -> None:
    """Stop the exercise's clocks. Faults still come out when their time is up."""
    run = _tell(app, run_id, PauseRun(getpass.getuser(), reason))
    note(f"{run} is paused; safety clocks go on.")


@click.command(epilog="Example: gameday resume")
@run_option
@click.pass_obj
def resume(app: App, run_id: str | None) -> None:
    """Let the exercise's clocks go on."""
    run = _tell(app, run_id, ResumeRun(getpass.getuser()))
    note(f"{run} goes on.")


def _tell(app: App, run_id: str | None, command: Command) -> str:
    with opened(app.settings) as log:
        run = store.find_run(log, run_id)
        submit(log, store.clock(), run, command)
        return run
