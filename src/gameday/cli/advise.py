"""``gameday advise``: which mitigation fits what is known, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isnan
from typing import TYPE_CHECKING, Any

import click

from gameday.bootstrap import process_tables
from gameday.cli.main import App
from gameday.cli.output import output_option, print_value

if TYPE_CHECKING:
    from gameday.core.process_tables.mitigation import Advice, Choice


@click.command(epilog="Example: gameday advise --deployed 25 --errors-up --has-rollback")
@click.option(
    "--deployed",
    "deploy_minutes_ago",
    type=click.FloatRange(0),
    metavar="MINUTES",
    help="Since the last change went out.",
)
@click.option("--errors-up", is_flag=True, help="More errors than before.")
@click.option("--latency-up", is_flag=True, help="Slower than before.")
@click.option("--has-rollback", is_flag=True, help="There is a version to go back to.")
@click.option("--migration-applied", is_flag=True, help="With it the database was migrated.")
@click.option("--has-failover", is_flag=True, help="What fails has a healthy replica.")
@click.option("--primary-healthy", is_flag=True, help="The primary was looked at, and answers.")
@click.option("--replica-behind", is_flag=True, help="The replica lags.")
@click.option("--feature-flagged", is_flag=True, help="What fails has a switch.")
@click.option("--feature-essential", is_flag=True, help="Users cannot do without it.")
@click.option("--external-dependency-failing", is_flag=True, help="Somebody else's part fails.")
@click.option("--has-backup", is_flag=True, help="A backup, replica or cache can answer.")
@click.option("--backup-stale", is_flag=True, help="Its data are too old to be shown.")
@click.option("--database-overloaded", is_flag=True, help="The database has too much to do.")
@click.option("--overloaded", is_flag=True, help="More comes in than can be answered.")
@click.option("--requests-precious", is_flag=True, help="None may be turned away.")
@click.option("--resources-exhausted", is_flag=True, help="Processor or memory is used up.")
@click.option("--fix-identified", is_flag=True, help="It is known what to change.")
@click.option("--fix-simple", is_flag=True, help="The change is small.")
@click.option("--fix-untested", is_flag=True, help="The change has run nowhere yet.")
@click.option("--tried", multiple=True, metavar="OPTION", help="Done already, without help.")
@output_option
@click.pass_obj
def advise(app: App, /, output: str, **facts: Any) -> None:
    """Say which mitigation to try first by what is known, what comes after it, and what not.

    What is not said counts as not so. The matrix is packaged; one of your own in
    process/mitigation.yaml stands for it.
    """
    from gameday.core.process_tables.mitigation import recommend, situation_of

    matrix = process_tables.mitigation_matrix(app.settings.process)
    _check(facts, [option.id for option in matrix.options])
    advice = recommend(situation_of(facts), matrix)
    if output == "table":
        _print(advice)
    else:
        print_value(advice.model_dump(mode="json"), output)


def _check(facts: Mapping[str, Any], known: Sequence[str]) -> None:
    if isnan(facts["deploy_minutes_ago"] or 0):
        raise click.BadParameter("nan is no number of minutes", param_hint="--deployed")
    for option in facts["tried"]:
        if option not in known:
            raise click.BadParameter(
                f"there is no option {option!r}; there are {', '.join(known)}",
                param_hint="--tried",
            )


def _print(advice: Advice) -> None:
    click.secho(_told(advice.recommended, advice), bold=True)
    for reason in advice.because:
        click.echo(f"  {reason}")
    if advice.approval:
        click.echo("  ask the commander first")
    click.echo(f"  $ {advice.command}")
    if advice.then:
        click.echo("\nIf that does not help:")
    for choice in advice.then:
        click.echo(f"  {_told(choice.id, choice)}")
    if advice.refused:
        click.echo("\nNot now:")
    for refusal in advice.refused:
        word = "forbidden" if refusal.kind == "contraindicated" else "does not fit"
        click.echo(f"  {refusal.id}: {word}: {'; '.join(refusal.reasons)}")


def _told(option: str, choice: Choice | Advice) -> str:
    known = [f"about {choice.eta_minutes} min"] if choice.eta_minutes else []
    known += [f"{choice.risk} risk"] if choice.risk else []
    return f"{option}: {choice.name}" + (f" ({', '.join(known)})" if known else "")
