"""``gameday debrief``: the questions after a drill, asked or listed, and their answers kept."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

import click

from gameday.bootstrap import process_tables, store
from gameday.cli.main import App
from gameday.cli.opened import opened
from gameday.cli.output import interactive, note, output_option, print_rows
from gameday.cli.respond import readable
from gameday.core.errors import NothingToDo
from gameday.core.log.responses import Said, fact
from gameday.core.run.commands import Respond
from gameday.core.words import Response

if TYPE_CHECKING:
    from gameday.core.incident_process.debrief import Question
    from gameday.engine.ports import EventLog
    from gameday.settings import Settings

Keep = Callable[[str, str], None]
"""Keeps the answer to the question of an id."""


@click.command(epilog='Example: gameday debrief --answer surprised="the pool fills in a minute"')
@click.option("--run", "run_id", help="The run (default: the newest game day).")
@click.option(
    "--answer", "answers", multiple=True, metavar="ID=TEXT", help="The answer to a question."
)
@click.option("--for", "by", help="Who answers (default: you).")
@click.option("--key", help="Idempotency key: the same command twice adds its answers once.")
@output_option
@click.pass_obj
def debrief(
    app: App,
    run_id: str | None,
    answers: tuple[str, ...],
    by: str | None,
    key: str | None,
    output: str,
) -> None:
    """Ask what a drill has taught: the scenario's questions and success criteria, and those of the
    process. At a terminal each open question is asked (an empty line skips it, Ctrl-D ends);
    elsewhere they are listed with what was answered. The newest answer to a question counts.

    The process's questions are the list `debrief` of your process/checklists.yaml, else packaged.
    """
    who = by or getpass.getuser()
    with opened(app.settings) as log:
        run = store.scored_run(log, run_id)
        known = _questions(app.settings, log, run)
        given = _answers(answers, known)
        for number, (id, text) in enumerate(given, start=1):
            _keep(log, run, who, id, text, f"{key}.{number}" if key else None)
        if given and output == "table":
            return
        if not given and output == "table" and interactive():
            open_ = [question for question in known if question.answer is None]
            ask(open_, sys.stdin, lambda id, text: _keep(log, run, who, id, text))
            return
        note(f"Debrief of run {run}")
        rows = [_row(question) for question in _questions(app.settings, log, run)]
        print_rows(rows, ["id", "question", "answer"], output)


def ask(questions: Sequence[Question], answers: TextIO, keep: Keep) -> None:
    """Ask one after another; each answer is kept before the next question comes."""
    kept = 0
    for number, question in enumerate(questions, start=1):
        note(f"\n{number}/{len(questions)}  {question.text}  [{question.id}]")
        click.echo("> ", err=True, nl=False)
        line = answers.readline()
        if not line:
            note("")
            break
        if line.strip():
            keep(question.id, line.strip())
            kept += 1
    note(f"{kept} answered, {len(questions) - kept} open; `gameday debrief -o json` lists them all")


def _questions(settings: Settings, log: EventLog, run: str) -> tuple[Question, ...]:
    from gameday.core.incident_process.debrief import debrief as of_state
    from gameday.core.run.evolve import fold

    state = fold(run, log.read(run))
    if state.scenario is None:
        raise NothingToDo(
            f"{run} is not a game day's run: there is nothing to ask",
            hint="`gameday get runs` lists them; --run says which",
        )
    return of_state(state, process_tables.debrief_questions(settings.process))


def _answers(pairs: Sequence[str], known: Sequence[Question]) -> list[tuple[str, str]]:
    """The answers by their questions' ids. Raises UsageError before anything is kept."""
    from gameday.core.incident_process.debrief import short

    found = []
    for pair in pairs:
        id, equals, text = pair.partition("=")
        if not (equals and text.strip()):
            raise click.UsageError(
                f'--answer {pair!r} is not ID=TEXT; for example --answer surprised="the pool"'
            )
        if short(id) not in {question.id for question in known}:
            ids = ", ".join(question.id for question in known)
            raise click.UsageError(f"no question has the id {id!r}; there are {ids}")
        found.append((short(id), text.strip()))
    return found


def _keep(log: EventLog, run: str, by: str, id: str, text: str, key: str | None = None) -> None:
    from gameday.engine.stream import submit
    from gameday.reports.lines import line

    said = Said(Response.DEBRIEF, by=by, text=readable(text), details={"question": id})
    records = submit(log, store.clock(), run, Respond(fact(said), None, key))
    for record in records:
        told = line(record)
        note(f"{record.id} {told.text if told else id}")
    if not records:
        note(f"already on record under the key {key}")


def _row(question: Question) -> Mapping[str, Any]:
    newest = question.answer
    return {
        "id": question.id,
        "origin": str(question.origin),
        "question": question.text,
        "answer": newest.fact.text if newest else None,
        "by": newest.fact.by if newest else None,
        "time": newest.at.isoformat() if newest else None,
        "events": [word.entry for word in question.answers],
    }
