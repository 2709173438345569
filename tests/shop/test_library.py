"""Every drill of the library, on a real cluster, with short times: the fault goes in and comes
out, proved, and its end is put down to whom it is due."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.program import Program, finish
from tests.shop.shop import NODE, ROOT, WORKER, Shop
from tests.shop.shortened import shortened, shortened_responders

pytestmark = [pytest.mark.needs_cluster, pytest.mark.acceptance, pytest.mark.timeout(400)]

LIBRARY = ROOT / "gamedays" / "kubernetes"


@dataclass(frozen=True)
class Drill:
    """A drill, who responds, how long the fault may stay, and what must come of it."""

    name: str
    responders: str
    hold: str
    lasts: str
    system: str
    attribution: str


DRILLS = (
    Drill("pod-kill", "look-for-a-pod", "8s", "20s", "held", "none"),
    Drill("payments-down", "charge-later", "8s", "20s", "held", "none"),
    Drill("node-drain", "drain-a-node", "40s", "60s", "held", "none"),
    Drill("inventory-latency", "serve-from-cache", "30s", "60s", "recovered", "self_healed"),
    Drill("disk-full", "watch-the-disk", "30s", "60s", "recovered", "self_healed"),
    Drill("database-failover", "fail-over", "60s", "80s", "recovered", "responder"),
    Drill("pool-exhaustion", "roll-back-inventory", "80s", "100s", "recovered", "responder"),
    Drill("bad-deploy", "roll-back-checkout", "80s", "100s", "recovered", "responder"),
)
SHOWN = {
    "payments-down": ["Orders are queued"],
    "inventory-latency": ["Checkout's breaker opens"],
    "disk-full": ["DiskNearlyFull fires", "The disk is cleaned by itself"],
    "pool-exhaustion": ["PoolExhausted fires"],
    "bad-deploy": ["OrdersFail fires"],
}
"""What the system itself must show with the fault in it: alerts, and what protects customers."""


@pytest.mark.parametrize("seen", [True, False])
def test_nobody_has_to_type_what_is_seen(shop: Shop, tmp_path: Path, seen: bool) -> None:
    """``seen=False`` is the negative control: the same drill, and nobody looks."""
    program = Program(tmp_path, dict(shop.env))
    file = shortened(LIBRARY / "bad-deploy.yaml", tmp_path, "50s", "55s")
    if not seen:
        value = yaml.safe_load(file.read_text(encoding="utf-8"))
        del value["signals"]
        file.write_text(yaml.safe_dump(value), encoding="utf-8")
    running = program.start("run", str(file), "--yes", "--headless", "-o", "json")
    program.wait_for("ImpactStarted")
    shop.kubectl("-n", "shop", "rollout", "undo", "deployment/checkout")
    report = json.loads(finish(running).stdout)
    assert report["attribution"] == ("responder" if seen else "self_healed"), report
    deeds = [event["text"] for event in program.events() if event["type"] == "ActionTaken"]
    assert len(deeds) == seen
    if seen:
        assert "deployment/checkout: rolled back to revision" in deeds[0]
        assert report["milestones"]["mitigated"]


@pytest.mark.parametrize("drill", DRILLS, ids=[drill.name for drill in DRILLS])
def test_a_drill(shop: Shop, tmp_path: Path, drill: Drill) -> None:
    if drill.name == "node-drain":
        shop.placed_to_be_drained()
    there = shop.nodes()
    program = Program(tmp_path, dict(shop.env))
    file = shortened(LIBRARY / f"{drill.name}.yaml", tmp_path, drill.hold, drill.lasts)
    people = LIBRARY / "responders" / f"{drill.responders}.yaml"
    script = shortened_responders(people, tmp_path)
    options = ["--yes", "--headless", "--responders", str(script), "-o", "json"]
    if drill.name == "inventory-latency":  # with the library's own bound: see shortened
        shop.calm()
    done = finish(program.start("run", str(file), *options))
    assert done.returncode in (0, 1), done.stderr  # 1: where nobody mitigates, a target is missed
    report = json.loads(done.stdout)
    told = (report["verdicts"], report["reasons"], report["attribution_why"])
    assert report["verdicts"]["run"] == "valid", told
    assert report["verdicts"]["system"] == drill.system, told
    assert report["attribution"] == drill.attribution, told
    assert len(report["expectations"]) >= 3
    assert [one for one in report["expectations"] if one["verdict"] != "met"] == []
    assert worked(report) == dict.fromkeys(SHOWN.get(drill.name, ()), "worked")
    nothing_is_left(program, shop, report)
    if drill.name == "node-drain":
        was_drained(program, shop, there)


def test_a_disk_that_nobody_watches_or_cleans(shop: Shop, tmp_path: Path) -> None:
    """The negative control of what a drill expects: the same drill, with no such alert, nothing
    that cleans, and no people."""
    shop.without_alert("DiskNearlyFull", tmp_path)
    shop.never_cleans_its_disk()
    shop.sells()
    program = Program(tmp_path, dict(shop.env))
    file = shortened(LIBRARY / "disk-full.yaml", tmp_path, "12s", "20s")
    done = finish(program.start("run", str(file), "--yes", "--headless", "-o", "json"))
    assert done.returncode == 1, done.stderr
    report = json.loads(done.stdout)
    assert report["attribution"] == "rollback", report["attribution_why"]
    assert [one for one in report["expectations"] if one["verdict"] == "met"] == []
    assert worked(report) == dict.fromkeys(SHOWN["disk-full"], "did_not_work")
    nothing_is_left(program, shop, report)


def worked(report: Mapping[str, Any]) -> dict[str, str]:
    """Each thing that the system should have done about the fault, and whether it did."""
    shown = (*report["system"]["alerts"], *report["system"]["protections"])
    return {one["title"]: one["verdict"] for one in shown}


def was_drained(program: Program, shop: Shop, before: Mapping[str, str | None]) -> None:
    """What was on the worker has been made anew on the other node; the rest was left alone."""
    moved = {pod for pod, node in before.items() if node == WORKER}
    assert len(moved) == 5, before
    now = {pod: node for pod, node in shop.nodes().items() if node}
    assert now.keys() & before.keys() == before.keys() - moved
    assert set(now.values()) == {NODE}
    assert len(now) == len(before)
    (undone,) = [event for event in program.events() if event["type"] == "FaultUndone"]
    assert f"node '{WORKER}' is schedulable; checkout: 2 of 2 pods ready" in undone["text"]
    assert "unschedulable" not in shop.kubectl("get", "node", WORKER, "-o", "jsonpath={.spec}")


def nothing_is_left(program: Program, shop: Shop, report: Mapping[str, Any]) -> None:
    assert report["faults"]
    assert all(fault["verified"] for fault in report["faults"])
    assert program.json("faults", "-o", "json") == []
    assert shop.kubectl("-n", "shop", "get", "leases", "-o", "name") == ""
