"""``gameday report trends``: how drills go over time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gameday.bootstrap import results
from gameday.cli.main import App
from gameday.cli.opened import opened, readable
from gameday.cli.report_files import formats_option, uncollected, write
from gameday.core.errors import ExitCode
from gameday.core.words import Grouping

if TYPE_CHECKING:
    from gameday.core.trends.trends import Trends

FORMATS = ("html", "md", "json", "csv")


@click.command(epilog="Example: gameday report trends --by service --format md")
@click.option(
    "--by",
    type=click.Choice([str(each) for each in Grouping]),
    default=str(Grouping.SCENARIO),
    show_default=True,
    help="What drills are put together by.",
)
@formats_option(*FORMATS)
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
    if incidents is not None and "csv" in formats:
        raise click.UsageError(
            "--format csv is the drills alone, a row each: leave --incidents out, or choose html, "
            "md or json"
        )
    with uncollected():
        with opened(app.settings) as log:
            everyone = tuple(results.each_result(log))
        known = readable(everyone)
        found = results.trends_of(known, Grouping(by), scenarios, incidents)
        write(
            formats,
            FORMATS if incidents is None else tuple(name for name in FORMATS if name != "csv"),
            out,
            lambda name: _render(found, name),
            lambda name: f"trends.{name}",
        )
    return ExitCode.OK if len(known) == len(everyone) else ExitCode.FAILURE


def _render(found: Trends, name: str) -> str:
    """In one of the formats."""
    if name == "md":
        from gameday.reports.trends_markdown import to_markdown

        return to_markdown(found)
    if name == "html":
        from gameday.reports.trends_html import to_html

        return to_html(found)
    from gameday.reports.trends_json import to_csv, to_json

    if name == "csv":
        return to_csv(found)
    return json.dumps(to_json(found), indent=2, ensure_ascii=False) + "\n"
