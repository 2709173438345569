"""``gameday run`` beside a running shop: people at other terminals, signals, sudden death."""

from __future__ import annotations

import json
import os
import signal
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

import pytest

from gameday.demo.shop import Shop
from tests.acceptance.program import Program, eventually, finish, guardian_of

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(300)]
ROOT = Path(__file__).parents[2]
SLOW_INVENTORY = str(ROOT / "gamedays/slow-inventory.yaml")
INVENTORY_LATENCY = ROOT / "experiments/inventory-latency.yaml"
LATER = {"latency: 800": "latency: 2000"}
LONGER = {
    "at_most: 30s": "at_most: 20m",
    "duration: 45s": "duration: 30m",
    "steady_state_lost_for: 40s": "steady_state_lost_for: 20m",
    "range: [0, 500]": "range: [0, 1500]",
    "fault: experiments/inventory-latency.yaml": "fault: later.yaml",
}


def unhurried(directory: Path) -> str:
    """The same with time enough: on a slow machine the shop would be slow before the fault, and the
    drill over before a test's people act."""
    changed(INVENTORY_LATENCY, directory / "later.yaml", LATER)
    return changed(Path(SLOW_INVENTORY), directory / "unhurried.yaml", LONGER)


def changed(source: Path, copy: Path, changes: Mapping[str, str]) -> str:
    """A copy of a file with other words for some."""
    text = source.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    copy.write_text(text, encoding="utf-8")
    return str(copy)


def toxics(shop: Shop) -> list[object]:
    """The toxics on the inventory's proxy, seen from outside."""
    url = f"{shop.env['SHOP_PROXY_URL']}/proxies/inventory/toxics"
    with urllib.request.urlopen(url, timeout=5) as answer:
        found: list[object] = json.load(answer)
        return found


def is_out(shop: Shop) -> bool:
    """The proxy is there and has no toxic: on a busy machine an undo may make it anew."""
    try:
        return toxics(shop) == []
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return False


def post(url: str, body: object) -> None:
    """A mitigation by hand."""
    data = json.dumps(body).encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=5) as answer:
        answer.read()


def test_people_respond_from_other_terminals(shop: Shop, program: Program) -> None:
    running = program.start(
        "run", unhurried(program.directory), "--yes", "--headless", "-o", "json"
    )
    program.wait_for("ImpactStarted")
    assert program.run("respond", "detect", "it is slow", "--for", "alice").returncode == 0
    assert program.run("respond", "ack", "--for", "alice").returncode == 0
    assert program.run("respond", "declare", "--severity", "SEV2", "--for", "alice").returncode == 0
    post(f"{shop.env['SHOP_CHECKOUT_URL']}/admin/cache", {"on": True})
    program.wait_for("ImpactEnded")
    assert program.run("respond", "mitigate", "cache on", "--for", "bob").returncode == 0
    assert program.run("respond", "resolve", "--for", "alice").returncode == 0
    done = finish(running)
    report = json.loads(done.stdout)
    assert report["attribution"] == "responder", done.stderr
    assert report["milestones"]["mitigated"] is not None
    assert report["times"]["detect"]["verdict"] in ("met", "missed")
    assert toxics(shop) == []


def test_a_dependency_that_fails_is_shielded_by_a_queue(shop: Shop, program: Program) -> None:
    responders = ROOT / "gamedays/responders/queue-payments.yaml"
    done = program.run(
        *("run", str(ROOT / "gamedays/payments-down.yaml"), "--yes", "--headless"),
        *("--responders", str(responders), "-o", "json"),
    )
    report = json.loads(done.stdout)
    assert report["attribution"] == "responder", done.stderr
    assert [fault["targets"] for fault in report["faults"]] == [["toxiproxy/payments"]]
    assert all(fault["verified"] for fault in report["faults"])
    assert done.returncode == 0, done.stderr


def test_late_entries_are_marked_and_annulled_ones_stay(shop: Shop, program: Program) -> None:
    running = program.start("run", unhurried(program.directory), "--yes", "--headless")
    impact = program.wait_for("ImpactStarted")
    assert (
        program.run("respond", "detect", "--at", impact["time"], "--for", "carol").returncode == 0
    )
    assert program.run("respond", "detect", "--for", "dave", "--key", "k1").returncode == 0
    assert program.run("respond", "detect", "--for", "dave", "--key", "k1").returncode == 0
    entry = next(e for e in program.events() if e["type"] == "Detected" and e["data"]["late"])
    annulled = program.run("respond", "annul", "wrong drill", "--entry", entry["id"])
    assert annulled.returncode == 0
    assert program.run("abort", "--reason", "seen enough").returncode == 0
    assert finish(running).returncode == 7
    events = program.events()
    detected = [event for event in events if event["type"] == "Detected"]
    assert [event["data"]["by"] for event in detected] == ["carol", "dave"]
    report = program.json("report", "--format", "json")
    assert report["milestones"]["detected"]["event"] == detected[1]["id"]
    assert report["attribution"] in ("abort", "none")


def test_ctrl_c_leaves_no_toxic_and_exits_130(shop: Shop, program: Program) -> None:
    running = program.start("run", unhurried(program.directory), "--yes", "--headless")
    program.wait_for("FaultInjected")
    assert toxics(shop)
    os.killpg(running.pid, signal.SIGINT)
    done = finish(running)
    assert done.returncode == 130, done.stderr
    assert toxics(shop) == []
    assert "rolling back" in done.stderr


def test_sigkill_of_the_conductor_leaves_no_toxic(shop: Shop, program: Program) -> None:
    running = program.start("run", unhurried(program.directory), "--yes", "--headless")
    program.wait_for("FaultInjected")
    assert toxics(shop)
    running.kill()
    finish(running)
    eventually(lambda: is_out(shop), "the toxic stayed")
    program.wait_for("RunAborted")
    assert program.json("faults", "-o", "json") == []


def test_recover_undoes_what_is_left_when_the_guardian_dies_too(
    shop: Shop, program: Program
) -> None:
    running = program.start("run", unhurried(program.directory), "--yes", "--headless")
    program.wait_for("FaultInjected")
    refused = program.run("recover")
    assert refused.returncode == 4
    assert "being conducted" in refused.stderr
    os.kill(guardian_of(running.pid), signal.SIGKILL)
    running.kill()
    finish(running)
    assert toxics(shop), "nothing was left, so this test shows nothing"
    left = program.run("faults", "-o", "json")
    assert left.returncode == 8
    assert [fault["status"] for fault in json.loads(left.stdout)] == ["injected"]
    done = program.run("recover")
    assert done.returncode == 0, done.stderr
    assert toxics(shop) == []
    assert program.json("faults", "-o", "json") == []
    assert program.events()[-1]["type"] == "RunAborted"


def test_abort_reaches_a_single_experiment_too(shop: Shop, program: Program) -> None:
    name = "    name: slow-down-inventory\n"
    paused = {name: f"{name}    pauses: {{after: 3600}}\n"}
    file = changed(INVENTORY_LATENCY, program.directory / "long.yaml", paused)
    running = program.start("experiment", "run", file)
    eventually(lambda: toxics(shop), "no toxic")
    assert program.run("abort", "--reason", "enough").returncode == 0
    done = finish(running)
    assert done.returncode == 7, done.stderr
    assert toxics(shop) == []


def test_without_yes_and_without_a_person_nothing_starts(shop: Shop, program: Program) -> None:
    done = program.run("run", SLOW_INVENTORY)
    assert done.returncode == 4
    assert "--yes" in done.stderr
    assert program.run("get", "runs", "-o", "json").stdout.strip() in ("", "[]")


def test_an_unsteady_shop_is_refused(shop: Shop, program: Program) -> None:
    body = {"name": "before", "type": "latency", "attributes": {"latency": 900}}
    post(f"{shop.env['SHOP_PROXY_URL']}/proxies/inventory/toxics", body)
    post(f"{shop.env['SHOP_TRAFFIC_URL']}/admin/rate", {"rate": 20})
    running = program.start("run", SLOW_INVENTORY, "--yes", "--headless")
    done = finish(running)
    assert done.returncode == 4, done.stderr
    assert "steady state" in done.stderr
    assert len(toxics(shop)) == 1


def test_a_dead_fault_proxy_is_a_clear_refusal(shop: Shop, program: Program) -> None:
    program.env = {**program.env, "SHOP_PROXY_URL": "http://127.0.0.1:9"}
    done = program.run("run", SLOW_INVENTORY, "--yes", "--headless")
    assert done.returncode in (4, 6), done.stderr
    assert "127.0.0.1:9" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_conductor_that_falls_silent_leaves_no_toxic(shop: Shop, program: Program) -> None:
    running = program.start("run", unhurried(program.directory), "--yes", "--headless")
    program.wait_for("FaultInjected")
    assert toxics(shop)
    os.kill(running.pid, signal.SIGSTOP)
    try:
        eventually(lambda: is_out(shop), "the toxic is still in", within=110)
        program.wait_for("RunAborted")
    finally:
        os.killpg(running.pid, signal.SIGKILL)
        running.communicate()
