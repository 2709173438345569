"""The shop itself, and the janitor beside it, as their manifests have them."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.acceptance.program import eventually
from tests.shop.shop import DEPLOY, Shop

pytestmark = [pytest.mark.needs_cluster, pytest.mark.acceptance, pytest.mark.timeout(400)]

_ABANDON = """
import json, os, sys
from gameday.adapters.chaostoolkit import plugins
fault, arguments = plugins.fault("kubernetes.scale"), json.loads(sys.argv[1])
fault.capture(arguments)
fault.inject(arguments)
os._exit(0)
"""
"""Puts a fault in and is gone, as a killed worker whose guardian is killed too."""


def test_it_sells_and_is_seen(shop: Shop) -> None:
    """Each within a while: a breaker may still be open from the start, a target not yet found."""

    def sold() -> bool:
        try:
            order = shop.post("CHECKOUT", "/checkout", {"sku": "mug", "quantity": 2})
        except OSError:
            return False
        return bool(order["payment"] == "charged" and order["stock_from"] == "live")

    def seen() -> bool:  # seven pods of services, two disks
        return len([one for one in shop.query("up") if one["value"][1] == "1"]) == 9

    def guarded() -> bool:
        found = shop.kubectl("-n", "shop", "get", "poddisruptionbudgets", "-o", "json")
        budgets = json.loads(found)["items"]
        allowed = {b["metadata"]["name"]: b["status"]["disruptionsAllowed"] for b in budgets}
        return bool(allowed == {"checkout": 1, "inventory": 1, "db": 1})

    eventually(sold, "no order is charged with a live stock level")
    eventually(seen, "Prometheus does not see all nine")
    eventually(guarded, "the budgets do not allow one disruption each")
    assert shop.get("CHECKOUT", "/admin/state")["cached_skus"] > 0, "the cache is not shared"


def test_an_alert_fires_when_orders_fail(shop: Shop) -> None:
    firing = 'ALERTS{alertname="OrdersFail",alertstate="firing"}'
    eventually(lambda: not shop.query(firing), "the alert fires though all is well")
    shop.kubectl("-n", "shop", "set", "env", "deployment/checkout", "SHOP_FAIL_SHARE=0.5")
    eventually(lambda: shop.query(firing), "no alert", within=90)
    shop.kubectl("-n", "shop", "rollout", "undo", "deployment/checkout")


def test_the_janitor_takes_out_what_nobody_stands_for(shop: Shop) -> None:
    shop.kubectl("apply", "-k", str(DEPLOY / "janitor"))
    shop.kubectl("-n", "shop", "patch", "cronjob", "gameday-janitor", "-p", _SUSPEND)
    _abandon(shop)
    assert _replicas(shop) == 0, "nothing was left, so this test shows nothing"
    _run_janitor(shop, "early")
    assert _replicas(shop) == 0, "its holder may still live: nobody may undo it yet"
    (lease,) = shop.kubectl("-n", "shop", "get", "leases", "-o", "name").split()
    shop.kubectl("-n", "shop", "patch", lease, "--type=merge", "-p", _LONG_SILENT)
    said = _run_janitor(shop, "late")
    assert "cache" in said
    assert _replicas(shop) == 1
    assert shop.kubectl("-n", "shop", "get", "leases", "-o", "name") == ""
    shop.kubectl("delete", "-k", str(DEPLOY / "janitor"))


_SUSPEND = '{"spec":{"suspend":true}}'
_LONG_SILENT = '{"spec":{"renewTime":"2020-01-01T00:00:00.000000Z"}}'


def _abandon(shop: Shop) -> None:
    arguments = {
        "context": "kind-gameday",
        "api_server": "https://127.0.0.1:6443",
        "namespace": "shop",
        "kind": "deployments",
        "name": "cache",
        "replicas": 0,
    }
    subprocess.run(
        [sys.executable, "-c", _ABANDON, json.dumps(arguments)],
        env={**shop.env, "PATH": "/usr/bin:/bin"},
        check=True,
        timeout=60,
    )


def _replicas(shop: Shop) -> int:
    found = shop.kubectl("-n", "shop", "get", "deployment", "cache", "-o", "json")
    replicas: int = json.loads(found)["spec"]["replicas"]
    return replicas


def _run_janitor(shop: Shop, name: str) -> str:
    """Once, as the CronJob does; what it said."""
    job = f"janitor-{name}"
    shop.kubectl("-n", "shop", "create", "job", job, "--from=cronjob/gameday-janitor")
    shop.kubectl("-n", "shop", "wait", f"job/{job}", "--for=condition=Complete", "--timeout=90s")
    return shop.kubectl("-n", "shop", "logs", f"job/{job}")
