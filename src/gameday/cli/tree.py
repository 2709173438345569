"""``gameday tree``: from a symptom to what can be done, by answering questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from gameday.bootstrap import process_tables
from gameday.cli.main import App
from gameday.cli.output import output_option, print_rows, print_value
from gameday.core.errors import NothingToDo

if TYPE_CHECKING:
    from gameday.core.process_tables.trees import Position, Tree


@click.command(epilog="Example: gameday tree elevated-error-rate --answer 5xx --answer deploy=yes")
@click.argument("name", metavar="[TREE]", required=False)
@click.option(
    "--answer",
    "answers",
    multiple=True,
    metavar="ANSWER",
    help="To one question after another; QUESTION=ANSWER to be sure which is meant.",
)
@output_option
@click.pass_obj
def tree(app: App, name: str | None, answers: tuple[str, ...], output: str) -> None:
    """List the diagnostic trees, draw one, or walk it: with answers, the next question is shown,
    or what to do.

    The trees are packaged; your own in process/trees.yaml stand for them.
    """
    from gameday.core.process_tables.trees import drawn, walk

    trees = process_tables.decision_trees(app.settings.process).trees
    if name is None:
        if answers:
            raise click.UsageError("say which tree the answers are for")
        rows = [
            {"id": each.id, "title": each.title, "begins": each.questions[0].ask} for each in trees
        ]
        print_rows(rows, ["id", "title", "begins"], output)
        return
    chosen = _named(trees, name)
    if answers:
        _print_position(walk(chosen, answers), output)
    elif output == "table":
        click.echo("\n".join(drawn(chosen)))
    else:
        print_value(chosen.model_dump(mode="json"), output)


def _named(trees: list[Tree], name: str) -> Tree:
    for each in trees:
        if each.id == name:
            return each
    known = ", ".join(each.id for each in trees)
    raise NothingToDo(f"no tree is named {name!r}", hint=f"there are {known}")


def _print_position(position: Position, output: str) -> None:
    from gameday.core.process_tables.trees import outcome_lines, question_lines

    if output != "table":
        print_value(position.model_dump(mode="json"), output)
    elif position.outcome is not None:
        click.echo("\n".join(outcome_lines(position.outcome)))
    elif position.question is not None:
        click.echo("\n".join(question_lines(position.question)))
        for answer in position.question.answers:
            click.echo(f"  --answer {answer.id}: {answer.means}")
