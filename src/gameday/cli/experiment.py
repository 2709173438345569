"""``gameday experiment run FILE``: one Chaos Toolkit experiment, with nothing left behind."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gameday.bootstrap import files, runs
from gameday.cli.main import App
from gameday.cli.output import note
from gameday.cli.signals import StopSignals
from gameday.core.errors import ExitCode, InvalidFile
from gameday.core.events import Record
from gameday.core.words import Cause, RunPhase
from gameday.engine.ports import ExperimentOrder
from gameday.engine.single import SingleExperiment, SingleRun
from gameday.reports.lines import line
from gameday.settings import Settings

if TYPE_CHECKING:
    from gameday.adapters.process.launch import Launched


@click.group()
def experiment() -> None:
    """Chaos Toolkit experiments under gameday's guarantees."""


@experiment.command(epilog="Example: gameday experiment run experiments/inventory-latency.yaml")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table")
@click.option(
    "--journal", type=click.Path(dir_okay=False, path_type=Path), help="Where to keep it."
)
@click.pass_obj
def run(app: App, file: Path, output: str, journal: Path | None) -> int:
    """Run one experiment: its hypothesis, its method, its hypothesis again, then every rollback
    alone, whatever happened. Exit code 1 when the steady state deviated, 8 when something could
    not be undone."""
    run_id = runs.new_run_id(file.stem)
    problems = files.experiment_problems(file)
    if problems:
        raise InvalidFile(problems)
    kept = journal or runs.run_directory(app.settings, run_id) / "experiment.journal.json"
    order = ExperimentOrder(file.stem, str(file), str(kept), with_hypothesis=True)
    stop = StopSignals(note)
    done = asyncio.run(_run(app.settings, run_id, file, order, app.launched, stop))
    code = _exit_code(done, stop)
    _report(run_id, done, kept, code, output)
    return code


async def _run(
    settings: Settings,
    run_id: str,
    file: Path,
    order: ExperimentOrder,
    launched: Launched | None,
    stop: StopSignals,
) -> SingleRun:
    async with runs.single_run(settings, run_id, file, launched, note) as (stream, workers):
        stream.subscribe(_tell)
        single = SingleExperiment(order, stream, workers)
        stop.install(single)
        return await single.run()


def _tell(record: Record) -> None:
    told = line(record)
    if told:
        note(told.text)


def _exit_code(done: SingleRun, stop: StopSignals) -> ExitCode:
    if done.state.outstanding:
        return ExitCode.UNDO_OUTSTANDING
    if stop.exit_code is not None:
        return stop.exit_code
    if done.state.rollback is not None and done.state.rollback.cause is Cause.ABORT:
        return ExitCode.ABORTED
    if done.state.phase is RunPhase.ABORTED:
        refused = done.injection is None or done.injection.began is None
        return ExitCode.REFUSED if refused else ExitCode.FAILURE
    deviated = done.injection is not None and done.injection.deviated
    return ExitCode.TARGETS_MISSED if deviated else ExitCode.OK


def _report(run_id: str, done: SingleRun, journal: Path, code: ExitCode, output: str) -> None:
    if output != "json":
        if done.injection and done.injection.deviated:
            note("The steady state deviated: a weakness may have been found.")
        note(f"Journal: {journal}")
        return
    value = {
        "run": run_id,
        "phase": str(done.state.phase),
        "deviated": bool(done.injection and done.injection.deviated),
        "reason": done.injection.reason if done.injection else "",
        "journal": str(journal),
        "faults": [
            {"id": f.id, "status": str(f.status), "reasons": list(f.reasons)}
            for f in done.state.faults.values()
        ],
        "exit_code": int(code),
    }
    click.echo(json.dumps(value, indent=2))
