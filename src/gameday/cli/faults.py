"""``gameday faults``: the ledger across runs."""

from __future__ import annotations

from typing import Any

import click

from gameday.adapters.process.lease import owned
from gameday.bootstrap import store
from gameday.cli.main import App
from gameday.cli.opened import readable
from gameday.cli.output import output_option, print_rows
from gameday.core.errors import ExitCode
from gameday.core.run.state import FaultState, FaultStatus, RunState
from gameday.core.run.summary import RunSummary

_COLUMNS = ("id", "status", "targets", "since")


@click.command(epilog="Example: gameday faults -o json")
@click.option("--all", "everything", is_flag=True, help="Also those that are undone.")
@output_option
@click.pass_obj
def faults(app: App, everything: bool, output: str) -> int:
    """List faults that may be in their targets. Exit code 8 when one is stuck or was left by a
    dead run: `gameday recover` takes it out."""
    with store.open_known_store(app.settings) as log:
        wanted = log.runs() if everything else [s.run_id for s in log.unfinished() if _left(s)]
        everyone = tuple(store.each_run(log, wanted))
    runs = readable(everyone)
    rows = [row for run in runs for row in fault_rows(run.state, everything)]
    print_rows(rows, _COLUMNS, output)
    if any(row["status"] == "stuck" or _orphaned(app, row) for row in rows):
        return ExitCode.UNDO_OUTSTANDING
    return ExitCode.OK if len(runs) == len(everyone) else ExitCode.FAILURE


def _left(summary: RunSummary) -> bool:
    """Whether it has something in, as far as can be told."""
    return bool(summary.faults) or bool(summary.unreadable)


def _orphaned(app: App, row: dict[str, Any]) -> bool:
    """Whether nobody lives who would take it out."""
    if not FaultStatus(row["status"]).outstanding:
        return False
    return not owned(app.settings.data / "runs" / row["run"])


def fault_rows(state: RunState, everything: bool) -> list[dict[str, Any]]:
    """One row a fault of the run."""
    return [
        _row(state.run_id, fault)
        for fault in state.faults.values()
        if everything or fault.status.outstanding
    ]


def _row(run_id: str, fault: FaultState) -> dict[str, Any]:
    since = fault.injected_at or fault.intended_at
    return {
        "id": f"{run_id}/{fault.id}",
        "run": run_id,
        "fault": fault.id,
        "status": str(fault.status),
        "targets": list(fault.intent.targets) if fault.intent else [],
        "since": since.isoformat() if since else None,
        "cause": fault.cause,
        "reasons": list(fault.reasons),
    }
