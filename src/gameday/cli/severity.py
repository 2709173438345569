"""``gameday severity``: how bad it is, and why."""

from __future__ import annotations

from math import isnan

import click

from gameday.bootstrap import process_tables
from gameday.cli.main import App
from gameday.cli.output import output_option, print_value


@click.command(epilog="Example: gameday severity --users 30 --core-down --no-workaround")
@click.option("--users", type=click.FloatRange(0, 100), default=0.0, help="Per cent that are hit.")
@click.option("--degradation", type=click.FloatRange(0), default=0.0, help="Per cent slower.")
@click.option("--revenue-loss", is_flag=True, help="Money is lost.")
@click.option("--data-loss", is_flag=True, help="Data may be lost or damaged.")
@click.option("--breach", is_flag=True, help="Data may be in the wrong hands.")
@click.option("--core-down", is_flag=True, help="A core function is down.")
@click.option("--no-workaround", is_flag=True, help="There is no way around it.")
@click.option("--key-customer", is_flag=True, help="A key customer is hit.")
@click.option("--feature-broken", is_flag=True, help="A feature that is not critical is broken.")
@output_option
@click.pass_obj
def severity(app: App, /, output: str, **facts: float | bool) -> None:
    """Say how bad an incident is by what is known of it, and why.

    The table is packaged; one of your own in process/severity.yaml stands for it.
    """
    from gameday.core.process_tables.severity import impact_of, severity_of

    for name in ("users", "degradation"):
        if isnan(facts[name]):
            raise click.BadParameter("nan is no number of per cent", param_hint=f"--{name}")
    answer = severity_of(impact_of(facts), process_tables.severity_table(app.settings.process))
    if output != "table":
        print_value(answer.model_dump(mode="json"), output)
        return
    click.secho(answer.severity, bold=True)
    for reason in answer.because:
        click.echo(f"  {reason}")
