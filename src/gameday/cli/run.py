"""``gameday run FILE``: a game day against a real system."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gameday.bootstrap import files, process_tables, runs, store
from gameday.cli.live import View, open_view
from gameday.cli.main import App
from gameday.cli.output import interactive, note
from gameday.cli.signals import StopSignals
from gameday.core.errors import ExitCode, Refused, StoreFailure
from gameday.core.scorecard.scorecard import Scorecard, scorecard
from gameday.core.trends.since_last import SinceLast
from gameday.settings import Settings

if TYPE_CHECKING:
    from gameday.engine.conductor import Conductor


@click.command(epilog="Example: gameday run gamedays/slow-inventory.yaml --yes")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--yes", "-y", is_flag=True, help="Do not ask before breaking things.")
@click.option("--headless", is_flag=True, help="A plain line an event, no live view, no prompt.")
@click.option(
    "--responders",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Scripted responders who act at set times.",
)
@click.option("--seed", type=int, help="Of the cards that are drawn (default: the file's own).")
@click.option("-o", "--output", type=click.Choice(["table", "json"]), default="table")
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Directory of reports."
)
@click.pass_obj
def run(
    app: App,
    file: Path,
    yes: bool,
    headless: bool,
    responders: Path | None,
    seed: int | None,
    output: str,
    out: Path | None,
) -> int:
    """Run a game day: sample steady state, send injects, break things, time the response,
    undo it all, prove it, and write the scorecard."""
    process_tables.check_directory(app.settings.process)
    game_day = prepare(file, responders, seed)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)  # better now than after the drill
    confirm(game_day, yes, headless)
    card, code = play(app.settings, game_day, headless)
    finish(card, app.settings, output, out)
    return code


def prepare(file: Path, responders: Path | None, seed: int | None) -> runs.GameDay:
    """Load and check everything before anything starts."""
    scenario = files.load_game_day(file, os.environ, seed)
    refusals = files.refusals(file, scenario)
    if refusals:
        raise Refused("; ".join(refusals), hint="widen blast_radius, or take the fault out")
    script = files.load_responders(responders, os.environ) if responders else None
    return runs.GameDay(file, scenario, script)


def confirm(game_day: runs.GameDay, yes: bool, headless: bool) -> None:
    """Ask a person; refuse where nobody can be asked."""
    scenario = game_day.scenario
    if yes or scenario.mode == "tabletop":  # a story breaks nothing
        return
    targets = ", ".join(scenario.blast_radius.targets)
    if headless or not interactive():
        raise Refused(
            f"this would break {targets} in {scenario.environment}, and nobody can be asked",
            hint="look at `gameday plan`, then add --yes",
        )
    question = f"This breaks {targets} in {scenario.environment} on purpose. Go on?"
    if not click.confirm(question, err=True):
        raise Refused("not confirmed; nothing was started")


def play(settings: Settings, game_day: runs.GameDay, headless: bool) -> tuple[Scorecard, ExitCode]:
    """Run it, with a view and with signals that roll back; the card and the exit code."""
    from gameday.cli.outcome import exit_code

    run_id = runs.new_run_id(game_day.scenario.title)
    with open_view(headless) as view:
        view.say(f"Run {run_id}")
        stop = StopSignals(view.say)
        asyncio.run(_conduct(settings, game_day, run_id, view, stop))
    with store.open_store(settings) as log:
        card = scorecard(run_id, log.read(run_id))
    code = exit_code(card)
    if code in (ExitCode.ABORTED, ExitCode.OK, ExitCode.TARGETS_MISSED):
        code = stop.exit_code or code
    return card, code


def finish(card: Scorecard, settings: Settings, output: str, out: Path | None) -> None:
    """Write the reports, print what was asked for."""
    from gameday.cli.outcome import print_summary, render, write_reports

    directory = out or settings.reports / card.run_id
    since = _since_last(settings, card)
    try:
        html = str(write_reports(card, directory, since)["html"])
    except OSError as error:
        html = f"not written ({error}); `gameday report {card.run_id} --out DIR` makes it again"
    try:
        if output == "json":
            click.echo(render(card, "json", since), nl=False)
            note(f"Report: {html}")
        else:
            print_summary(card, html)
    except (OSError, SystemExit):
        # nobody reads it any more (head, less, a closed terminal); the exit code still says
        pass


def _since_last(settings: Settings, card: Scorecard) -> SinceLast | None:
    """The comparison with the scenario's last run; a report is no worse without one."""
    from gameday.bootstrap.results import since_last_run

    with suppress(StoreFailure), store.open_store(settings) as log:
        return since_last_run(log, card)
    return None


async def _conduct(
    settings: Settings,
    game_day: runs.GameDay,
    run_id: str,
    view: View,
    stop: StopSignals,
) -> None:
    def begun(conductor: Conductor) -> None:
        stop.install(conductor)
        view.follow(lambda: conductor.state)

    await runs.conduct(
        settings,
        game_day,
        run_id,
        (view,),
        on_start=begun,
        say=view.say,
    )
