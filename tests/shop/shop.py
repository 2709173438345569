"""The demo shop on the test cluster, from the same manifests as everywhere."""

from __future__ import annotations

import json
import shutil
import subprocess
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import yaml

from tests.acceptance.program import eventually

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"
PATIENCE = 120
CALM_MS = 250
NODE = "gameday-node"
WORKER = "gameday-worker"  # the one that the library drains


@dataclass(frozen=True)
class Shop:
    """A namespace of the cluster, seen through kubectl and its node ports."""

    kubeconfig: Path

    @property
    def env(self) -> Mapping[str, str]:
        """What the library of drills reads; kind's host ports are its defaults."""
        return {
            "KUBECONFIG": str(self.kubeconfig),
            "SHOP_CHECKOUT_URL": "http://127.0.0.1:30080",
            "SHOP_TRAFFIC_URL": "http://127.0.0.1:30081",
            "SHOP_INVENTORY_URL": "http://127.0.0.1:30082",
            "SHOP_PROMETHEUS_URL": "http://127.0.0.1:30090",
            "SHOP_PROXY_URL": "http://127.0.0.1:30474",
            "SHOP_INVENTORY_PROXY": "127.0.0.1:30481",
            "SHOP_PAYMENTS_PROXY": "127.0.0.1:30482",
        }

    def kubectl(self, *arguments: str) -> str:
        """What kubectl prints; it must succeed."""
        done = subprocess.run(
            ["kubectl", "--kubeconfig", str(self.kubeconfig), *arguments],
            capture_output=True,
            text=True,
            timeout=PATIENCE + 10,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def away(self) -> None:
        """Return once an earlier session's shop, where one is on its way out, is gone."""
        phase = "jsonpath={.status.phase}"
        asked = ("get", "namespace", "shop", "--ignore-not-found", "-o", phase)
        if self.kubectl(*asked) == "Terminating":
            self.kubectl("wait", "namespace/shop", "--for=delete", f"--timeout={PATIENCE}s")

    def apply(self) -> None:
        """As the manifests have it, every pod ready, and customers who buy."""
        for part in ("shop", "prometheus"):
            self.kubectl("apply", "-k", str(DEPLOY / part))
        for name in self.kubectl("-n", "shop", "get", "deployment", "-o", "name").split():
            self._rolled_out(name)
        self.sells()

    def sells(self) -> None:
        """Return once customers buy, and Prometheus sees it."""
        try:
            eventually(self._sells, "customers cannot buy", within=PATIENCE)
        except AssertionError as failure:
            raise AssertionError(f"{failure}\n{self._seen()}") from None

    def calm(self) -> None:
        """Return once customers buy in half the time that the library's steady states allow: on a
        machine that is busy with other things a drill would be refused."""
        stats = partial(self.get, "TRAFFIC", "/stats?window=10")
        eventually(lambda: stats()["p95_ms"] < CALM_MS, "customers have to wait", within=PATIENCE)

    def without_alert(self, name: str, directory: Path) -> None:
        """Prometheus as its manifests have it, less one alert, until they are applied again."""
        copy = directory / "prometheus"
        shutil.copytree(DEPLOY / "prometheus", copy)
        rules = yaml.safe_load((copy / "alerts.yaml").read_text(encoding="utf-8"))
        for group in rules["groups"]:
            group["rules"] = [rule for rule in group["rules"] if rule["alert"] != name]
        (copy / "alerts.yaml").write_text(yaml.safe_dump(rules), encoding="utf-8")
        self.kubectl("apply", "-k", str(copy))
        self._rolled_out("deployment/prometheus")

    def placed_to_be_drained(self) -> None:
        """What can be spared, and both of what there is two of, on the worker; where stock levels
        come from, on the other node."""
        self._restarted_off(WORKER, "app in (cache, db)")
        self._restarted_off(NODE, "app in (checkout, inventory, payments)")
        eventually(lambda: None not in self.nodes().values(), "some leave for ever", PATIENCE)
        self.sells()

    def _restarted_off(self, node: str, selector: str) -> None:
        self.kubectl("cordon", node)
        try:
            which = "deployment", "-l", selector
            self.kubectl("-n", "shop", "rollout", "restart", *which)
            for name in self.kubectl("-n", "shop", "get", *which, "-o", "name").split():
                self._rolled_out(name)
        finally:
            self.kubectl("uncordon", node)

    def nodes(self) -> dict[str, str | None]:
        """By pod, the node it is on; None while it is on its way out."""
        pods = json.loads(self.kubectl("-n", "shop", "get", "pods", "-o", "json"))["items"]
        return {
            pod["metadata"]["name"]: None
            if pod["metadata"].get("deletionTimestamp")
            else pod["spec"]["nodeName"]
            for pod in pods
        }

    def never_cleans_its_disk(self) -> None:
        """The database's disk stays as full as it is, until the manifests are applied again."""
        command = ["python3", "-m", "gameday.demo.disk_keeper", "--host=0.0.0.0", "--port=8080"]
        keeper = {"name": "disk", "command": [*command, "--directory=/data", "--patience=0"]}
        change = {"spec": {"template": {"spec": {"containers": [keeper]}}}}
        self.kubectl("-n", "shop", "patch", "deployment", "db", "-p", json.dumps(change))
        self._rolled_out("deployment/db")

    def get(self, url: str, path: str) -> Any:
        """The JSON that one of the shop's addresses answers."""
        with urllib.request.urlopen(self.env[f"SHOP_{url}_URL"] + path, timeout=5) as answer:
            return json.load(answer)

    def post(self, url: str, path: str, value: object) -> Any:
        """The same of a POST."""
        request = urllib.request.Request(
            self.env[f"SHOP_{url}_URL"] + path, json.dumps(value).encode(), method="POST"
        )
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def query(self, query: str) -> Any:
        """What Prometheus finds now."""
        return self.get("PROMETHEUS", f"/api/v1/query?query={quote(query)}")["data"]["result"]

    def _rolled_out(self, name: str) -> None:
        self.kubectl("-n", "shop", "rollout", "status", name, f"--timeout={PATIENCE}s")

    def _seen(self) -> str:
        """What there is to see of a shop that does not sell."""
        try:
            stats = self.get("TRAFFIC", "/stats?window=10")
        except OSError as error:
            stats = error
        return f"{stats}\n{self.kubectl('-n', 'shop', 'get', 'pods', '-o', 'wide')}"

    def _sells(self) -> bool:
        try:
            stats = self.get("TRAFFIC", "/stats?window=10")
            return bool(stats["requests"] > 100 and not stats["errors"] and self.query("up"))
        except OSError:
            return False
