"""Toxics and proxies: what is refused, exact restoration, and a server that is wedged."""

from __future__ import annotations

import socket
from typing import Any

import httpx
import pytest

from gameday.adapters.toxiproxy import actions
from gameday.adapters.toxiproxy.faults import DownFault, ToxicFault
from gameday.engine.faults import FaultFailure, FaultRejected, FaultStillPresent
from tests.adapters.faults.proxying import Api, Wedged, stored

LATENCY: dict[str, Any] = {"type": "latency", "attributes": {"latency": 500, "jitter": 10}}


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"type": "latencyy"}, ("type",)),
        ({"type": "bandwidth", "attributes": {"rate": -1}}, ("attributes", "rate")),
        ({"type": "bandwidth", "attributes": {"rate": 0}}, ("attributes", "rate")),
        ({"attributes": {"latency": 1, "jitter": 10**12}}, ("attributes", "jitter")),
        ({"type": "slicer", "attributes": {}}, ("attributes", "average_size")),
        ({"attributes": {"latency": True}}, ("attributes", "latency")),
        ({"attributes": {"latency": 1, "latancy": 1}}, ("attributes", "latancy")),
        ({"stream": "sideways"}, ("stream",)),
        ({"toxicity": 2}, ("toxicity",)),
        ({"name": "mine"}, ("name",)),
        ({"server": "localhost:8474"}, ("server",)),
        ({"proxy": ""}, ("proxy",)),
        ({"toxicty": 1}, ("toxicty",)),
        ({"reach": "checkout"}, ("reach",)),
    ],
)
def test_what_could_hurt_the_server_or_is_a_mistake_is_found(
    change: dict[str, Any], path: tuple[str, ...]
) -> None:
    arguments = {"proxy": "p", **LATENCY, **change}
    assert [where for where, _ in ToxicFault().problems(arguments)] == [path]
    with pytest.raises(FaultRejected):
        ToxicFault().describe(arguments)


def test_variables_are_no_mistake_in_a_file_but_must_have_a_value_in_a_run() -> None:
    arguments = {"proxy": "${p}", "type": "latency", "attributes": {"latency": "${ms}"}}
    assert ToxicFault().problems(arguments) == []
    with pytest.raises(FaultRejected, match="no value"):
        ToxicFault().describe(arguments)


def test_a_proxy_that_is_not_there_and_a_fault_that_is_already_in(api: Api) -> None:
    arguments = {"server": api.server, "proxy": api.name, **LATENCY}
    with pytest.raises(FaultRejected, match="has no proxy"):
        ToxicFault().capture({**arguments, "proxy": "nobody"})
    ToxicFault().inject(arguments)
    with pytest.raises(FaultRejected, match="already has"):
        ToxicFault().capture(arguments)
    down = {"server": api.server, "proxy": api.name}
    DownFault().inject(down)
    with pytest.raises(FaultRejected, match="already disabled"):
        DownFault().capture(down)


def test_connections_are_proved_where_the_proxy_is_reached_from_here(
    api: Api, service: str
) -> None:
    """In a cluster that is another address than the one it listens on."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        nobody = f"127.0.0.1:{closed.getsockname()[1]}"
    for fault, more in ((ToxicFault(), LATENCY), (DownFault(), {})):
        arguments = {"server": api.server, "proxy": api.name, **more}
        prior = fault.capture(arguments)
        fault.inject(arguments)
        fault.undo(arguments, prior)
        found = fault.verify_undone({**arguments, "reach": service}, prior)
        assert f"a connection to {service} opens" in found
        with pytest.raises(FaultStillPresent, match=f"no connection .* to {nobody}"):
            fault.verify_undone({**arguments, "reach": nobody}, prior)


def test_a_proxy_that_vanished_is_made_again_as_it_was(api: Api) -> None:
    api.add(
        name="theirs", type="timeout", stream="upstream", toxicity=0.5, attributes={"timeout": 9}
    )
    before = api.now()
    for fault, more in ((ToxicFault(), LATENCY), (DownFault(), {})):
        arguments = {"server": api.server, "proxy": api.name, **more}
        prior = stored(fault.capture(arguments))
        httpx.delete(api.url)
        with pytest.raises(FaultStillPresent, match="proves nothing"):
            fault.verify_undone(arguments, prior)
        fault.undo(arguments, prior)
        assert fault.verify_undone(arguments, prior)
        assert api.now() == before


def test_a_toxic_of_another_fault_is_never_brought_back(api: Api) -> None:
    other = {"server": api.server, "proxy": api.name, **LATENCY, "name": "gameday_other"}
    arguments = {"server": api.server, "proxy": api.name, **LATENCY}
    ToxicFault().inject(other)
    prior = stored(ToxicFault().capture(arguments))
    ToxicFault().inject(arguments)
    actions.remove_toxic(api.name, "gameday_other", api.server)  # undone by its own undo
    ToxicFault().undo(arguments, prior)
    assert ToxicFault().verify_undone(arguments, prior)
    assert api.toxics() == []


@pytest.mark.parametrize("stuck", ["delete", "everything but the proxy's own delete"])
def test_a_wedged_server_gets_the_proxy_deleted_and_made_again(api: Api, stuck: str) -> None:
    api.add(name="theirs", type="latency", attributes={"latency": 1, "jitter": 0})
    before = api.now()
    hang = [f"DELETE /proxies/{api.name}/toxics"]
    if stuck != "delete":
        hang.append(f"GET /proxies/{api.name}")
    arguments = {"server": api.server, "proxy": api.name, **LATENCY}
    prior = stored(ToxicFault().capture(arguments))
    ToxicFault().inject(arguments)
    with Wedged(api.server, tuple(hang)) as wedged:
        ToxicFault().undo({**arguments, "server": wedged.url}, prior)
    assert ToxicFault().verify_undone(arguments, prior)
    assert api.now() == before


def test_a_server_that_is_gone_is_said_to_be_gone(api: Api) -> None:
    arguments = {"server": api.server, "proxy": api.name, **LATENCY}
    prior = stored(ToxicFault().capture(arguments))
    gone = {**arguments, "server": "http://127.0.0.1:1"}
    for call in (ToxicFault().undo, ToxicFault().verify_undone):
        with pytest.raises(FaultFailure, match=r"127\.0\.0\.1:1"):
            call(gone, prior)


def test_the_control_plane_alone_is_no_proof(api: Api) -> None:
    arguments = {"server": api.server, "proxy": api.name}
    prior = stored(DownFault().capture(arguments))
    with (
        Wedged(api.server, (), lie={"listen": "127.0.0.1:1"}) as lying,
        pytest.raises(FaultStillPresent, match="no connection"),
    ):
        DownFault().verify_undone({**arguments, "server": lying.url}, prior)


def test_two_servers_in_one_run(api: Api) -> None:
    with Wedged(api.server, ()) as other:
        for server in (api.server, other.url):
            arguments = {"server": server, "proxy": api.name, **LATENCY}
            arguments["name"] = f"gameday_{server[-5:]}"
            ToxicFault().inject(arguments)
    assert len(api.toxics()) == 2


def test_actions_can_be_played_twice(api: Api) -> None:
    assert "gameday_latency" in actions.add_toxic(
        api.name, "latency", {"latency": 5}, server=api.server
    )
    assert actions.toxic_present(api.name, "gameday_latency", api.server) is True
    for _ in range(2):
        assert actions.remove_toxic(api.name, "gameday_latency", api.server)
    assert actions.toxic_present(api.name, "gameday_latency", api.server) is False
    assert actions.disable_proxy(api.name, api.server)
    assert api.now()["enabled"] is False
    for _ in range(2):
        assert actions.enable_proxy(api.name, api.server)
    with pytest.raises(FaultFailure):
        actions.toxic_present("nobody", "x", api.server)
    with pytest.raises(FaultRejected):
        actions.add_toxic(api.name, "bandwidth", {"rate": -1}, server=api.server)
