"""``generate toxiproxy``: files and commands, without a cluster."""

from __future__ import annotations

import json
import shlex
from typing import Any

import pytest
import yaml
from click.testing import CliRunner

from gameday.cli.main import cli


def generated(*arguments: str) -> str:
    result = CliRunner().invoke(cli, ["generate", "toxiproxy", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def patch(text: str, what: str) -> dict[str, Any]:
    """The patch of the command with these words before it."""
    (line,) = [line for line in text.splitlines() if line.startswith(f"# {what}:")]
    spec: dict[str, Any] = json.loads(shlex.split(line.removeprefix("# "))[-1])["spec"]
    return spec


def test_a_proxy_passes_on_to_what_the_service_selects() -> None:
    text = generated("--service", "payments:80:http", "-n", "shop", "--selector", "app=pay,tier=x")
    objects = {(o["kind"], o["metadata"]["name"]): o for o in yaml.safe_load_all(text)}
    assert all(o["metadata"]["namespace"] == "shop" for o in objects.values())
    assert ("Service", "payments") not in objects, "deleting the file would delete the Service"
    direct = objects["Service", "payments-direct"]["spec"]
    assert direct["selector"] == {"app": "pay", "tier": "x"}
    assert direct["ports"] == [{"port": 80, "targetPort": "http", "protocol": "TCP"}]
    config = objects["ConfigMap", "toxiproxy-payments"]["data"]["proxies.json"]
    (proxy,) = json.loads(config)
    assert proxy["upstream"] == "payments-direct:80"
    pod = objects["Deployment", "toxiproxy-payments"]["spec"]["template"]
    there = patch(text, "Lead to it")
    assert there["selector"]["$patch"] == "replace"
    assert pod["metadata"]["labels"]["gameday.dev/proxy"] == there["selector"]["gameday.dev/proxy"]
    assert there["ports"] == [{"port": 80, "targetPort": int(proxy["listen"].split(":")[1])}]
    back = patch(text, "Lead back")
    assert back["selector"] == {"$patch": "replace", "app": "pay", "tier": "x"}
    assert back["ports"] == [{"port": 80, "targetPort": "http"}]


def test_without_a_selector_pods_are_named_like_the_service() -> None:
    assert patch(generated("--service", "cart:8080"), "Lead back")["selector"]["app"] == "cart"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--service", "payments"], "NAME:PORT"),
        (["--service", "Payments:8080"], "Payments:8080"),
        (["--service", "payments:8080", "--selector", "app"], "KEY=VALUE"),
    ],
)
def test_what_cannot_be_meant_is_said(arguments: list[str], said: str) -> None:
    result = CliRunner().invoke(cli, ["generate", "toxiproxy", *arguments])
    assert result.exit_code == 2
    assert said in result.output
