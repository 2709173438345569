"""Servers that hang, die and come back, for real; and two of them in one run."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from gameday.adapters.toxiproxy import actions
from gameday.adapters.toxiproxy.client import Toxiproxy, ToxiproxyFailure
from gameday.adapters.toxiproxy.faults import DownFault, ToxicFault
from gameday.engine.faults import FaultFailure, FaultStillPresent
from tests.adapters.faults.proxying import Api, Wedged, stored, until
from tests.toxiproxy import peers
from tests.toxiproxy.servers import Server, running

LATENCY: dict[str, Any] = {"type": "latency", "attributes": {"latency": 1}}


def listening(api: Api) -> tuple[str, int]:
    """Where the proxy takes connections."""
    host, _, port = api.now()["listen"].rpartition(":")
    return host, int(port)


@contextlib.contextmanager
def stalled(api: Api) -> Iterator[socket.socket]:
    """A connection through the proxy on which nothing is read any more, once all buffers between
    the upstream and here are full."""
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        connection.settimeout(peers.DEADLINE)
        connection.connect(listening(api))
        waiting = [-1]

        def full() -> bool:
            """As much waits here as a moment ago."""
            before, waiting[0] = waiting[0], len(connection.recv(1 << 20, socket.MSG_PEEK))
            time.sleep(0.05)
            return waiting[0] == before

        until(full)
        yield connection


@pytest.fixture
def own(server_kind: str) -> Iterator[tuple[Server, Api]]:
    """A server of this test alone, which it may wedge, with a proxy before a flooding upstream."""
    with (
        running(server_kind) as server,
        peers.upstream(peers.flood) as upstream,
        Api.create(server.url, upstream.address, clean=False) as api,
    ):
        yield server, api


def kill(server: Server) -> None:
    """End it at once; returns when its port is free."""
    os.kill(server.pid, signal.SIGKILL)
    until(lambda: _refuses(server.port))


def _refuses(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return True
    return False


def fault_in(api: Api) -> tuple[dict[str, Any], Any]:
    """Arguments and prior state of a toxic that is in, beside one that was there before."""
    api.add(name="theirs", **LATENCY)
    arguments = {"server": api.server, "proxy": api.name, **LATENCY}
    prior = stored(ToxicFault().capture(arguments))
    ToxicFault().inject(arguments)
    return arguments, prior


def test_a_toxic_whose_reader_is_stalled_is_undone(own: tuple[Server, Api]) -> None:
    _, api = own
    arguments, prior = fault_in(api)
    with stalled(api):
        ToxicFault().undo(arguments, prior)
        assert ToxicFault().verify_undone(arguments, prior)
    assert {**api.now(), "toxics": []} == {**api.now(), **prior, "toxics": []}
    assert api.toxics() == ["theirs"]


@pytest.mark.needs_toxiproxy
def test_toxiproxy_really_wedges_so() -> None:
    """The control: without the ladder the deletion hangs, and with it every look at the proxy."""
    with (
        running("real") as server,
        peers.upstream(peers.flood) as upstream,
        Api.create(server.url, upstream.address, clean=False) as api,
    ):
        arguments, _ = fault_in(api)
        client = Toxiproxy(server.url, timeout=0.5)
        with stalled(api):
            with pytest.raises(ToxiproxyFailure, match="timed out"):
                client.delete_toxic(api.name, "gameday_latency")
            with pytest.raises(ToxiproxyFailure, match="timed out"):
                client.proxy(api.name)
            assert arguments["proxy"] == api.name


@pytest.mark.needs_toxiproxy
def test_a_toxiproxy_that_has_deadlocked_is_stuck_until_it_is_restarted() -> None:
    with peers.upstream(peers.flood) as upstream, contextlib.ExitStack() as ended:
        first = ended.enter_context(running("real"))
        api = ended.enter_context(Api.create(first.url, upstream.address, clean=False))
        arguments, prior = fault_in(api)
        before = api.now()
        place = listening(api)
        ended.enter_context(stalled(api))
        with pytest.raises(ToxiproxyFailure, match="timed out"):
            Toxiproxy(first.url, timeout=0.5).delete_toxic(api.name, "gameday_latency")
        ended.enter_context(peers.connect(place))  # the connection that deadlocks it
        with pytest.raises(FaultFailure, match="restart"):
            ToxicFault().undo(arguments, prior)
        with pytest.raises(FaultFailure, match="timed out"):
            ToxicFault().verify_undone(arguments, prior)
        kill(first)
        with running("real", first.port):
            ToxicFault().undo(arguments, prior)
            assert ToxicFault().verify_undone(arguments, prior)
            assert [item for item in before["toxics"] if item["name"] == "theirs"] == api.now()[
                "toxics"
            ]


@pytest.mark.parametrize("fault", [ToxicFault(), DownFault()], ids=["toxic", "down"])
def test_a_server_that_has_died_is_stuck_until_it_returns(
    server_kind: str, service: str, fault: ToxicFault | DownFault
) -> None:
    more = LATENCY if isinstance(fault, ToxicFault) else {}
    with running(server_kind) as server, Api.create(server.url, service, clean=False) as api:
        api.add(name="theirs", **LATENCY)
        before = api.now()
        arguments = {"server": server.url, "proxy": api.name, **more}
        prior = stored(fault.capture(arguments))
        fault.inject(arguments)
        kill(server)
        for call in (fault.undo, fault.verify_undone):
            with pytest.raises(FaultFailure, match=str(server.port)):
                call(arguments, prior)
        with running(server_kind, server.port):  # it has forgotten everything
            with pytest.raises(FaultStillPresent, match="proves nothing"):
                fault.verify_undone(arguments, prior)
            fault.undo(arguments, prior)
            assert fault.verify_undone(arguments, prior)
            assert api.now() == before


@pytest.mark.needs_toxiproxy
def test_two_servers_in_one_run(embedded_server: Server, real_server: Server, service: str) -> None:
    """Proxies of one name on both, calls to them mixed: neither is taken for the other."""
    with (
        Api.create(embedded_server.url, service) as one,
        Api.create(real_server.url, service, name=one.name) as two,
    ):
        both = [{"server": api.server, "proxy": api.name, **LATENCY} for api in (one, two)]
        priors = [stored(ToxicFault().capture(arguments)) for arguments in both]
        assert priors[0]["listen"] != priors[1]["listen"]
        for arguments, prior in zip(both, priors, strict=True):
            ToxicFault().inject(arguments)
            assert ToxicFault().verify_injected(arguments, prior)
        ToxicFault().undo(both[0], priors[0])
        assert (one.toxics(), two.toxics()) == ([], ["gameday_latency"])
        actions.remove_toxic(two.name, "gameday_latency", two.server)
        for arguments, prior in zip(both, priors, strict=True):
            assert ToxicFault().verify_undone(arguments, prior)


# --- what a connection proves ----------------------------------------------------------


def test_the_proof_compares_with_a_connection_straight_to_the_upstream(proxy_server: str) -> None:
    with (
        peers.upstream(peers.listen) as upstream,
        Api.create(proxy_server, upstream.address) as api,
    ):
        arguments = {"server": api.server, "proxy": api.name, **LATENCY}
        prior = stored(ToxicFault().capture(arguments))
        proof = ToxicFault().verify_undone(arguments, prior)
        assert f"stays open; one straight to {upstream.address} stays open" in proof


def test_the_proof_claims_no_more_than_an_upstream_that_is_down_allows(proxy_server: str) -> None:
    with Api.create(proxy_server, "127.0.0.1:1") as api:
        arguments = {"server": api.server, "proxy": api.name, **LATENCY}
        prior = stored(ToxicFault().capture(arguments))
        proof = ToxicFault().verify_undone(arguments, prior)
        assert "127.0.0.1:1 itself could not be reached" in proof


def test_connections_cut_at_once_while_the_upstream_is_well_are_no_proof(proxy_server: str) -> None:
    """The server says all is well; it does not lead where it says."""
    with (
        peers.upstream(peers.listen) as upstream,
        Api.create(proxy_server, "127.0.0.1:1") as api,
        Wedged(api.server, (), lie={"upstream": upstream.address}) as lying,
    ):
        arguments = {"server": lying.url, "proxy": api.name, **LATENCY}
        prior = stored(ToxicFault().capture(arguments))
        with pytest.raises(FaultStillPresent, match="is closed at once"):
            ToxicFault().verify_undone(arguments, prior)
