"""``gameday report RUN``: the scorecard, made anew from the log; ``gameday report trends``."""

from __future__ import annotations

from pathlib import Path

import click

from gameday.bootstrap import results
from gameday.cli.main import App
from gameday.cli.opened import opened
from gameday.cli.outcome import FORMATS, file_name, render
from gameday.cli.report_actions import actions
from gameday.cli.report_files import formats_option, uncollected, write
from gameday.cli.report_postmortem import postmortem
from gameday.cli.report_trends import trends


class _RunUnlessNamed(click.Group):
    """``report`` and ``report RUN`` are about a run; what has a name of its own is not."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does, with the word ``run`` put in where it is meant."""
        asked = args[:1]
        if asked not in ([name] for name in self.commands) and asked not in (["-h"], ["--help"]):
            args = ["run", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_RunUnlessNamed, epilog="Example: gameday report --format md")
def report() -> None:
    """A run's report (default: the newest run's), its action items or its postmortem, or trends
    over all runs.

    \b
      gameday report [RUN] [--format html|md|json|junit]... [--out DIR]
      gameday report trends [--by scenario|service|team|severity]
      gameday report actions [RUN] [--format md|github|jira] | --tracked
      gameday report postmortem [RUN] [--format md|html] | --check FILE
    """


@report.command(epilog="Example: gameday report --format json | jq .score.total")
@click.argument("run_id", metavar="[RUN]", required=False)
@formats_option(*FORMATS)
@click.pass_obj
def run(app: App, run_id: str | None, formats: tuple[str, ...], out: Path | None) -> None:
    """A run's report (default: the newest run). The same log always gives the same report."""
    with uncollected():
        with opened(app.settings) as log:
            card = results.scored(log, run_id)
            since = results.since_last_run(log, card)
        write(formats, FORMATS, out, lambda name: render(card, name, since), file_name)


report.add_command(actions)
report.add_command(postmortem)
report.add_command(trends)
