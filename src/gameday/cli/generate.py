"""``gameday generate``: files from what is known, on stdout."""

from __future__ import annotations

import json

import click


@click.group()
def generate() -> None:
    """Write files from what is known, on stdout."""


@generate.command(epilog="Example: gameday generate schema > gameday.schema.json")
def schema() -> None:
    """The JSON Schema of game day files, for editors and checks."""
    from gameday.adapters.scenario_yaml import scenario_schema

    click.echo(json.dumps(scenario_schema(), indent=2, ensure_ascii=False))
