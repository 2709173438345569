"""Arguments of faults on Kubernetes, checked without a cluster; and the documented example."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from gameday.adapters.chaostoolkit import plugins
from gameday.adapters.chaostoolkit.files import experiment_problems
from gameday.bootstrap.files import resolved_targets
from gameday.core.scenario.scenario import Scenario
from gameday.engine.faults import FaultRejected
from gameday.testing import minimal_scenario

DOCS = Path(__file__).parents[2] / "docs" / "kubernetes.md"
WHERE = {"context": "c", "api_server": "https://127.0.0.1:1", "namespace": "shop"}


def blocks() -> list[str]:
    """The examples: an experiment, then parts of game days."""
    return re.findall(r"```yaml\n(.*?)```", DOCS.read_text(), re.DOTALL)


def example() -> str:
    return f"title: Kill a pod\ndescription: As documented.\n{blocks()[0]}"


def test_the_documented_experiment_is_valid() -> None:
    assert experiment_problems("pods.yaml", example()) == []
    wrong = example().replace("count: 1", "cuont: 1")
    assert any("did you mean 'count'" in what for _, what in experiment_problems("x.yaml", wrong))


def test_the_documented_parts_of_game_days_are_valid() -> None:
    parts: dict[str, Any] = {}
    for block in blocks()[1:]:
        parts |= yaml.safe_load(block)
    assert set(parts) == {"probes", "signals"}
    steady = {"title": "t", "probes": list(parts["probes"])}
    Scenario.model_validate(minimal_scenario(**parts, steady_state=steady))
    with pytest.raises(ValueError, match="namespace"):
        Scenario.model_validate(minimal_scenario(signals=[{"type": "kubernetes"}]))


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("pods", {"selector": "", "count": 1}, "a label selector"),
        ("pods", {"selector": "app=a", "count": 1, "percentage": 5}, "either count or percentage"),
        ("pods", {"selector": "app=a"}, "either count or percentage"),
        ("pods", {"selector": "app=a", "count": True}, "a whole number"),
        ("scale", {"name": "Web!", "replicas": 1}, "is no name"),
        ("scale", {"name": "web", "replicas": 1, "api_server": None}, "is needed"),
        ("network", {"selector": "app in (a, b)"}, "equalities only"),
        ("rollout", {"name": "web"}, "image, env or both"),
        ("exec", {"selector": "app=a", "command": "rm"}, "a list of texts"),
    ],
)
def test_a_mistake_is_said(name: str, arguments: dict[str, Any], said: str) -> None:
    found = plugins.fault(f"kubernetes.{name}").problems({**WHERE, **arguments})
    assert any(said in what for _, what in found), found


@pytest.mark.parametrize("protected", [[], ["shop"]])
def test_a_protected_namespace_is_no_mistake_and_is_refused(protected: list[str]) -> None:
    namespace = "shop" if protected else "kube-system"
    given = {**WHERE, "name": "web", "replicas": 1, "namespace": namespace, "protected": protected}
    scale = plugins.fault("kubernetes.scale")
    assert not scale.problems(given)
    with pytest.raises(FaultRejected, match="is protected"):
        scale.describe(given)


def test_a_variable_is_no_mistake_yet() -> None:
    given = {**WHERE, "context": "${context}", "selector": "${who}", "count": 1}
    assert not plugins.fault("kubernetes.pods").problems(given)


def test_a_plan_without_a_cluster_says_why_it_would_be_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    file = tmp_path / "pods.yaml"
    file.write_text(example())
    touches, refused = resolved_targets(file)
    assert touches == ["kubernetes/shop/pods/app=checkout"]
    assert "no Kubernetes context 'kind-gameday'" in refused
    file.write_text(example().replace("namespace: shop", 'namespace: "${nowhere}"'))
    touches, refused = resolved_targets(file)
    assert touches == []
    assert "has no value" in refused
