"""Experiments of others that use chaostoolkit-kubernetes, on a real cluster: they run, what they
did is taken back whatever is killed, and what the package calls a success is not believed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.drills import process
from tests.acceptance.program import Program, eventually, finish
from tests.kubernetes_faults.place import CONTEXT, NODE, Place, changed

pytestmark = [pytest.mark.needs_cluster, pytest.mark.acceptance, pytest.mark.timeout(300)]
HEALTHY = ("chaosk8s.deployment.probes", "deployment_available_and_healthy")
KILL = ("chaosk8s.pod.actions", "terminate_pods")


def call(function: tuple[str, str], kind: str = "action", **arguments: Any) -> dict[str, Any]:
    module, func = function
    provider = {
        "type": "python",
        "module": module,
        "func": func,
        "arguments": arguments,
        "secrets": ["cluster"],
    }
    return {"type": kind, "name": func, "provider": provider}


def written(
    directory: Path,
    method: list[dict[str, Any]],
    rollbacks: list[dict[str, Any]] | None = None,
    probes: list[dict[str, Any]] | None = None,
) -> str:
    experiment: dict[str, Any] = {
        "title": "of others",
        "description": "No extension of gameday's is in it.",
        "secrets": {"cluster": {"KUBERNETES_CONTEXT": CONTEXT}},
        "method": method,
        "rollbacks": rollbacks or [],
    }
    if probes:
        experiment["steady-state-hypothesis"] = {"title": "all is well", "probes": probes}
    file = directory / "others.json"
    file.write_text(json.dumps(experiment), encoding="utf-8")
    return str(file)


def cordoned(place: Place) -> bool:
    return bool(place.get("node", NODE)["spec"].get("unschedulable"))


def test_its_probes_and_actions_run(place: Place, tmp_path: Path) -> None:
    place.settled()
    before = {pod["metadata"]["name"] for pod in place.get("pods", "-l", "app=web")["items"]}
    healthy = {**call(HEALTHY, "probe", name="web", ns=place.name), "tolerance": True}
    kill = {**call(KILL, label_selector="app=web", ns=place.name, grace_period=0)}
    kill["pauses"] = {"after": 20}
    file = written(tmp_path, [kill], probes=[healthy])
    done = Program(tmp_path).run("experiment", "run", file)
    assert done.returncode == 0, done.stdout + done.stderr
    place.settled()
    after = {pod["metadata"]["name"] for pod in place.get("pods", "-l", "app=web")["items"]}
    assert len(after - before) == 1


def test_what_matched_nothing_was_no_success(place: Place, tmp_path: Path) -> None:
    file = written(tmp_path, [call(KILL, label_selector="app=nobody", ns=place.name)])
    done = Program(tmp_path).run("experiment", "run", file)
    assert done.returncode == 6, done.stdout + done.stderr
    assert "matched nothing" in done.stdout + done.stderr


def test_its_rollback_is_played_by_the_guardian(place: Place, tmp_path: Path) -> None:
    place.settled()
    before = place.snapshot()
    node = {"name": NODE}
    method = [
        call(("chaosk8s.node.actions", "cordon_node"), **node),
        {**process("true"), "pauses": {"before": 600}},
    ]
    file = written(tmp_path, method, [call(("chaosk8s.node.actions", "uncordon_node"), **node)])
    program = Program(tmp_path)
    running = program.start("experiment", "run", file)
    eventually(lambda: cordoned(place), "the node was never cordoned")
    running.kill()
    finish(running)
    eventually(lambda: not cordoned(place), "nobody uncordoned it")
    eventually(lambda: program.run("faults").returncode == 0, "it stays in the ledger")
    assert not changed(before, place.snapshot())
