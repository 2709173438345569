"""``gameday generate``: files from what is known, on stdout."""

from __future__ import annotations

import json
import re
from typing import Any

import click

from gameday.bootstrap import cluster


@click.group()
def generate() -> None:
    """Write files from what is known, on stdout."""


@generate.command(epilog="Example: gameday generate schema > gameday.schema.json")
@click.option(
    "--of",
    "what",
    type=click.Choice(("game-day", "report")),
    default="game-day",
    show_default=True,
    help="Game day files, for editors and checks; or the JSON report, for scripts.",
)
def schema(what: str) -> None:
    """The JSON Schema of game day files, or of the JSON report."""
    from gameday.adapters.scenario_yaml import scenario_schema
    from gameday.reports.json_schema import report_schema

    value = report_schema() if what == "report" else scenario_schema()
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


_NAME = r"[a-z0-9]([-a-z0-9]{0,40}[a-z0-9])?"
_SERVICE = re.compile(rf"(?P<name>{_NAME})(:(?P<port>\d{{1,5}})(:(?P<target>\d{{1,5}}|{_NAME}))?)?")


@generate.command(
    epilog="Example: gameday generate toxiproxy --service payments:8080 -n shop > toxiproxy.yaml"
)
@click.option(
    "--service",
    required=True,
    metavar="NAME[:PORT[:TARGET]]",
    help="The Service; its port, and its pods' where that is another.",
)
@click.option("-n", "--namespace", default="default", show_default=True, help="Where it is.")
@click.option("--selector", metavar="KEY=VALUE,…", help="Of its pods (default: app=NAME).")
@click.option("--context", help="Ask this cluster for ports and selector instead.")
@click.option("--image", default="gameday-toxiproxy:2.12.0", show_default=True)
def toxiproxy(
    service: str, namespace: str, selector: str | None, context: str | None, image: str
) -> None:
    """Toxiproxy in front of a Service of yours, to stay: a file to apply, and in its head the
    commands that lead the Service to it and back. For a drill that takes it away again by
    itself, use the fault kubernetes.toxiproxy."""
    found = _SERVICE.fullmatch(service)
    if found is None:
        raise click.BadParameter(f"{service!r} is not NAME[:PORT[:TARGET]]", param_hint="--service")
    if context:
        click.echo(cluster.standing_proxy_of(context, namespace, found["name"], image), nl=False)
        return
    if not found["port"]:
        raise click.UsageError("give --service NAME:PORT, or --context to ask the cluster for it")
    pods = _selector(selector or f"app={found['name']}")
    ports = [_port(found["port"], found["target"] or found["port"])]
    click.echo(cluster.standing_proxy(namespace, found["name"], ports, pods, image), nl=False)


def _port(port: str, target: str) -> dict[str, Any]:
    return {
        "port": int(port),
        "targetPort": int(target) if target.isdigit() else target,
        "protocol": "TCP",
    }


def _selector(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in text.split(",")]
    if not all(key.strip() and value.strip() for key, _, value in pairs):
        raise click.BadParameter(f"{text!r} is not KEY=VALUE,…", param_hint="--selector")
    return {key.strip(): value.strip() for key, _, value in pairs}
