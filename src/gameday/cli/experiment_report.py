"""The short report of ``gameday experiment run``: what was done, what came of it, what is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from gameday.bootstrap import files
from gameday.core.errors import ExitCode
from gameday.core.run.state import FaultState
from gameday.engine.single import SingleRun

_RESULTS: Mapping[ExitCode, tuple[str, str]] = {
    ExitCode.OK: ("the steady state held", "green"),
    ExitCode.TARGETS_MISSED: ("deviated: a weakness may have been found", "yellow"),
    ExitCode.REFUSED: ("refused: nothing was touched", "yellow"),
    ExitCode.FAILURE: ("failed: it was not played as it is written", "red"),
    ExitCode.ABORTED: ("aborted", "yellow"),
    ExitCode.INTERRUPTED: ("aborted by Ctrl-C", "yellow"),
    ExitCode.UNDO_OUTSTANDING: ("A FAULT IS STILL IN: `gameday recover` tries again", "red"),
}


def report_of(run_id: str, done: SingleRun, journal: Path | None, code: ExitCode) -> dict[str, Any]:
    """The report as plain values. journal: None where the run made none."""
    played = files.played(journal) if journal else None
    return {
        "run": run_id,
        "phase": str(done.state.phase),
        "deviated": bool(done.injection and done.injection.deviated),
        "reason": done.injection.reason if done.injection else "",
        "steady_state": {
            "before": played.before if played else None,
            "after": played.after if played else None,
        },
        "method": [asdict(step) for step in (played.method if played else ())],
        "journal": str(journal) if journal else None,
        "faults": [_fault(fault) for fault in done.state.faults.values()],
        "exit_code": int(code),
    }


def print_report(value: Mapping[str, Any]) -> None:
    """A few lines on stdout."""
    words, colour = _RESULTS[ExitCode(value["exit_code"])]
    if value["exit_code"] == ExitCode.OK and value["steady_state"]["after"] is None:
        words = "done; it has no steady state to look at"
    click.secho(f"\n{value['run']}: {words}", bold=True, fg=colour)
    if value["reason"]:
        click.echo(f"  {value['reason']}")
    if value["journal"] is None:
        click.echo("  journal       none was made: how it was played is not known")
        _print_faults(value)
        return
    held = {True: "held", False: "did not hold", None: "not looked at"}
    states = value["steady_state"]
    click.echo(f"  steady state  before: {held[states['before']]}, after: {held[states['after']]}")
    for step in value["method"]:
        took = "did not finish" if step["seconds"] is None else f"{step['seconds']:.2f}s"
        click.echo(f"  {step['type']:<12}  {step['name']}: {step['problem'] or took}")
    _print_faults(value)
    click.echo(f"  journal       {value['journal']}")


def _print_faults(value: Mapping[str, Any]) -> None:
    for fault in value["faults"]:
        why = "; ".join(fault["proof"] or fault["reasons"])
        click.echo(f"  fault         {fault['id']}: {fault['status']}{f' ({why})' if why else ''}")


def _fault(fault: FaultState) -> dict[str, Any]:
    return {
        "id": fault.id,
        "status": str(fault.status),
        "proof": list(fault.proof),
        "reasons": list(fault.reasons),
    }
