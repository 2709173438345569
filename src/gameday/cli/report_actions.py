"""``gameday report actions RUN``: what a report asks for, as work to be tracked."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import click

from gameday.bootstrap import results, trackers
from gameday.cli.main import App
from gameday.cli.opened import opened, readable
from gameday.cli.output import note, output_option, print_rows
from gameday.core.errors import ExitCode


@click.command(epilog="Example: gameday report actions --format github --to acme/shop --send")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option(
    "--format",
    "style",
    type=click.Choice(("md", "github", "jira")),
    default="md",
    show_default=True,
    help="A checklist, or payloads for issues.",
)
@click.option("--to", metavar="REPOSITORY|PROJECT", help="owner/name on GitHub, a key in Jira.")
@click.option("--url", help="Of the API (default for GitHub: api.github.com).")
@click.option("--send", is_flag=True, help="Make the issues; without it they are only printed.")
@click.option("--tracked", is_flag=True, help="The items of all runs, and what became of them.")
@output_option
@click.pass_obj
def actions(
    app: App,
    run_id: str | None,
    style: str,
    to: str | None,
    url: str | None,
    send: bool,
    tracked: bool,
    output: str,
) -> int:
    """A run's action items (default: the newest run's). Nothing is sent without --send, and
    nothing twice.

    --tracked: every item that was asked for or found in any run: open, left out, done, verified
    by a later drill, or repeated.

    Tokens come from the environment: GITHUB_TOKEN; JIRA_TOKEN, with JIRA_USER on Jira's cloud.
    """
    if tracked:
        if run_id or send or to or url:
            raise click.UsageError("--tracked is about all runs, and sends nothing")
        return _print_tracked(app, output)
    if output != "table":
        raise click.UsageError("-o belongs to --tracked; payloads are JSON already")
    _of_a_run(app, run_id, style, to, url, send)
    return ExitCode.OK


def _print_tracked(app: App, output: str) -> int:
    from gameday.core.log.codec import encode_value
    from gameday.core.trends.action_items import tracked_items

    with opened(app.settings) as log:
        everyone = tuple(results.each_result(log))
    known = readable(everyone)
    rows = [encode_value(item) for item in tracked_items(known)]
    shown = [{**row, "item": row["title"], "run": row["runs"][-1]} for row in rows]
    columns = ("status", "item", "owner", "priority", "due", "scenario", "run", "decided_by")
    print_rows(shown if output == "table" else rows, columns, output)
    return ExitCode.OK if len(known) == len(everyone) else ExitCode.FAILURE


def _of_a_run(
    app: App, run_id: str | None, style: str, to: str | None, url: str | None, send: bool
) -> None:
    with opened(app.settings) as log:
        card = results.scored(log, run_id)
    from gameday.reports.action_items import action_items, to_checklist, to_github, to_jira

    items = action_items(card)
    if style == "md":
        if send:
            raise click.UsageError("a checklist is sent nowhere; choose --format github or jira")
        click.echo(to_checklist(card, items), nl=False)
        return
    if style == "jira" and not to:
        raise click.UsageError("Jira needs --to PROJECT")
    payloads = to_github(card, items) if style == "github" else to_jira(card, items, to or "")
    if not send:
        click.echo(json.dumps(payloads, indent=2, ensure_ascii=False))
        note(f"{len(payloads)} not sent; --send makes the issues")
        return
    _send(style, to, url, [(item.mark, p) for item, p in zip(items, payloads, strict=True)])


def _send(
    style: str, to: str | None, url: str | None, marked: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    if not to or (style == "jira" and not url):
        needed = "--to owner/name" if style == "github" else "--to PROJECT and --url"
        raise click.UsageError(f"to send, say where: {needed}")
    tracker = trackers.tracker(style, to, url, os.environ)
    for sent in trackers.send(tracker, marked):
        click.echo(f"{'made' if sent.new else 'there already'}: {sent.where}")
