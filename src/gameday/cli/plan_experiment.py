"""``gameday plan`` of a single experiment: its dry run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from gameday.bootstrap import files
from gameday.cli.output import print_value
from gameday.core.errors import ExitCode


def plan_experiment(file: Path, output: str) -> int:
    """Show what `gameday experiment run` would do; exit code 4 when it would be refused now."""
    outline = files.load_outline(file)
    touches, refusal = files.resolved_targets(file)
    value = {
        **asdict(outline),
        "touches": touches,
        "refusal": refusal,
        "irreversible": outline.irreversible,
    }
    if output == "table":
        _print(value)
    else:
        print_value(json.loads(json.dumps(value)), output)  # plain lists, also in YAML
    return ExitCode.REFUSED if refusal else ExitCode.OK


def _print(value: Mapping[str, Any]) -> None:
    click.secho(value["title"], bold=True)
    click.echo(value["description"])
    _steps("Steady state, before and after", value["hypothesis"])
    _steps("Method", value["method"])
    click.echo(f"  breaks {', '.join(value['touches']) or 'nothing'}")
    if value["refusal"]:
        click.echo(f"  WOULD BE REFUSED: {value['refusal']}")
    _steps("Undone by", value["rollbacks"])
    for kind in value["faults"]:
        click.echo(f"  gameday itself, and proved: {kind}")
    if value["irreversible"]:
        click.echo("  NOTHING: it has no rollbacks, and declares no fault to gameday")


def _steps(title: str, steps: Sequence[Mapping[str, Any]]) -> None:
    click.echo(f"\n{title}")
    for step in steps:
        click.echo(f"  {step['type']:<6}  {step['name']}: {step['calls']}{_details(step)}")


def _details(step: Mapping[str, Any]) -> str:
    found = []
    if step["tolerance"] is not None:
        found.append(f"must be {json.dumps(step['tolerance'])}")
    if step["background"]:
        found.append("in the background")
    for when in ("before", "after"):
        if step[f"pause_{when}"]:
            found.append(f"waits {step[f'pause_{when}']:g}s {when}")
    return f" ({', '.join(found)})" if found else ""
