"""``gameday store``: upkeep of the event log."""

from __future__ import annotations

import click

from gameday.cli.main import App
from gameday.cli.opened import opened
from gameday.cli.output import note
from gameday.core.errors import ExitCode


@click.group()
def store() -> None:
    """Look after the event log."""


@store.command(epilog="Example: gameday store verify")
@click.pass_obj
def verify(app: App) -> int:
    """Walk every run's hash chain and name the first bad record."""
    bad = 0
    with opened(app.settings) as log:
        for run_id in log.all_runs():
            check = log.verify(run_id)
            bad += not check.ok
            found = "whole" if check.ok else f"broken at e{check.first_bad}: {check.reason}"
            click.echo(f"{run_id}: {check.count} events, {found}")
    note("every chain is whole" if not bad else f"{bad} broken")
    return ExitCode.FAILURE if bad else ExitCode.OK
