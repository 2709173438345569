"""Attributes that harm Toxiproxy: the embedded server refuses what kills it, and our adapter never
sends any of them. That they do harm is shown on servers of their own.

A bandwidth of 0 lets nothing pass, in either server; it is `timeout` in disguise, and a mistake."""

from __future__ import annotations

import contextlib
import os
import time
from typing import Any

import pytest

from gameday.adapters.toxiproxy.faults import ToxicFault
from gameday.engine.faults import FaultRejected
from tests.toxiproxy import peers
from tests.toxiproxy.client import Client
from tests.toxiproxy.servers import Server, running

DANGEROUS: list[tuple[str, dict[str, Any], str]] = [
    # what the real server does with them, found by experiment with one short connection
    ("bandwidth", {"rate": -1}, "dies"),
    ("bandwidth", {"rate": 2**63 - 1}, "dies"),
    ("bandwidth", {"rate": 0}, "stalls"),
    ("bandwidth", {}, "stalls"),
    ("latency", {"latency": 1, "jitter": 2**62}, "dies"),
    ("slicer", {"average_size": 100, "size_variation": 150}, "dies"),
    ("slicer", {"average_size": 0}, "eats a gigabyte and dies"),
    ("slicer", {"average_size": -1}, "eats a gigabyte and dies"),
    ("slicer", {}, "eats a gigabyte and dies"),
]
KILLING = [(kind, given) for kind, given, does in DANGEROUS if "dies" in does]
HARMLESS: dict[str, dict[str, Any]] = {
    "bandwidth": {"rate": 1},
    "latency": {"latency": 1, "jitter": 1},
    "slicer": {"average_size": 2, "size_variation": 0, "delay": 0},
}
each = pytest.mark.parametrize(("kind", "attributes", "does"), DANGEROUS)


@each
def test_the_adapter_refuses_them(kind: str, attributes: dict[str, Any], does: str) -> None:
    arguments: dict[str, Any] = {"proxy": "p", "type": kind, "attributes": attributes}
    assert ToxicFault().problems(arguments)
    with pytest.raises(FaultRejected):
        ToxicFault().inject({**arguments, "server": "http://127.0.0.1:1"})


@pytest.mark.parametrize(("kind", "attributes"), KILLING)
def test_the_embedded_server_refuses_them(
    embedded_server: Server, kind: str, attributes: dict[str, Any]
) -> None:
    client = Client(embedded_server.url)
    client.wipe()
    client.proxy("127.0.0.1:1")
    body = {"type": kind, "attributes": attributes}
    assert client.send("POST", "/proxies/p/toxics", body).status == 400
    client.toxic(kind, **HARMLESS[kind])
    for method in ("PATCH", "POST"):
        answer = client.send(method, "/proxies/p/toxics/t", {"attributes": attributes})
        assert answer.status == (400 if attributes else 200)
    assert client.send("GET", "/proxies/p/toxics/t").json["attributes"] == HARMLESS[kind]
    client.wipe()


@pytest.mark.needs_toxiproxy
@pytest.mark.parametrize(
    ("kind", "attributes"), [(kind, given) for kind, given, does in DANGEROUS if does == "dies"]
)
def test_they_kill_toxiproxy(kind: str, attributes: dict[str, Any]) -> None:
    with running("real") as server, peers.upstream(peers.pour(3_000)) as upstream:
        client = Client(server.url)
        address = client.proxy(upstream.address)
        client.toxic(kind, **attributes)
        deadline = time.monotonic() + peers.DEADLINE
        while not _dead(server.pid):
            assert time.monotonic() < deadline
            with contextlib.suppress(OSError), peers.connect(address) as connection:
                peers.read_all(connection)


def _dead(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
