"""``gameday experiment run FILE``: one Chaos Toolkit experiment, with nothing left behind."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from pathlib import Path

import click

from gameday.bootstrap import files, runs
from gameday.cli.experiment_report import print_report, report_of
from gameday.cli.journal_file import check_journal, state_of
from gameday.cli.live import Status, View, open_view
from gameday.cli.main import App
from gameday.cli.signals import StopSignals
from gameday.core.errors import ExitCode, InvalidFile
from gameday.core.words import Cause, RunPhase
from gameday.engine.ports import ExperimentOrder, Injection
from gameday.engine.single import SingleExperiment, SingleRun

EXPERIMENT = Status("getting ready", "the experiment goes on", "Ctrl-C stops and rolls back")


@click.group()
def experiment() -> None:
    """Chaos Toolkit experiments under gameday's guarantees."""


@experiment.command(epilog="Example: gameday experiment run experiments/inventory-latency.yaml")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table")
@click.option(
    "--journal", type=click.Path(dir_okay=False, path_type=Path), help="Where to keep it."
)
@click.option("--headless", is_flag=True, help="A plain line an event, no live view.")
@click.pass_obj
def run(app: App, file: Path, output: str, journal: Path | None, headless: bool) -> int:
    """Run one experiment: its hypothesis, its method, its hypothesis again, then every rollback
    alone, whatever happened. Exit code 1 when the steady state deviated, 8 when something could
    not be undone."""
    run_id = runs.new_run_id(file.stem)
    problems = files.experiment_problems(file)
    if problems:
        raise InvalidFile(problems)
    kept = journal or runs.run_directory(app.settings, run_id) / "experiment.journal.json"
    check_journal(kept, file)
    before = state_of(kept)
    order = ExperimentOrder(file.stem, str(file), str(kept), with_hypothesis=True)
    with open_view(headless, EXPERIMENT) as view:
        stop = StopSignals(view.say)
        done = asyncio.run(_run(app, run_id, order, view, stop))
    code = _exit_code(done, stop)
    value = report_of(run_id, done, kept if state_of(kept) != before else None, code)
    with suppress(OSError, SystemExit):  # nobody reads it any more; the exit code says how it went
        if output == "json":
            click.echo(json.dumps(value, indent=2))
        else:
            print_report(value)
    return code


async def _run(
    app: App, run_id: str, order: ExperimentOrder, view: View, stop: StopSignals
) -> SingleRun:
    file = Path(order.path)
    opened = runs.single_run(app.settings, run_id, file, app.launched, view.say)
    async with opened as (stream, workers):
        stream.subscribe(view.show)
        single = SingleExperiment(order, stream, workers)
        stop.install(single)
        return await single.run()


def _touched(injection: Injection | None) -> bool:
    """Something was or may have been: of a method that was cut off nobody knows the last word."""
    return injection is not None and (injection.began is not None or injection.interrupted)


def _exit_code(done: SingleRun, stop: StopSignals) -> ExitCode:
    if done.state.outstanding:
        return ExitCode.UNDO_OUTSTANDING
    if stop.exit_code is not None:
        return stop.exit_code
    if done.state.rollback is not None and done.state.rollback.cause is Cause.ABORT:
        return ExitCode.ABORTED
    if done.state.phase is RunPhase.ABORTED:
        return ExitCode.FAILURE if _touched(done.injection) else ExitCode.REFUSED
    deviated = done.injection is not None and done.injection.deviated
    return ExitCode.TARGETS_MISSED if deviated else ExitCode.OK
