"""Experiments through the guardian: intent, method, undo, and the truth about each."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from gameday.core.errors import WorkerFailure
from gameday.core.log.events import UndoStep
from gameday.engine.ports import Injection, Intent, StepOutcome
from tests.adapters.workers.drilling import Drill, act


def toxic_file(drill: Drill, api: str, proxy: str, **more: Any) -> str:
    """Latency on the proxy, declared as a gameday fault."""
    arguments = {
        "server": "${api}",
        "proxy": proxy,
        "type": "latency",
        "attributes": {"latency": 300},
    }
    module = "gameday.adapters.toxiproxy.actions"
    provider = {"type": "python", "module": module, "func": "add_toxic", "arguments": arguments}
    return drill.file(
        **{
            "configuration": {"api": api},
            "method": [{"type": "action", "name": "slow", "provider": provider}],
            "extensions": [
                {"name": "gameday", "faults": [{"type": "toxiproxy.toxic", "arguments": arguments}]}
            ],
            **more,
        }
    )


def toxics(api: str, proxy: str) -> list[str]:
    return [item["name"] for item in httpx.get(f"{api}/proxies/{proxy}").json()["toxics"]]


def inject(drill: Drill, path: str, *, with_hypothesis: bool = False) -> tuple[Intent, Injection]:
    """Arm, intend and inject, then end the worker."""

    async def go() -> tuple[Intent, Injection]:
        async with drill.workers() as workers:
            experiment = await drill.armed(workers, path, with_hypothesis=with_hypothesis)
            return await experiment.intent(), await experiment.inject()

    return asyncio.run(go())


def play(drill: Drill, step: UndoStep) -> StepOutcome:
    async def go() -> StepOutcome:
        async with drill.workers() as workers:
            return await workers.undo(step, 20.0)

    return asyncio.run(go())


def test_a_fault_goes_in_is_proved_in_and_proved_out(
    drill: Drill, proxy_api: str, proxy: str
) -> None:
    async def go() -> None:
        async with drill.workers() as workers:
            experiment = await drill.armed(workers, toxic_file(drill, proxy_api, proxy))
            intent = await experiment.intent()
            assert intent.targets == (f"toxiproxy/{proxy}",)
            [step] = intent.undo
            assert step.spec["arguments"]["server"] == proxy_api
            assert toxics(proxy_api, proxy) == []  # the intent touches nothing

            injection = await experiment.inject()
            assert injection.reason == ""
            assert injection.began is not None
            assert injection.began.boot <= injection.finished.boot
            assert toxics(proxy_api, proxy) == ["gameday_latency"]
            present = await workers.verify(step, 10.0)
            assert (present.proof, "still there" in present.reason) == ("", True)

            assert await workers.kill("f") is False  # the method had returned
            undone = await workers.undo(step, 10.0)
            assert "absent" in undone.proof
            assert "opens" in undone.proof
            assert undone.call_timeout == 2.0
            assert toxics(proxy_api, proxy) == []
            assert (await workers.verify(step, 10.0)).proof

    asyncio.run(go())
    assert drill.read_journal()["run"][0]["status"] == "succeeded"
    assert not drill.lost.exists()


def test_an_action_that_claims_success_without_its_fault_is_found_out(
    drill: Drill, proxy_api: str, proxy: str
) -> None:
    path = toxic_file(drill, proxy_api, proxy, method=[act("steady")])
    _, injection = inject(drill, path)
    assert "toxiproxy.toxic is not in" in injection.reason


def test_a_plain_file_has_its_actions_as_targets_and_its_rollbacks_as_undo(drill: Drill) -> None:
    trace = drill.directory / "trace"
    path = drill.file(
        configuration={"trace": {"type": "env", "key": "NO_SUCH_KEY", "default": str(trace)}},
        method=[act("touch", "break it", path="${trace}")],
        rollbacks=[
            act("append", "first", path="${trace}", word="one"),
            {"ref": "break it"},
        ],
        runtime={"rollbacks": {"strategy": "always"}},
    )
    intent, injection = inject(drill, path)
    assert intent.targets == ("chaostoolkit/break it",)
    assert [step.label for step in intent.undo] == ["first", "break it"]
    assert injection.reason == ""
    assert "one" not in trace.read_text()  # rollbacks are not the worker's, whatever the file says
    outcome = play(drill, intent.undo[0])
    assert outcome.proof == "rollback 'first' succeeded"
    assert trace.read_text().endswith("one\n")
    assert outcome.call_timeout > 0  # nobody knows how long a python action's call can last


@pytest.mark.parametrize(
    ("provider", "said"),
    [
        ({"type": "python", "module": "worker_acts", "func": "fail"}, "on purpose"),
        ({"type": "python", "module": "no_such_module", "func": "f"}, "no_such_module"),
        ({"type": "process", "path": "false"}, "exited with 1"),
        ({"type": "http", "url": "http://127.0.0.1:1/x", "timeout": 1}, "failed to connect"),
        ({"type": "http", "url": "gopher://x"}, "gopher"),
    ],
)
def test_a_rollback_that_did_not_work_says_why(
    drill: Drill, provider: dict[str, Any], said: str
) -> None:
    activity = {"type": "action", "name": "r", "provider": provider}
    step = UndoStep(label="r", kind="rollback", target="t", spec={"activity": activity})
    outcome = play(drill, step)
    assert outcome.proof == ""
    assert said in outcome.reason


def test_a_rollback_with_an_unknown_reference_says_so(drill: Drill) -> None:
    step = UndoStep(label="r", kind="rollback", target="t", spec={"activity": {"ref": "nobody"}})
    assert "nobody" in play(drill, step).reason


def test_an_undo_of_an_unknown_fault_says_so(drill: Drill) -> None:
    spec = {"type": "toxiproxy.toxik", "arguments": {}, "prior": {}}
    step = UndoStep(label="u", kind="fault", target="t", spec=spec)
    assert "did you mean 'toxiproxy.toxic'" in play(drill, step).reason


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"rollbacks": [{"ref": "nobody"}], "method": []}, "no activity is named 'nobody'"),
        ({"method": [act("touch", path="x") | {"type": "acton"}]}, "action or probe"),
        ({"method": [act("no_such_function")]}, "no function 'no_such_function'"),
        ({"method": [], "dry": True}, "Chaos Toolkit ignores dry"),
        ({"method": [], "secrets": {"a": {"b": {"type": "env", "key": "NO_SUCH"}}}}, "NO_SUCH"),
    ],
)
def test_a_file_that_cannot_be_undone_or_run_is_refused_before_anything_happens(
    drill: Drill, content: dict[str, Any], said: str
) -> None:
    with pytest.raises(WorkerFailure, match=said):
        inject(drill, drill.file(**content))


def test_a_failing_action_is_a_reason_and_the_status_completed_is_not_believed(
    drill: Drill,
) -> None:
    trace = str(drill.directory / "trace")
    path = drill.file(method=[act("fail", why="disk full"), act("touch", path=trace)])
    _, injection = inject(drill, path)
    assert drill.read_journal()["status"] == "completed"
    assert "disk full" in injection.reason
    assert injection.began is not None


@pytest.mark.parametrize("path", ["false", "no-such-program-anywhere"])
def test_a_program_that_fails_or_is_not_there(drill: Drill, path: str) -> None:
    provider = {"type": "process", "path": path}
    file = drill.file(method=[{"type": "action", "name": "a", "provider": provider}])
    if path == "false":
        assert "exited with 1" in inject(drill, file)[1].reason
    else:
        with pytest.raises(WorkerFailure, match="no program"):
            inject(drill, file)


def test_a_hypothesis_that_is_not_met_keeps_the_method_out(drill: Drill) -> None:
    trace = drill.directory / "trace"
    probe = act("steady", "well", value=False) | {"type": "probe", "tolerance": True}
    path = drill.file(
        **{"steady-state-hypothesis": {"title": "all is well", "probes": [probe]}},
        method=[act("touch", path=str(trace))],
    )
    _, injection = inject(drill, path, with_hypothesis=True)
    assert "steady state was not met before it (probe 'well')" in injection.reason
    assert injection.began is None
    assert not trace.exists()
    _, injection = inject(drill, path)  # we sample steady state ourselves
    assert injection.reason == ""
    assert trace.exists()


def test_the_experiments_own_controls_work(drill: Drill) -> None:
    provider = {"type": "python", "module": "worker_control"}
    path = drill.file(method=[act("steady")], controls=[{"name": "c", "provider": provider}])
    _, injection = inject(drill, path)
    assert injection.reason == ""
    assert "control saw steady" in drill.log.read_text()


def test_the_log_is_beside_the_journal_without_colours(drill: Drill) -> None:
    inject(drill, drill.file(method=[act("steady")]))
    text = drill.log.read_text()
    assert "Action: steady" in text
    assert "\x1b" not in text


@pytest.mark.parametrize("about", ["toxiproxy", "another"])
def test_what_some_workers_need_is_loaded_before_they_are_forked_and_for_no_others(
    drill: Drill, about: str
) -> None:
    found = drill.directory / "found"
    noting = act("loaded", about, path=str(found), module="httpx")
    inject(drill, drill.file(method=[noting]))
    assert found.read_text() == str(about == "toxiproxy")
    found.unlink()
    spec = {"activity": noting, "configuration": {}, "secrets": {}}
    play(drill, UndoStep(label="n", kind="rollback", target="", spec=spec))
    assert found.read_text() == str(about == "toxiproxy")
