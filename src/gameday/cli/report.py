"""``gameday report RUN``: the scorecard, made anew from the log."""

from __future__ import annotations

from pathlib import Path

import click

from gameday.bootstrap import store
from gameday.cli.main import App
from gameday.cli.opened import opened
from gameday.cli.outcome import FORMATS, file_name, render
from gameday.cli.output import note
from gameday.core.scorecard import scorecard


@click.command(epilog="Example: gameday report --format json | jq .score.total")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option(
    "--format",
    "formats",
    type=click.Choice(FORMATS),
    multiple=True,
    help="One goes to stdout (default json); several need --out.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Directory.")
@click.pass_obj
def report(app: App, run_id: str | None, formats: tuple[str, ...], out: Path | None) -> None:
    """A run's report (default: the newest run). The same log always gives the same report."""
    with opened(app.settings) as log:
        run = store.scored_run(log, run_id)
        card = scorecard(run, log.read(run))
    chosen = formats or (FORMATS if out else ("json",))
    if out is None:
        if len(chosen) > 1:
            raise click.UsageError("several formats need --out DIRECTORY")
        click.echo(render(card, chosen[0]), nl=False)
        return
    out.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        path = out / file_name(name)
        path.write_text(render(card, name), encoding="utf-8")
        note(str(path))
