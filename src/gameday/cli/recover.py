"""``gameday recover``: undo what dead runs have left."""

from __future__ import annotations

import asyncio

import click

from gameday.bootstrap import runs, store
from gameday.cli.main import App
from gameday.cli.output import note
from gameday.core.errors import ExitCode, Refused, StoreFailure
from gameday.core.evolve import fold
from gameday.core.state import RunState


@click.command(epilog="Example: gameday recover")
@click.option("--run", "run_id", help="Only this run (default: every run that left something).")
@click.pass_obj
def recover(app: App, run_id: str | None) -> int:
    """Take out every fault of runs whose conductor is gone, prove it, and close those runs.
    A run that is still being conducted is left alone."""
    with store.open_store(app.settings) as log:
        wanted = [store.find_run(log, run_id)] if run_id else list(log.runs())
        left, unread = [], []
        for run in wanted:
            try:
                left += [run] if _needs_it(fold(run, log.read(run))) else []
            except StoreFailure as failure:  # one bad run must not keep others' faults in
                note(f"{run}: {failure}")
                unread.append(run)
    if not left and not unread:
        note("Nothing is outstanding.")
    codes = [_recover(app, run) for run in left] + [int(ExitCode.FAILURE) for _ in unread]
    return max(codes, default=int(ExitCode.OK))


def _needs_it(state: RunState) -> bool:
    return bool(state.outstanding) or (state.phase is not None and not state.phase.ended)


def _recover(app: App, run_id: str) -> int:
    try:
        state = asyncio.run(runs.recover_run(app.settings, run_id))
    except Refused as refused:
        note(str(refused))
        return int(refused.exit_code)
    for fault in state.outstanding:
        note(f"{run_id}: {fault.id} IS STUCK: {'; '.join(fault.reasons)}")
    if state.outstanding:
        return int(ExitCode.UNDO_OUTSTANDING)
    note(f"{run_id}: everything is out.")
    return int(ExitCode.OK)
