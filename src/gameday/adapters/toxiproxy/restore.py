"""Put a proxy back as it was, also when its server is wedged, and prove it."""

from __future__ import annotations

import socket
import time
from collections.abc import Mapping
from typing import Any

from gameday.adapters.toxiproxy.arguments import PREFIX
from gameday.adapters.toxiproxy.client import TIMEOUT, Toxiproxy, ToxiproxyFailure
from gameday.engine.faults import FaultRejected, FaultStillPresent

Proxy = Mapping[str, Any]

_STEP = 0.05
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def capture(server: Toxiproxy, name: str) -> dict[str, Any]:
    """The proxy's settings and toxics now; raises FaultRejected when there is no such proxy."""
    proxy = server.proxy(name)
    if proxy is None:
        raise FaultRejected(f"{server.url} has no proxy {name!r}")
    keep = ("name", "listen", "upstream", "enabled", "toxics")
    return {key: proxy[key] for key in keep}


def remove_toxic(server: Toxiproxy, prior: Proxy, toxic: str) -> None:
    """The ladder: delete the toxic, else delete the proxy and create it again.

    Deleting a toxic whose reader is stalled wedges the server's API, while deleting the whole
    proxy still answers at once. A proxy that is gone is created again: its absence is no undo.
    """
    try:
        now = server.proxy(prior["name"])
        if now is None:
            recreate(server, prior, prior["toxics"])
            return
        server.delete_toxic(prior["name"], toxic)
    except ToxiproxyFailure:
        recreate(server, prior, prior["toxics"])
        return
    present = {item["name"] for item in now["toxics"]}
    for item in _lasting(prior["toxics"]):
        if item["name"] not in present:
            server.add_toxic(prior["name"], item)


def enable_again(server: Toxiproxy, name: str, prior: Proxy) -> None:
    """Set ``enabled`` as before; what has happened to its toxics meanwhile is not ours."""
    try:
        now = server.proxy(name)
        if now is not None:
            if now["enabled"] != prior["enabled"]:
                server.enable(name, prior["enabled"])
            return
    except ToxiproxyFailure as failure:
        if failure.status:  # it answers and says no: a fresh proxy would not listen either
            raise
    recreate(server, prior, prior["toxics"])


def recreate(server: Toxiproxy, prior: Proxy, toxics: list[Any]) -> None:
    """Delete the proxy and create it with its prior settings and toxics.

    Raises ToxiproxyFailure when even that does not work.
    """
    server.delete(prior["name"])
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            server.create(prior)
            break
        except ToxiproxyFailure as failure:  # the old listener may still be closing
            if failure.status not in (409, 500) or time.monotonic() >= deadline:
                raise
            time.sleep(_STEP)
    for toxic in _lasting(toxics):
        server.add_toxic(prior["name"], toxic)


def read_back(server: Toxiproxy, prior: Proxy, absent: str) -> str:
    """The proof that the proxy is as before, without the toxic ``absent`` ("" for none).

    Control plane first, then a connection through the proxy. Where the fault itself is out
    and the proxy is not well yet, looks again for up to 2 s: another fault's undo may be under
    way on it. Raises FaultStillPresent.
    """
    deadline = time.monotonic() + TIMEOUT
    while True:
        now = server.proxy(prior["name"])
        wrong = _difference(now, prior, absent)
        if wrong or now is None:
            raise FaultStillPresent(f"proxy {prior['name']!r}: {wrong}")
        wrong = _switched(now, prior)
        if wrong and not absent:
            raise FaultStillPresent(f"proxy {prior['name']!r}: {wrong}")
        if not wrong:
            wrong, proof = _connect(server, now)
            if not wrong:
                settled = f"toxic {absent!r} is absent" if absent else "enabled as before"
                return f"proxy {prior['name']!r}: {settled}, {proof}"
        if time.monotonic() >= deadline:
            raise FaultStillPresent(f"proxy {prior['name']!r}: {wrong}")
        time.sleep(_STEP)


def _difference(now: Proxy | None, prior: Proxy, absent: str) -> str:
    if now is None:
        return "it is gone, which proves nothing"
    toxics = {item["name"]: item for item in now["toxics"]}
    if absent in toxics:
        return f"toxic {absent!r} is still there"
    for item in _lasting(prior["toxics"]):
        if not _same(toxics.get(item["name"]), item):
            return f"toxic {item['name']!r}, there before the fault, is missing or changed"
    return ""


def _switched(now: Proxy, prior: Proxy) -> str:
    if now["enabled"] != prior["enabled"]:
        return f"enabled is {now['enabled']} and was {prior['enabled']} before the fault"
    return ""


def _same(now: Proxy | None, then: Proxy) -> bool:
    keys = ("type", "stream", "toxicity", "attributes")
    return now is not None and all(now.get(key) == then.get(key) for key in keys)


def _lasting(toxics: list[Any]) -> list[Any]:
    """Without those of other gameday faults: they have an undo of their own, and restoring
    one that has been undone meanwhile would leave it in for ever."""
    return [item for item in toxics if not item["name"].startswith(PREFIX)]


def _connect(server: Toxiproxy, proxy: Proxy) -> tuple[str, str]:
    """What is wrong with the data plane, and the proof when nothing is."""
    if not proxy["enabled"]:
        return "", "disabled as before"
    host, _, port = str(proxy["listen"]).rpartition(":")
    host = host.strip("[]")
    if host in ("", "0.0.0.0", "::"):
        host = server.host
    if host in _LOOPBACK and server.host not in _LOOPBACK:
        return "", f"its listener {proxy['listen']} cannot be reached from this host"
    try:
        with socket.create_connection((host, int(port)), timeout=TIMEOUT):
            return "", f"a connection to {host}:{port} opens"
    except OSError as error:
        return f"no connection to {host}:{port}: {error}", ""
