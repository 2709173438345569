"""``gameday demo``: the whole job on an embedded shop."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import click

from gameday.bootstrap import files, process_tables, runs
from gameday.cli.main import App
from gameday.cli.output import note
from gameday.cli.run import finish, play

STORIES = {
    "responders": ("slow-inventory.yaml", "responders.yaml", None),
    "nobody": ("slow-inventory.yaml", "nobody.yaml", None),
    "false-all-clear": ("slow-inventory.yaml", "false-all-clear.yaml", None),
    "self-heal": ("dead-payments.yaml", "bystanders.yaml", 8.0),
}
"""Each story: the game day, who responds, and after how many seconds the dead come back."""


@click.command(epilog="Example: gameday demo --story nobody")
@click.option(
    "--story",
    type=click.Choice(list(STORIES)),
    default="responders",
    show_default=True,
    help="Who responds: people who do well, nobody, people who claim too early; or the fault "
    "heals itself.",
)
@click.option(
    "--responders",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Your own responder script instead of the story's.",
)
@click.option("--headless", is_flag=True, help="A plain line an event.")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Directory of reports."
)
@click.pass_obj
def demo(
    app: App, story: str, responders: Path | None, headless: bool, output: str, out: Path | None
) -> int:
    """Start a small shop of local processes under traffic, break it, watch scripted responders
    mitigate, undo, prove it, and print the scorecard. Takes about a minute; touches nothing
    outside."""
    from gameday.demo.shop import Shop

    process_tables.check_directory(app.settings.process)
    file, script, restart_after = STORIES[story]
    gamedays = files.library("gamedays")
    with tempfile.TemporaryDirectory(prefix="gameday-shop-") as directory:
        note("Starting the shop: checkout, inventory with two databases, payments, fault proxy …")
        with Shop(Path(directory), restart_after=restart_after) as shop:
            os.environ.update(shop.env)  # scenarios and experiments find the shop by these
            chosen = responders or gamedays / "responders" / script
            game_day = runs.GameDay(
                gamedays / file,
                files.load_game_day(gamedays / file, os.environ),
                files.load_responders(chosen, os.environ),
            )
            card, code = play(app.settings, game_day, headless)
    finish(card, app.settings, output, out)
    return code
