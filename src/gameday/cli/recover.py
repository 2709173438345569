"""``gameday recover``: undo what dead runs have left."""

from __future__ import annotations

import asyncio

import click

from gameday.bootstrap import recovery, store
from gameday.cli.main import App
from gameday.cli.opened import readable
from gameday.cli.output import note
from gameday.core.errors import ExitCode, GamedayError
from gameday.core.log.events import Record
from gameday.reports.lines import line


@click.command(epilog="Example: gameday recover --cluster --context kind-gameday")
@click.option("--run", "run_id", help="Only this run (default: every run that left something).")
@click.option("--cluster", is_flag=True, help="What a Kubernetes cluster itself knows of, instead.")
@click.option("--context", help="Its context (default: the pod this runs in).")
@click.option("--namespace", default="", help="Only this namespace (default: all).")
@click.pass_obj
def recover(
    app: App, run_id: str | None, cluster: bool, context: str | None, namespace: str
) -> int:
    """Take out every fault of runs whose conductor is gone, prove it, and close those runs.
    A run that is still being conducted is left alone.

    With --cluster no store is needed: faults on Kubernetes keep their inverse in the cluster, and
    those that nobody stands for any more are taken out from anywhere.
    """
    if cluster:
        return _recover_cluster(context, namespace)
    with store.open_known_store(app.settings) as log:
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
        state = asyncio.run(recovery.recover_run(app.settings, run_id, note, _tell))
    except GamedayError as failure:  # one run's trouble must not keep another's faults in
        note(f"{run_id}: {failure}")
        return int(failure.exit_code)
    if state.outstanding:
        return int(ExitCode.UNDO_OUTSTANDING)
    note(f"{run_id}: everything is out.")
    return int(ExitCode.OK)


def _recover_cluster(context: str | None, namespace: str) -> int:
    from gameday.bootstrap.cluster import recover_cluster

    code, server, found = recover_cluster(context, namespace)
    note(f"cluster {server}: {len(found)} faults of gameday")
    for one in found:
        note(f"  {one}")
    return int(code)
