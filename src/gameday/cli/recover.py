"""``gameday recover``: undo what dead runs have left."""

from __future__ import annotations

import asyncio

import click

from gameday.bootstrap import runs, store
from gameday.cli.main import App
from gameday.cli.opened import readable
from gameday.cli.output import note
from gameday.core.errors import ExitCode, GamedayError
from gameday.core.events import Record
from gameday.reports.lines import line


@click.command(epilog="Example: gameday recover")
@click.option("--run", "run_id", help="Only this run (default: every run that left something).")
@click.pass_obj
def recover(app: App, run_id: str | None) -> int:
    """Take out every fault of runs whose conductor is gone, prove it, and close those runs.
    A run that is still being conducted is left alone."""
    with store.open_store(app.settings) as log:
        wanted = store.find_run(log, run_id) if run_id else None
        everyone = [
            run for run in store.unfinished_runs(log) if wanted is None or run.run_id == wanted
        ]
    known = readable(everyone)
    left = [run.run_id for run in known]
    codes = [_recover(app, run) for run in left]
    if len(known) < len(everyone):
        codes.append(int(ExitCode.FAILURE))  # what it left cannot be told
    elif not left:
        note("Nothing is outstanding.")
    return max(codes, default=int(ExitCode.OK))


def _tell(record: Record) -> None:
    told = line(record)
    if told:
        note(f"{record.run_id}: {told.text}")


def _recover(app: App, run_id: str) -> int:
    try:
        state = asyncio.run(runs.recover_run(app.settings, run_id, _tell))
    except GamedayError as failure:  # one run's trouble must not keep another's faults in
        note(f"{run_id}: {failure}")
        return int(failure.exit_code)
    for fault in state.outstanding:
        note(f"{run_id}: {fault.id} IS STUCK: {'; '.join(fault.reasons)}")
    if state.outstanding:
        return int(ExitCode.UNDO_OUTSTANDING)
    note(f"{run_id}: everything is out.")
    return int(ExitCode.OK)
