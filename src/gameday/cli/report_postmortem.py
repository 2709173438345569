"""``gameday report postmortem RUN``: a blameless draft, and what it lacks when people wrote on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gameday.bootstrap import results
from gameday.cli.fresh_file import write_fresh
from gameday.cli.main import App
from gameday.cli.opened import opened
from gameday.cli.output import note, output_option, print_value
from gameday.core.errors import ExitCode, InvalidFile, Problem

if TYPE_CHECKING:
    from gameday.core.scorecard.scorecard import Scorecard

_FORMATS = ("md", "html")


@click.command(epilog="Example: gameday report postmortem --check reports/postmortem-r1.md")
@click.argument("run_id", metavar="[RUN]", required=False)
@click.option(
    "--format", "style", type=click.Choice(_FORMATS), default="md", show_default=True, help="Of it."
)
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help="Directory.")
@click.option(
    "--check",
    "checked",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="What a Markdown file still lacks, and where it blames somebody.",
)
@output_option
@click.pass_obj
def postmortem(
    app: App, run_id: str | None, style: str, out: Path | None, checked: Path | None, output: str
) -> int:
    """A run's postmortem (default: the newest run's), as far as its log can tell; the rest shows
    as [to fill in: ...]. The same log always gives the same draft.

    With --check: exit code 0 when nothing is missing and nobody is blamed, 1 when something is
    found, 3 when the file cannot be read. Which words blame, the process's table `blame` says. RUN
    then gives names of people who took part.
    """
    if checked is not None:
        if out is not None or style != "md":
            raise click.UsageError("--check writes nothing: leave --out and --format out")
        names = _participants(_card(app, run_id)) if run_id else ()
        return _check(checked, app.settings.process, names, output)
    if output != "table":
        raise click.UsageError("-o belongs to --check; use --format for the draft")
    card = _card(app, run_id)
    text = _rendered(card, style)
    if out is None:
        click.echo(text, nl=False)
        return ExitCode.OK
    path = out / f"postmortem-{card.run_id}.{style}"
    write_fresh(path, text)
    note(str(path))
    return ExitCode.OK


def _card(app: App, run_id: str | None) -> Scorecard:
    with opened(app.settings) as log:
        return results.scored(log, run_id)


def _rendered(card: Scorecard, style: str) -> str:
    from gameday.reports.postmortem import postmortem as of

    if style == "html":
        from gameday.reports.postmortem_html import to_html

        return to_html(of(card))
    from gameday.reports.postmortem_markdown import to_markdown

    return to_markdown(of(card))


def _participants(card: Scorecard) -> tuple[str, ...]:
    from gameday.core.log.events import ResponderFact

    spoke = (r.event.by for r in card.records if isinstance(r.event, ResponderFact))
    return tuple(dict.fromkeys((*(p.name for p in card.scenario.participants), *spoke)))


def _check(path: Path, process: Path | None, names: tuple[str, ...], output: str) -> int:
    from gameday.bootstrap.process_tables import blame_table
    from gameday.core.log.codec import encode_value
    from gameday.reports.postmortem_check import flaws

    found = flaws(_read(path), blame_table(process), names)
    if output != "table":
        print_value([encode_value(flaw) for flaw in found], output)
    else:
        for flaw in found:
            better = f" → {flaw.instead}" if flaw.instead else ""
            click.echo(f"{path}:{flaw.line}: {flaw.kind}: {flaw.message}{better}")
    note(f"{len(found)} to mend" if found else "nothing is missing, nobody is blamed")
    return ExitCode.TARGETS_MISSED if found else ExitCode.OK


def _read(path: Path) -> str:
    def problem(message: str) -> InvalidFile:
        return InvalidFile([Problem(str(path), 1, 1, "", message)])

    if path.suffix.lower() in (".html", ".htm"):
        raise problem("this is a page; check the Markdown it is made beside")
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise problem(f"cannot be read: {error.strerror}; name a Markdown file") from None
    except UnicodeDecodeError as error:
        raise problem(f"is not UTF-8 ({error.reason}); name a Markdown file") from None
