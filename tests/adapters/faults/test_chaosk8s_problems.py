"""An experiment that uses chaostoolkit-kubernetes is refused where that would hit what nobody named
or leave behind what it did."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from gameday.adapters.chaostoolkit.files import experiment_problems

NODE = {"name": "worker-1"}


def activity(func: str, module: str = "chaosk8s.node.actions", **arguments: Any) -> dict[str, Any]:
    provider = {
        "type": "python",
        "module": module,
        "func": func,
        "arguments": arguments,
        "secrets": ["cluster"],
    }
    return {"type": "action", "name": func, "provider": provider}


def problems(
    method: list[dict[str, Any]], rollbacks: list[dict[str, Any]], **rest: Any
) -> list[tuple[tuple[str | int, ...], str]]:
    experiment = {
        "title": "x",
        "description": "x",
        "secrets": {"cluster": {"KUBERNETES_CONTEXT": "kind-gameday"}},
        "method": method,
        "rollbacks": rollbacks,
    }
    return experiment_problems("x.yaml", yaml.safe_dump({**experiment, **rest}))


def test_what_names_its_targets_and_is_undone_is_good() -> None:
    kill = activity("terminate_pods", "chaosk8s.pod.actions", label_selector="app=web", qty=1)
    method = [activity("cordon_node", **NODE), kill]
    assert problems(method, [activity("uncordon_node", **NODE)]) == []


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        (activity("terminate_pods", "chaosk8s.pod.actions", qty=1), "say which with name_pattern"),
        (activity("terminate_pods", "chaosk8s.pod.actions", label_selector=""), "say which"),
        (activity("delete_deployment", "chaosk8s.deployment.actions", ns="shop"), "say which"),
        (activity("delete_nodes", all=True), "would take whatever it finds"),
    ],
)
def test_an_action_that_selects_nothing_is_a_mistake(bad: dict[str, Any], said: str) -> None:
    [(where, what)] = problems([bad], [])
    assert where == ("method", 0, "provider")
    assert said in what


def test_a_rollback_that_would_uncordon_every_node_is_a_mistake() -> None:
    [(where, what)] = problems([activity("cordon_node", **NODE)], [activity("uncordon_node")])
    assert where == ("rollbacks", 0, "provider")
    assert "uncordon_node would take whatever it finds" in what


@pytest.mark.parametrize(
    ("func", "module"),
    [
        ("cordon_node", "chaosk8s.node.actions"),
        ("drain_nodes", "chaosk8s.node.actions"),
        ("deny_all_ingress", "chaosk8s.networking.actions"),
        ("scale_deployment", "chaosk8s.deployment.actions"),
    ],
)
def test_what_nobody_takes_back_is_a_mistake(func: str, module: str) -> None:
    [(where, what)] = problems([activity(func, module, name="x")], [])
    assert where == ("method", 0)
    assert "among the rollbacks" in what


def test_an_action_that_names_no_cluster_is_a_mistake() -> None:
    kill = activity("terminate_pods", "chaosk8s.pod.actions", label_selector="app=web")
    [(where, what)] = problems([kill], [], secrets={"cluster": {"TOKEN": "x"}})
    assert where == ("method", 0, "provider")
    assert "whatever cluster is current" in what
    kill["provider"]["secrets"] = []
    assert len(problems([kill], [])) == 1


def test_a_fault_of_ours_takes_it_back() -> None:
    where = {"context": "kind-gameday", "api_server": "https://127.0.0.1:6443", "namespace": "shop"}
    fault = {"type": "kubernetes.node", "arguments": {**where, "node": "worker-1"}}
    extensions = [{"name": "gameday", "faults": [fault]}]
    assert problems([activity("cordon_node", **NODE)], [], extensions=extensions) == []


def test_a_fault_of_ours_elsewhere_takes_nothing_back_on_a_cluster() -> None:
    where = {"server": "http://127.0.0.1:8474", "proxy": "payments"}
    extensions = [{"name": "gameday", "faults": [{"type": "toxiproxy.down", "arguments": where}]}]
    [(where_to, what)] = problems([activity("cordon_node", **NODE)], [], extensions=extensions)
    assert where_to == ("method", 0)
    assert "among the rollbacks" in what


def test_actions_of_others_are_none_of_our_business() -> None:
    assert problems([activity("cordon_node", "mine.node.actions")], []) == []
