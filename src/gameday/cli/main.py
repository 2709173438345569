"""The command line: verbs load lazily, errors become one message and an exit code."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gameday import __version__
from gameday.core.errors import ExitCode, GamedayError, InvalidFile
from gameday.settings import Settings, load_settings

if TYPE_CHECKING:
    from gameday.adapters.process.launch import Launched

_VERBS: Mapping[str, tuple[str, str]] = {
    "init": ("init", "Scaffold a game day of your own."),
    "validate": ("validate", "Check game day and experiment files; every mistake at once."),
    "plan": ("plan", "Show timeline, targets, blast radius and guard rails; touch nothing."),
    "demo": ("demo", "The whole job on an embedded shop, in about a minute."),
    "run": ("run", "Run a game day."),
    "experiment": ("experiment", "Run one Chaos Toolkit experiment under the same guarantees."),
    "respond": ("respond", "Say what you, as a responder, did or saw."),
    "watch": ("watch", "Follow a run live."),
    "pause": ("control", "Stop the exercise's clocks, never the safety clocks."),
    "resume": ("control", "Let the exercise's clocks go on."),
    "abort": ("control", "Stop a run and roll back."),
    "recover": ("recover", "Undo what dead runs have left."),
    "faults": ("faults", "List faults that may be in their targets."),
    "get": ("get", "List scenarios, runs, events or rules."),
    "report": ("report", "A run's scorecard as HTML, Markdown, JSON or JUnit."),
    "tree": ("tree", "Walk a diagnostic decision tree."),
    "advise": ("advise", "Which mitigation fits what is known, and why."),
    "checklist": ("checklist", "The checklists, forms and scripts of the incident process."),
    "draft": ("draft", "Texts of an incident, filled from a run."),
    "debrief": ("debrief", "The questions after a drill, and their answers."),
    "followups": ("followups", "What is due after an incident, and when."),
    "severity": ("severity", "How bad an incident is by what is known of it, and why."),
    "generate": ("generate", "Write files: the scenario schema, Toxiproxy in front of a Service."),
    "proxy": ("proxy", "The embedded fault proxy, alone."),
    "store": ("store", "Look after the event log."),
}


class LazyGroup(click.Group):
    """Imports a verb's module only when the verb is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The verbs in the order in which people meet them."""
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The verb's own command."""
        if cmd_name not in _VERBS:
            return None
        module = importlib.import_module(f"gameday.cli.{_VERBS[cmd_name][0]}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of verbs, without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(verb, text) for verb, (_, text) in _VERBS.items()])


@dataclass(frozen=True, slots=True)
class App:
    """What every verb gets: the settings, and a guardian if one was started early."""

    settings: Settings
    launched: Launched | None = None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="gameday")
@click.option("--store", metavar="PATH", help="Event log (default .gameday/gameday.db).")
@click.pass_context
def cli(ctx: click.Context, store: str | None) -> None:
    """Incident drills against real systems: break something on purpose, time the response,
    prove that it is whole again.

    \b
    Start here:
      gameday demo                      see it all in a minute
      gameday init my-drills            a game day of your own
      gameday run my-drills/gamedays/first.yaml

    \b
    Exit codes: 0 targets met, 1 missed, 2 usage, 3 invalid file, 4 refused, 5 nothing to run,
    6 failure, 7 aborted, 8 undo outstanding, 130 Ctrl-C after rollback.
    """
    # rich minds these by itself; click has to be told.
    ctx.color = True if os.environ.get("FORCE_COLOR") else None
    if os.environ.get("NO_COLOR"):
        ctx.color = False
    ctx.obj = App(load_settings(Path.cwd(), os.environ, {"store": store}), ctx.obj)


def run(arguments: list[str], early: Launched | None = None) -> int:
    """Run a command line; returns its exit code. No failure shows a bare traceback.

    early: a guardian that is warming up already; one that no verb used is dismissed. One that a
    verb has used and left without a word is not: it undoes what the verb has left in.
    """
    try:
        return _run(arguments, early)
    finally:
        if early is not None and not early.taken:
            early.dismiss()


def _run(arguments: list[str], early: Launched | None) -> int:
    try:
        code = cli.main(arguments, prog_name="gameday", standalone_mode=False, obj=early)
        return int(code) if isinstance(code, int) else int(ExitCode.OK)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        click.echo("gameday: interrupted", err=True)
        return int(ExitCode.INTERRUPTED)
    except (BrokenPipeError, SystemExit):  # click and rich turn the first into the second
        # The reader (head, less) has gone; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.OK)
    except Exception as error:  # noqa: BLE001 - the last resort: said, kept, never swallowed
        return _failed(_cause(error))


def _failed(error: BaseException) -> int:
    if isinstance(error, InvalidFile):
        click.echo(str(error), err=True)
        return int(error.exit_code)
    if isinstance(error, GamedayError):
        click.echo(f"gameday: {error}", err=True)
        return int(error.exit_code)
    if isinstance(error, OSError):
        where = f"{error.filename}: " if error.filename else ""
        click.echo(f"gameday: {where}{error.strerror or error}", err=True)
        click.echo("  → choose another file or directory, or look at its permissions", err=True)
        return int(ExitCode.FAILURE)
    kept = _keep(error)
    click.echo(
        f"gameday: internal error: {error!r}\n"
        f"  → the details are in {kept}; what was injected is undone by the guardian, "
        "`gameday faults` shows whether anything is left",
        err=True,
    )
    return int(ExitCode.FAILURE)


def _cause(error: BaseException) -> BaseException:
    """The first error of ours inside a group of tasks' errors, else the first of all."""
    leaves = list(_leaves(error))
    return next((leaf for leaf in leaves if isinstance(leaf, GamedayError)), leaves[0])


def _leaves(error: BaseException) -> Iterator[BaseException]:
    if isinstance(error, BaseExceptionGroup):
        for inner in error.exceptions:
            yield from _leaves(inner)
    else:
        yield error


def _keep(error: BaseException) -> Path:
    """Write the traceback where a bug report can take it from."""
    import tempfile
    import traceback

    with tempfile.NamedTemporaryFile(
        "w", prefix="gameday-", suffix=".log", delete=False, encoding="utf-8"
    ) as file:
        file.writelines(traceback.format_exception(error))
    return Path(file.name)
