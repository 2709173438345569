"""``gameday get``: lists of what there is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gameday.bootstrap import store
from gameday.cli.main import App
from gameday.cli.opened import opened, readable
from gameday.cli.output import output_option, print_rows
from gameday.core.duration import format_duration
from gameday.core.errors import ExitCode, InvalidFile, NothingToDo
from gameday.core.instant import Instant
from gameday.core.log.codec import encode_event
from gameday.core.log.events import Record, SamplesRecorded
from gameday.core.run.summary import RunSummary
from gameday.reports.lines import line

if TYPE_CHECKING:
    from gameday.core.process_tables.phases import Phase
    from gameday.core.process_tables.policy import Policy


@click.group()
def get() -> None:
    """List scenarios, runs, events, rules or phases: a table, or -o json for an array."""


@get.command(epilog="Example: gameday get scenarios -o json")
@click.argument("directory", type=click.Path(path_type=Path), default=Path("gamedays"))
@output_option
def scenarios(directory: Path, output: str) -> None:
    """Game day files in a directory."""
    if not directory.is_dir():
        what = "is no directory" if directory.exists() else "is not there"
        raise NothingToDo(
            f"the directory of game days {directory} {what}",
            hint="name another, or let `gameday init` make one",
        )
    rows = [_scenario(path) for path in sorted(directory.glob("*.y*ml"))]
    print_rows(rows, ("id", "title", "severity", "environment", "duration", "valid"), output)


@get.command(epilog="Example: gameday get runs")
@output_option
@click.pass_obj
def runs(app: App, output: str) -> int:
    """Every run, oldest first."""
    with opened(app.settings) as log:
        everyone = tuple(store.each_summary(log))
    rows = [_run(run) for run in readable(everyone)]
    print_rows(rows, ("id", "title", "phase", "started", "outstanding"), output)
    return ExitCode.OK if len(rows) == len(everyone) else ExitCode.FAILURE


@get.command(epilog="Example: gameday get events --run 20261121 -o json")
@click.option("--run", "run_id", help="The run (default: the newest).")
@click.option("--samples", is_flag=True, help="Also the chunks of samples.")
@output_option
@click.pass_obj
def events(app: App, run_id: str | None, samples: bool, output: str) -> None:
    """Everything that happened in a run."""
    with opened(app.settings) as log:
        records = log.read(store.find_run(log, run_id))
    rows = [_event(r) for r in records if samples or not isinstance(r.event, SamplesRecorded)]
    print_rows(rows, ("id", "time", "type", "text"), output)


@get.command(epilog="Example: gameday get rules -o json")
@output_option
@click.pass_obj
def rules(app: App, output: str) -> None:
    """The rules of the incident process: what each comes from, and the drills that show it."""
    from gameday.bootstrap.process_tables import rule_table

    rows = [rule.model_dump(mode="json") for rule in rule_table(app.settings.process).rules]
    print_rows(rows, ("id", "title", "kind", "source", "broken_by"), output)


@get.command(epilog="Example: gameday get phases -o json")
@output_option
@click.pass_obj
def phases(app: App, output: str) -> None:
    """The phases of an incident: what begins and ends each, its window, and where it comes from."""
    from gameday.bootstrap.process_tables import phase_table, policy_table

    policy = policy_table(app.settings.process)
    rows = [_phase(phase, policy) for phase in phase_table(app.settings.process).phases]
    print_rows(rows, ("id", "title", "begins", "ends", "window", "source"), output)


def _phase(phase: Phase, policy: Policy) -> Mapping[str, Any]:
    """window: in words, before any pace."""
    seconds = phase.seconds(policy)
    if seconds is not None:
        window = f"within {format_duration(seconds)}"
    elif phase.follow_up is not None:
        window = f"as the follow-up {phase.follow_up} is due"
    else:
        window = f"as long as {', '.join(phase.rules)} are kept"
    return {**phase.model_dump(mode="json"), "window": window}


def _scenario(path: Path) -> Mapping[str, Any]:
    from gameday.adapters.scenario_yaml import load_scenario

    row: dict[str, Any] = {"id": path.stem, "file": str(path)}
    try:
        scenario = load_scenario(path)
    except InvalidFile as error:
        return {**row, "valid": False, "problems": [str(p) for p in error.problems]}
    return {
        **row,
        "title": scenario.title,
        "severity": str(scenario.severity),
        "environment": scenario.environment,
        "duration": format_duration(scenario.duration),
        "valid": True,
    }


def _run(run: RunSummary) -> Mapping[str, Any]:
    started = None if run.started is None else Instant(run.started, 0, "").isoformat()
    return {
        "id": run.run_id,
        "title": run.title,
        "phase": str(run.phase),
        "started": started,
        "outstanding": len(run.faults),
        "events": run.events,
    }


def _event(record: Record) -> Mapping[str, Any]:
    name, data = encode_event(record.event)
    told = line(record)
    return {
        "id": record.id,
        "seq": record.seq,
        "type": name,
        "time": record.at.isoformat(),
        "recorded": record.recorded.isoformat(),
        "key": record.key,
        "text": told.text if told else "",
        "data": data,
        "digest": record.digest,
    }
