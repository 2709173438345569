"""``gameday draft KIND``: the texts of an incident, filled from a run."""

from __future__ import annotations

from pathlib import Path

import click

from gameday.bootstrap import store
from gameday.cli.fresh_file import write_fresh
from gameday.cli.main import App
from gameday.cli.opened import opened
from gameday.cli.output import note
from gameday.core.drafts.kinds import AUDIENCES, KINDS
from gameday.core.words import StatusPhase


@click.command(epilog="Example: gameday draft statuspage --status identified")
@click.argument("kind", type=click.Choice(KINDS))
@click.option("--run", "run_id", help="The run (default: the newest game day).")
@click.option(
    "--audience",
    type=click.Choice(AUDIENCES),
    help="For comms: whom it is for (default: a text for each).",
)
@click.option(
    "--status",
    type=click.Choice([str(phase) for phase in StatusPhase]),
    help="For statuspage: what it is to show (default: what the run has come to).",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Directory.")
@click.pass_obj
def draft(
    app: App,
    kind: str,
    run_id: str | None,
    audience: str | None,
    status: str | None,
    out: Path | None,
) -> None:
    """A text to go over and send: what the run knows is filled in, what it does not know shows
    as [to fill in: ...]. Nothing is sent. Every text begins with EXERCISE.

    A template `drafts/KIND.md.j2` in the directory `process` stands for the packaged one
    (comms: `comms-AUDIENCE.md.j2`).
    """
    if audience and kind != "comms":
        raise click.UsageError("--audience belongs to comms")
    if status and kind != "statuspage":
        raise click.UsageError("--status belongs to statuspage")
    from gameday.bootstrap import drafts
    from gameday.core.scorecard.scorecard import scorecard

    with opened(app.settings) as log:
        wanted = store.scored_run(log, run_id)
        phase = StatusPhase(status) if status else None
        facts = drafts.facts_of(log, scorecard(wanted, log.read(wanted)), phase)
    texts = drafts.drafts(kind, facts, app.settings.process, audience)
    if out is None:
        click.echo("\n---\n\n".join(texts.values()), nl=False)
        return
    for name, text in texts.items():
        path = out / f"{name}.md"
        write_fresh(path, text)
        note(str(path))
