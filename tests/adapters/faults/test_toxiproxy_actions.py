"""Actions for plain Chaos Toolkit files: one for each type of toxic, and time limits."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import pytest

from gameday.adapters.toxiproxy import actions, toxics
from gameday.adapters.toxiproxy.faults import DownFault, ToxicFault
from gameday.engine.faults import FaultFailure, FaultRejected
from tests.adapters.faults.proxying import Api, stored, until
from tests.toxiproxy.servers import Server

EACH: list[tuple[Callable[..., str], str, dict[str, int]]] = [
    (toxics.latency, "latency", {"latency": 20, "jitter": 10}),
    (toxics.bandwidth, "bandwidth", {"rate": 5}),
    (toxics.slow_close, "slow_close", {"delay": 30}),
    (toxics.cut, "timeout", {"timeout": 7}),
    (toxics.reset_peer, "reset_peer", {"timeout": 3}),
    (toxics.slicer, "slicer", {"average_size": 64, "size_variation": 32, "delay": 9}),
    (toxics.limit_data, "limit_data", {"bytes": 100}),
]


@pytest.mark.parametrize(("action", "kind", "attributes"), EACH, ids=lambda case: str(case)[:20])
def test_each_action_adds_its_toxic(
    api: Api, action: Callable[..., str], kind: str, attributes: dict[str, int]
) -> None:
    proof = action(api.name, server=api.server, stream="upstream", toxicity=0.5, **attributes)
    name = f"gameday_{kind}"
    assert name in proof
    rest = {"type": kind, "stream": "upstream", "toxicity": 0.5, "attributes": attributes}
    assert api.now()["toxics"] == [{"name": name, **rest}]
    assert actions.remove_toxic(api.name, name, api.server)
    assert api.toxics() == []


def test_there_is_one_for_each_type_and_they_take_the_same() -> None:
    assert {action.__name__ for action, _, _ in EACH} == set(toxics.__all__)
    for action, _, attributes in EACH:
        taken = [name for name in inspect.signature(action).parameters if name not in attributes]
        assert taken == ["proxy", "server", "stream", "toxicity", "name", "expires_in_ms"]


@pytest.mark.parametrize(
    ("action", "given"),
    [
        (toxics.bandwidth, {"rate": 0}),
        (toxics.latency, {"latency": 1, "jitter": 2**62}),
        (toxics.slicer, {"average_size": 0}),
        (toxics.slicer, {"average_size": 10, "size_variation": 10}),
        (toxics.reset_peer, {"timeout": 60_000}),  # its removal would hang for a minute
        (toxics.cut, {"toxicity": 0}),
        (toxics.cut, {"expires_in_ms": 0}),
    ],
)
def test_what_would_hurt_a_server_is_never_sent(
    action: Callable[..., str], given: dict[str, Any]
) -> None:
    with pytest.raises(FaultRejected):
        action("p", server="http://127.0.0.1:1", **given)


def test_a_proxy_that_is_not_there(server: Server) -> None:
    with pytest.raises(FaultFailure, match=r"404 .*proxy not found"):
        toxics.cut("nobody", server=server.url)
    with pytest.raises(FaultFailure, match="has no proxy"):
        actions.remove_toxic("nobody", "gameday_timeout", server.url)


def test_a_time_limit_is_carried_and_the_proof_says_whether_it_is_kept(
    api: Api, server: Server
) -> None:
    kept = {"embedded": r"for another \d+\.\d s at most", "real": "this server keeps none"}
    hour = 3_600_000
    place = {"server": api.server, "proxy": api.name, "expires_in_ms": hour}
    for fault, more in (
        (ToxicFault(), {"type": "timeout", "attributes": {"timeout": 0}}),
        (DownFault(), {}),
    ):
        arguments = {**place, **more}
        prior = stored(fault.capture(arguments))
        fault.inject(arguments)
        proof = fault.verify_injected(arguments, prior)
        assert re.search(kept[server.kind], proof)
        fault.undo(arguments, prior)
        assert fault.verify_undone(arguments, prior)
        assert "expires_in_ms" not in api.now()


@pytest.mark.parametrize("server_kind", ["embedded"], indirect=True)
def test_faults_with_a_time_limit_end_by_themselves(api: Api) -> None:
    before = api.now()
    arguments = {"server": api.server, "proxy": api.name, "expires_in_ms": 100}
    prior = stored(DownFault().capture(arguments))
    toxics.cut(api.name, server=api.server, expires_in_ms=100)
    until(lambda: api.now() == before)
    DownFault().inject(arguments)
    until(lambda: api.now() == before)
    DownFault().undo(arguments, prior)  # nothing is left to do
    assert DownFault().verify_undone(arguments, prior)


@pytest.mark.parametrize("server_kind", ["embedded"], indirect=True)
def test_what_ends_by_itself_is_not_brought_back(api: Api) -> None:
    """Somebody else's toxic with a time limit was there before the fault, and is over by now."""
    limited = {"name": "theirs", "type": "timeout", "attributes": {"timeout": 0}}
    api.add(**limited, expires_in_ms=3_600_000)
    arguments = {"server": api.server, "proxy": api.name, **limited, "name": "gameday_cut"}
    prior = stored(ToxicFault().capture(arguments))
    actions.remove_toxic(api.name, "theirs", api.server)
    ToxicFault().undo(arguments, prior)
    assert ToxicFault().verify_undone(arguments, prior)
    assert api.toxics() == []
