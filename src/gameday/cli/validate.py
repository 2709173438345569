"""``gameday validate``: every mistake at once, nothing started, nothing imported."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import click

from gameday.bootstrap import files, process_tables
from gameday.cli.main import App
from gameday.cli.output import note, print_value
from gameday.core.errors import ExitCode, NothingToDo, Problem


@click.command(epilog="Example: gameday validate gamedays/*.yaml -o json")
@click.argument("paths", metavar="[FILES]...", nargs=-1, type=click.Path(path_type=Path))
@click.option("-o", "--output", type=click.Choice(["table", "json", "yaml"]), default="table")
@click.pass_obj
def validate(app: App, paths: tuple[Path, ...], output: str) -> int:
    """Check game day files, the experiments they name (default: gamedays/*.yaml), and a team's own
    tables of the incident process. Experiment files and responder scripts can be given too. Each
    mistake is one line: file:line:col: path: what is wrong."""
    chosen = paths or tuple(sorted(Path("gamedays").glob("*.y*ml")))
    if not chosen:
        raise NothingToDo("no file given and none in gamedays/", hint="`gameday init` makes one")
    problems = [problem for file in chosen for problem in _check(app, file)]
    problems += process_tables.table_problems(app.settings.process)
    _report(problems, len(chosen), output)
    return ExitCode.INVALID_FILE if problems else ExitCode.OK


def _check(app: App, file: Path) -> list[Problem]:
    if not file.is_file():
        return files.unreadable(file)
    if files.is_experiment(file):
        return files.experiment_problems(file)
    if files.is_script(file):
        return files.script_problems(file, app.settings.process)
    return files.check_file(file)


def _report(problems: Sequence[Problem], count: int, output: str) -> None:
    if output != "table":
        print_value([{"id": f"p{n}", **asdict(p)} for n, p in enumerate(problems, 1)], output)
        return
    for problem in problems:
        click.echo(str(problem))
    if problems:
        note(f"{len(problems)} mistake{'s' if len(problems) > 1 else ''}; nothing was started.")
    else:
        note(f"{count} file{'s' if count > 1 else ''}, no mistake.")
