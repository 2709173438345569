"""``gameday report RUN``: the scorecard, made anew from the log; ``gameday report trends``."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from gameday.bootstrap import files, store
from gameday.cli.main import App
from gameday.cli.opened import opened, readable
from gameday.cli.outcome import FORMATS, PDF, TREND_FORMATS, file_name, render, render_trends
from gameday.cli.output import note
from gameday.cli.report_actions import actions
from gameday.cli.report_postmortem import postmortem
from gameday.core.errors import ExitCode
from gameday.core.scorecard import scorecard
from gameday.core.trends import Grouping


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
@click.option(
    "--format",
    "formats",
    type=click.Choice((*FORMATS, PDF)),
    multiple=True,
    help="One goes to stdout (default json); several, and pdf, need --out.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Directory.")
@click.pass_obj
def run(app: App, run_id: str | None, formats: tuple[str, ...], out: Path | None) -> None:
    """A run's report (default: the newest run). The same log always gives the same report."""
    from gameday.bootstrap import results

    with _uncollected():
        with opened(app.settings) as log:
            wanted = store.scored_run(log, run_id)
            card = scorecard(wanted, log.read(wanted))
            since = results.since_last_run(log, card)
        _write(formats, FORMATS, out, lambda name: render(card, name, since), file_name)


@report.command(epilog="Example: gameday report trends --by service --format md")
@click.option(
    "--by",
    type=click.Choice([str(each) for each in Grouping]),
    default=str(Grouping.SCENARIO),
    show_default=True,
    help="What drills are put together by.",
)
@click.option(
    "--format",
    "formats",
    type=click.Choice((*TREND_FORMATS, PDF)),
    multiple=True,
    help="One goes to stdout (default json); several, and pdf, need --out.",
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Directory.")
@click.option(
    "--incidents",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Real incidents (CSV or JSON), shown beside the drills.",
)
@click.option(
    "--scenarios",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("gamedays"),
    show_default=True,
    help="Game days whose services should be drilled.",
)
@click.pass_obj
def trends(
    app: App,
    by: str,
    formats: tuple[str, ...],
    out: Path | None,
    incidents: Path | None,
    scenarios: Path,
) -> int:
    """How drills go over time: every point, and only what so many can prove."""
    from gameday.bootstrap import results

    with _uncollected():
        with opened(app.settings) as log:
            everyone = tuple(results.each_result(log))
        known = readable(everyone)
        found = results.trends_of(known, Grouping(by), scenarios, incidents)
        _write(
            formats,
            TREND_FORMATS,
            out,
            lambda name: render_trends(found, name),
            lambda name: f"trends.{name}",
        )
    return ExitCode.OK if len(known) == len(everyone) else ExitCode.FAILURE


report.add_command(actions)
report.add_command(postmortem)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without the garbage collector: a report is made of hundreds of thousands of small values,
    none of which is garbage before its end, and looking for some takes a third of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _write(
    formats: tuple[str, ...],
    known: tuple[str, ...],
    out: Path | None,
    render_as: Callable[[str], str],
    name_of: Callable[[str], str],
) -> None:
    """One format to stdout, or all that were asked for into a directory."""
    chosen = formats or (known if out else ("json",))
    if out is None:
        if PDF in chosen:
            raise click.UsageError("pdf needs --out DIRECTORY")
        if len(chosen) > 1:
            raise click.UsageError("several formats need --out DIRECTORY")
        click.echo(render_as(chosen[0]), nl=False)
        return
    out.mkdir(parents=True, exist_ok=True)
    for name in chosen:
        path = out / name_of(name)
        if name == PDF:
            files.print_pdf(render_as("html"), path)
        else:
            path.write_text(render_as(name), encoding="utf-8")
        note(str(path))
