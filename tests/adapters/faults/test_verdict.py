"""What Chaos Toolkit calls success, judged."""

from __future__ import annotations

from typing import Any

import pytest

from gameday.adapters.chaostoolkit.verdict import (
    activity_problem,
    method_problems,
    rollback_problems,
)


def ran(provider: dict[str, Any], output: Any, **more: Any) -> dict[str, Any]:
    activity = {"type": "action", "name": "a", "provider": provider}
    return {"activity": activity, "status": "succeeded", "output": output, **more}


@pytest.mark.parametrize(
    ("run", "said"),
    [
        (ran({"type": "python", "module": "chaosk8s.pod.actions"}, []), "matched nothing"),
        (ran({"type": "python", "module": "chaosk8s.pod.actions"}, ["pod"]), ""),
        (ran({"type": "python", "module": "mine"}, []), ""),
        (ran({"type": "process"}, {"status": 3, "stderr": "x\nno disk\n"}), "with 3: no disk"),
        (ran({"type": "process"}, {"status": 0}), ""),
        (ran({"type": "http"}, {"status": 503}), "HTTP status 503"),
        (ran({"type": "http"}, {"status": 204}), ""),
        (ran({}, None, status="failed", exception=["a\n", "ValueError: b\n"]), "ValueError: b"),
        (ran({}, None, status=None), "cut off"),
    ],
)
def test_one_activity(run: dict[str, Any], said: str) -> None:
    found = activity_problem(run)
    assert bool(found) == bool(said)
    assert said in found


def test_a_probe_of_the_method_may_see_a_failure() -> None:
    run = ran({"type": "http"}, {"status": 503})
    run["activity"]["type"] = "probe"
    assert activity_problem(run) == ""


def test_the_method_as_a_whole() -> None:
    good = ran({}, None)
    assert method_problems({"run": [good], "status": "completed"}, 1, "") == []
    assert method_problems({"run": [good], "status": "completed"}, 2, "") == [
        "only 1 of 2 activities of the method ran"
    ]
    [found] = method_problems({"run": [good], "status": "aborted"}, 1, "boom")
    assert found == "Chaos Toolkit aborted the experiment: boom"
    deviated = {"run": [good], "status": "failed", "deviated": True}
    assert method_problems(deviated, 1, "") == []  # a finding about the system, not the fault
    unmet = {"steady_states": {"before": {"steady_state_met": False, "probes": []}}}
    assert "did not run" in method_problems(unmet, 1, "")[0]
    assert method_problems({}, 0, "") == []


def test_a_rollback_that_never_ran_is_no_success() -> None:
    assert rollback_problems({}, "boom") == ["the rollback did not run: boom"]
    run = ran({}, None)
    assert rollback_problems({"rollbacks": [run], "status": "completed"}, "") == []
    assert rollback_problems({"rollbacks": [run], "status": "interrupted"}, "") != []
