"""A run that has ended, for the person who ran it: files, summary, exit code."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gameday.core.errors import ExitCode
from gameday.core.run.state import FaultStatus, RunState
from gameday.core.words import Cause, RunPhase

if TYPE_CHECKING:
    from gameday.core.scorecard.scorecard import Scorecard
    from gameday.core.trends.since_last import SinceLast

FORMATS = ("html", "md", "json", "junit")


def exit_code(card: Scorecard) -> ExitCode:
    """What the run's end means for a script."""
    state = card.state
    if any(f.status.outstanding for f in state.faults.values()):
        return ExitCode.UNDO_OUTSTANDING
    if state.phase is RunPhase.ABORTED:
        return _aborted(state)
    verdicts = card.verdicts
    good = (
        verdicts.run.verdict == "valid"
        and verdicts.system.verdict in ("held", "recovered")
        and verdicts.people.verdict in ("met", "not_exercised")
        and not _felt_though_absorbed(card)
    )
    return ExitCode.OK if good else ExitCode.TARGETS_MISSED


def write_reports(
    card: Scorecard, directory: Path, since: SinceLast | None = None
) -> dict[str, Path]:
    """Every format of the report in a directory; returns the files."""
    directory.mkdir(parents=True, exist_ok=True)
    paths = {}
    for name in FORMATS:
        path = directory / file_name(name)
        path.write_text(render(card, name, since), encoding="utf-8")
        paths[name] = path
    return paths


def file_name(name: str) -> str:
    """The file of a format; CI servers look for JUnit's by the ending .xml."""
    return "report.junit.xml" if name == "junit" else f"report.{name}"


def render(card: Scorecard, name: str, since: SinceLast | None = None) -> str:
    """The report in one format: html, md, json or junit."""
    if name == "json":
        from gameday.reports.json_report import to_json

        return json.dumps(to_json(card, since), indent=2, ensure_ascii=False) + "\n"
    if name == "md":
        from gameday.reports.markdown import to_markdown

        return to_markdown(card, since)
    if name == "junit":
        from gameday.reports.junit import to_junit

        return to_junit(card)
    from gameday.reports.html import to_html

    return to_html(card, since)


def print_summary(card: Scorecard, html: str) -> None:
    """The scorecard's summary on stdout, for people."""
    from gameday.cli.summary import summary_table

    summary_table(card)
    click.echo(f"Report: {html}")


def _aborted(state: RunState) -> ExitCode:
    if state.rollback is None:
        return ExitCode.REFUSED
    if any(f.status is FaultStatus.REFUSED for f in state.faults.values()):
        return ExitCode.REFUSED
    return ExitCode.FAILURE if state.rollback.cause is Cause.FAILED else ExitCode.ABORTED


def _felt_though_absorbed(card: Scorecard) -> bool:
    return card.scenario.expects == "absorbed" and bool(card.impacts)
