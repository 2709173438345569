"""What engineers get wrong, by the command they type: a clear message, exit code 4 or 6, and
nothing half done."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.acceptance.program import Program
from tests.kubernetes_faults.place import Place, changed

pytestmark = [pytest.mark.needs_cluster, pytest.mark.acceptance, pytest.mark.timeout(300)]
NOWHERE = "https://127.0.0.1:1"


@dataclass(frozen=True)
class Mistake:
    """arguments: of the fault, where they are others; server, token: of the kubeconfig."""

    name: str
    said: str
    fault: str = "kubernetes.scale"
    arguments: Mapping[str, Any] = field(default_factory=dict)
    server: str = ""
    token: str = ""


MISTAKES = (
    Mistake("no cluster", "can be reached", arguments={"api_server": NOWHERE}, server=NOWHERE),
    Mistake("wrong context", "no Kubernetes context", arguments={"context": "production"}),
    Mistake("another server", "leads to", arguments={"api_server": "https://127.0.0.1:7443"}),
    Mistake("expired token", "log in again", token="long-gone"),
    Mistake("missing permission", "may not do that", token="of an account without a Role"),
    Mistake(
        "selector that matches nothing",
        "matches no pod",
        "kubernetes.pods",
        {"selector": "app=nobody", "count": 1},
    ),
    Mistake("protected namespace", "is protected", arguments={"namespace": "kube-system"}),
    Mistake("nothing of that name", "there is no", arguments={"name": "nobody"}),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=[mistake.name for mistake in MISTAKES])
def test_it_is_said_and_nothing_is_done(
    mistake: Mistake, place: Place, kubeconfig: str, tmp_path: Path
) -> None:
    place.settled()
    before = place.snapshot()
    program = Program(tmp_path, {"KUBECONFIG": configured(mistake, place, kubeconfig, tmp_path)})
    file = experiment(mistake, place, tmp_path)
    done = program.run("experiment", "run", str(file))
    assert done.returncode in (4, 6), done.stderr
    assert mistake.said in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert program.run("faults").returncode == 0
    assert not changed(before, place.snapshot())


@pytest.mark.parametrize("mistake", MISTAKES[1:3], ids=[mistake.name for mistake in MISTAKES[1:3]])
def test_a_plan_says_it_too(
    mistake: Mistake, place: Place, kubeconfig: str, tmp_path: Path
) -> None:
    program = Program(tmp_path, {"KUBECONFIG": kubeconfig})
    done = program.run("plan", str(experiment(mistake, place, tmp_path)))
    assert mistake.said in done.stdout + done.stderr


def configured(mistake: Mistake, place: Place, kubeconfig: str, directory: Path) -> str:
    """The kubeconfig with the mistake in it."""
    config = yaml.safe_load(Path(kubeconfig).read_text(encoding="utf-8"))
    if mistake.server:
        config["clusters"][0]["cluster"]["server"] = mistake.server
    if mistake.token:
        token = mistake.token
        if " " in token:
            token = place.kubectl("-n", place.name, "create", "token", "default").strip()
        config["users"][0]["user"] = {"token": token}
    file = directory / "config"
    file.write_text(json.dumps(config), encoding="utf-8")
    return str(file)


def experiment(mistake: Mistake, place: Place, directory: Path) -> Path:
    usual = {} if "selector" in mistake.arguments else {"name": "web", "replicas": 1}
    arguments = {**place.where, **usual, **mistake.arguments}

    def call(func: str) -> dict[str, Any]:
        provider = {
            "type": "python",
            "module": "gameday.adapters.kubernetes.actions",
            "func": func,
            "arguments": {"fault": mistake.fault, "arguments": arguments},
        }
        return {"type": "action", "name": func, "provider": provider}

    value = {
        "title": mistake.name,
        "description": "It has a mistake.",
        "method": [call("put_in")],
        "rollbacks": [call("take_out")],
        "extensions": [
            {"name": "gameday", "faults": [{"type": mistake.fault, "arguments": arguments}]}
        ],
    }
    file = directory / "experiment.json"
    file.write_text(json.dumps(value), encoding="utf-8")
    return file
