"""``gameday plan FILE``: what would happen, with no side effect."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from gameday.bootstrap import files
from gameday.cli.output import print_value
from gameday.cli.plan_experiment import plan_experiment
from gameday.core.duration import format_duration
from gameday.core.errors import ExitCode
from gameday.core.scenario.blast_radius import outside
from gameday.core.scenario.inject import Inject
from gameday.core.scenario.scenario import Scenario
from gameday.core.scenario.tolerance import describe


@click.command(
    epilog="Example: gameday plan gamedays/slow-inventory.yaml\n\n"
    "Example: gameday plan gamedays/tabletop.yaml --seed 3\n\n"
    "Example: gameday plan experiments/inventory-latency.yaml"
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--seed", type=int, help="Of the cards that are drawn (default: the file's own).")
@click.option("-o", "--output", type=click.Choice(["table", "json", "yaml"]), default="table")
def plan(file: Path, seed: int | None, output: str) -> int:
    """Show the timeline, targets, blast radius and guard rails of a game day, or the steps of an
    experiment. Touches nothing; only a cluster is asked which pods a selector matches now. Exit
    code 4 when a fault would be refused. With --seed it deals the cards that `gameday run` deals
    with it."""
    if files.is_experiment(file):
        if seed is not None:
            raise click.UsageError("--seed belongs to game days: an experiment has no cards")
        return plan_experiment(file, output)
    scenario = files.load_game_day(file, os.environ, seed)
    value = plan_of(file, scenario)
    if output == "table":
        _print(value)
    else:
        print_value(value, output)
    refused = any(row.get("refusal") for row in value["timeline"])
    return ExitCode.REFUSED if refused else ExitCode.OK


def plan_of(file: Path, scenario: Scenario) -> dict[str, Any]:
    """The plan as plain values."""
    return {
        "title": scenario.title,
        "environment": scenario.environment,
        "severity": str(scenario.severity),
        "expects": str(scenario.expects),
        "duration": format_duration(scenario.duration),
        "baseline": format_duration(scenario.verification.before),
        "timeline": [_inject(file, scenario, inject) for inject in scenario.timeline],
        "steady_state": [
            {
                "probe": name,
                "type": scenario.probes[name].type,
                "every": format_duration(scenario.probes[name].interval),
                "tolerance": describe(scenario.probes[name].tolerance),
            }
            for name in scenario.steady_state.probes
        ],
        "targets": {
            name: f"{t.from_} → {t.to} within {format_duration(t.within)}"
            for name, t in scenario.all_targets.items()
        },
        "blast_radius": {
            "targets": list(scenario.blast_radius.targets),
            "max_targets": scenario.blast_radius.max_targets,
        },
        "abort_when": [c.model_dump(mode="json", exclude_none=True) for c in scenario.abort_when],
        "max_pause": format_duration(scenario.max_pause),
        "participants": [f"{p.name} ({p.role})" for p in scenario.participants],
    }


def _inject(file: Path, scenario: Scenario, inject: Inject) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": inject.id,
        "at": "+" + format_duration(inject.at),
        "title": inject.title,
    }
    if inject.message:
        row["message"] = inject.message
    if inject.fault:
        path = files.experiment_file(file, inject.fault)
        hold = scenario.hold_of(inject)
        row["fault"] = str(path)
        row["touches"], refused = files.resolved_targets(path)
        row["refusal"] = refused or outside(scenario.blast_radius, (), row["touches"])
        row["hold"] = f"until {hold.until}, at most {format_duration(hold.at_most)}"
    if inject.imagine:
        row["imagine"] = inject.imagine
    if inject.expect:
        row["expect"] = [f"{e.title} within {format_duration(e.within)}" for e in inject.expect]
    return row


def _print(value: dict[str, Any]) -> None:
    click.secho(value["title"], bold=True)
    click.echo(
        f"{value['severity']} in {value['environment']}, expects {value['expects']}, "
        f"{value['duration']} after a baseline of {value['baseline']}"
    )
    click.echo("\nTimeline")
    for row in value["timeline"]:
        click.echo(f"  {row['at']:>8}  {row['title']}")
        if "fault" in row:
            click.echo(f"            fault  {row['fault']}, stays {row['hold']}")
            click.echo(f"            breaks {', '.join(row['touches']) or 'unknown'}")
            if row["refusal"]:
                click.echo(f"            WOULD BE REFUSED: {row['refusal']}")
        if "imagine" in row:
            click.echo(f"            in the story: {row['imagine']}")
        for expected in row.get("expect", ()):
            click.echo(f"            expect {expected}")
    click.echo("\nSteady state")
    for row in value["steady_state"]:
        click.echo(f"  {row['probe']} ({row['type']}, every {row['every']}): {row['tolerance']}")
    click.echo("\nTargets")
    for name, text in value["targets"].items():
        click.echo(f"  {name:<12} {text}")
    radius = value["blast_radius"]
    click.echo("\nGuard rails")
    click.echo(f"  blast radius {', '.join(radius['targets'])}, at most {radius['max_targets']}")
    for condition in value["abort_when"]:
        click.echo(f"  aborts when {', '.join(f'{k} {v}' for k, v in condition.items())}")
    click.echo(f"  a pause lasts at most {value['max_pause']}")
