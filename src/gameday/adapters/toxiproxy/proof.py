"""The proof that a fault is out: the server says so, and connections pass.

Toxiproxy takes a connection before it dials the upstream, so that one opens proves little. What
is closed at once, where a connection straight to the upstream stays open, is still cut. Where the
upstream itself is down, or cannot be reached from here, the proof says so and claims no more.
"""

from __future__ import annotations

import contextlib
import socket
import time

from gameday.adapters.toxiproxy.client import TIMEOUT, Toxiproxy
from gameday.adapters.toxiproxy.prior import Proxy, difference, lasting
from gameday.engine.faults import FaultStillPresent

QUIET = 0.05
"""Seconds a connection is watched: one to a dead upstream is closed within a few milliseconds."""

_STEP = 0.05
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_ANY = ("", "0.0.0.0", "::")


def prove_undone(server: Toxiproxy, prior: Proxy, absent: str, reach: str = "") -> str:
    """The proof, in words, that the proxy is as before, without the toxic ``absent`` ("" for none).

    reach: host:port where connections from here come to the proxy, where that is not the port it
    listens on. Raises FaultStillPresent; where only the data plane disagrees, after looking for up
    to 2 s.
    """
    name = prior["name"]
    deadline = time.monotonic() + TIMEOUT
    while True:
        now = server.proxy(name)
        wrong = difference(now, prior, absent)
        if wrong or now is None:
            raise FaultStillPresent(f"proxy {name!r}: {wrong}")
        wrong, proof = _data_plane(server, now, reach)
        if not wrong:
            settled = f"toxic {absent!r} is absent" if absent else "enabled as before"
            return f"proxy {name!r}: {settled}, {proof}"
        if time.monotonic() >= deadline:
            raise FaultStillPresent(f"proxy {name!r}: {wrong}")
        time.sleep(_STEP)


def _data_plane(server: Toxiproxy, proxy: Proxy, reach: str) -> tuple[str, str]:
    """What is wrong with it, and the proof when nothing is."""
    if not proxy["enabled"]:
        return "", "disabled as before"
    listen, upstream = str(proxy["listen"]), str(proxy["upstream"])
    place = _as_seen_from_here(reach or listen, server.host)
    if place is None:
        return "", f"its listener {listen} cannot be reached from this host"
    # where the listener is another network's, so is the upstream
    behind = None if reach else _as_seen_from_here(upstream, server.host)
    through, straight = _watch(place, behind)
    at = f"{place[0]}:{place[1]}"
    if through.startswith("no connection"):
        return f"{through} to {at}", ""
    if through == "is closed at once" and straight == "stays open" and not _toxic(proxy):
        return f"a connection to {at} {through}; one straight to {upstream} {straight}", ""
    if straight.startswith("no connection"):
        return "", f"a connection to {at} opens; {upstream} itself could not be reached from here"
    return "", f"a connection to {at} opens and {through}; one straight to {upstream} {straight}"


def _toxic(proxy: Proxy) -> bool:
    """It has toxics that are not ours, and may close connections on purpose."""
    return bool(lasting(proxy["toxics"]))


def _as_seen_from_here(address: str, server: str) -> tuple[str, int] | None:
    """Host and port to connect to; None for a loopback that is another host's, or no address."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    if host in _ANY:
        host = server
    if not port.isdecimal() or (host in _LOOPBACK and server not in _LOOPBACK):
        return None
    return host, int(port)


def _watch(through: tuple[str, int], straight: tuple[str, int] | None) -> tuple[str, str]:
    """What becomes of one connection each, opened together and watched together."""
    with contextlib.ExitStack() as stack:
        opened = [_open(place, stack) for place in (through, straight)]
        until = time.monotonic() + QUIET
        first, second = (one if isinstance(one, str) else _fate(one, until) for one in opened)
        return first, second


def _open(place: tuple[str, int] | None, stack: contextlib.ExitStack) -> socket.socket | str:
    if place is None:
        return "no connection"
    try:
        return stack.enter_context(socket.create_connection(place, timeout=TIMEOUT))
    except OSError as error:
        return f"no connection ({error})"


def _fate(connection: socket.socket, until: float) -> str:
    connection.settimeout(max(until - time.monotonic(), 0.001))
    try:
        return "stays open" if connection.recv(1) else "is closed at once"
    except TimeoutError:
        return "stays open"
    except OSError:
        return "is closed at once"
