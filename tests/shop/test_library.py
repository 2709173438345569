"""Every drill of the library, on a real cluster, with short times: the fault goes in and comes
out, proved, and its end is put down to whom it is due."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.acceptance.program import Program, finish
from tests.shop.shop import ROOT, Shop
from tests.shop.shortened import shortened

pytestmark = [pytest.mark.needs_cluster, pytest.mark.acceptance, pytest.mark.timeout(400)]

LIBRARY = ROOT / "gamedays" / "kubernetes"


@dataclass(frozen=True)
class Drill:
    """A drill, who responds, how long the fault may stay, and what must come of it; ``seen``: what
    the system must show meanwhile, as the drill expects it."""

    name: str
    hold: str
    lasts: str
    system: str
    attribution: str
    responders: str = ""
    seen: str = ""


DRILLS = (
    Drill("pod-kill", "8s", "12s", "held", "none"),
    Drill("payments-down", "8s", "12s", "held", "none", seen="Orders are queued"),
    Drill("node-drain", "6s", "10s", "held", "none"),
    Drill(
        *("inventory-latency", "35s", "40s", "recovered", "self_healed"),
        seen="Checkout's breaker opens",
    ),
    Drill("disk-full", "40s", "45s", "recovered", "self_healed", seen="DiskNearlyFull fires"),
    Drill("database-failover", "60s", "70s", "recovered", "responder", "fail-over"),
    Drill(
        *("pool-exhaustion", "80s", "90s", "recovered", "responder", "roll-back-inventory"),
        seen="PoolExhausted fires",
    ),
    Drill(
        *("bad-deploy", "80s", "90s", "recovered", "responder", "roll-back-checkout"),
        seen="OrdersFail fires",
    ),
)


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


def test_every_drill_of_the_library_is_here() -> None:
    assert {file.stem for file in LIBRARY.glob("*.yaml")} == {drill.name for drill in DRILLS}


@pytest.mark.parametrize("drill", DRILLS, ids=[drill.name for drill in DRILLS])
def test_a_drill(shop: Shop, tmp_path: Path, drill: Drill) -> None:
    program = Program(tmp_path, dict(shop.env))
    file = shortened(LIBRARY / f"{drill.name}.yaml", tmp_path, drill.hold, drill.lasts)
    arguments = ["run", str(file), "--yes", "--headless", "-o", "json"]
    if drill.responders:
        arguments += ["--responders", str(LIBRARY / "responders" / f"{drill.responders}.yaml")]
    done = finish(program.start(*arguments))
    assert done.returncode in (0, 1), done.stderr  # 1: whoever responds here is in no hurry
    report = json.loads(done.stdout)
    told = (report["verdicts"], report["reasons"], report["attribution_why"])
    assert report["verdicts"]["run"] == "valid", told
    assert report["verdicts"]["system"] == drill.system, told
    assert report["attribution"] == drill.attribution, told
    seen = [one for one in report["expectations"] if one["to_event"]]
    assert [one["title"] for one in seen if one["verdict"] != "met"] == []
    assert {drill.seen} - {""} <= {one["title"] for one in seen}, report["expectations"]
    assert report["faults"]
    assert all(fault["verified"] for fault in report["faults"])
    assert program.json("faults", "-o", "json") == []
    assert shop.kubectl("-n", "shop", "get", "leases", "-o", "name") == ""
