"""Chaos Toolkit actions and probes over a Toxiproxy-compatible server.

They run the same code as the fault plug-ins, so a file that uses them also runs under plain
``chaos run``. Those meant for ``rollbacks`` can be played twice, and when nothing is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gameday.adapters.toxiproxy.arguments import EXPIRES_IN_MS, PREFIX, SERVER
from gameday.adapters.toxiproxy.client import Toxiproxy
from gameday.adapters.toxiproxy.faults import DownFault, ToxicFault
from gameday.adapters.toxiproxy.prior import capture
from gameday.adapters.toxiproxy.restore import put_back
from gameday.engine.faults import FaultFailure

__all__ = ["add_toxic", "disable_proxy", "enable_proxy", "remove_toxic", "toxic_present"]


def add_toxic(
    proxy: str,
    type: str,
    attributes: Mapping[str, Any] | None = None,
    server: str = SERVER,
    stream: str = "downstream",
    toxicity: float = 1.0,
    name: str = "",
    expires_in_ms: int | None = None,
) -> str:
    """Add a toxic; its name is ``gameday_<type>`` unless given. Returns what is in.

    attributes: those of the type, checked first: what kills or hangs a server is never sent.
    expires_in_ms: where the server can (the embedded one), the toxic ends by itself then.
    Raises FaultFailure. There is a function for each type in :mod:`.toxics`.
    """
    arguments = {
        "proxy": proxy,
        "type": type,
        "attributes": attributes or {},
        "server": server,
        "stream": stream,
        "toxicity": toxicity,
        "name": name or PREFIX + type,
        EXPIRES_IN_MS: expires_in_ms,
    }
    fault = ToxicFault()
    fault.inject(arguments)
    return fault.verify_injected(arguments, {})


def remove_toxic(proxy: str, name: str, server: str = SERVER) -> str:
    """Remove the toxic of that name; fine when it is not there. Returns what was proved."""
    api = Toxiproxy(server)
    now = capture(api, proxy)
    kept = [toxic for toxic in now["toxics"] if toxic["name"] != name]
    put_back(api, {**now, "toxics": kept}, name)
    if toxic_present(proxy, name, server):
        raise FaultFailure(f"toxic {name!r} of proxy {proxy!r} is still there")
    return f"proxy {proxy!r} has no toxic {name!r}"


def toxic_present(proxy: str, name: str, server: str = SERVER) -> bool:
    """Probe: the proxy has a toxic of that name. Raises FaultFailure without such a proxy."""
    found = Toxiproxy(server).proxy(proxy)
    if found is None:
        raise FaultFailure(f"{server} has no proxy {proxy!r}")
    return any(toxic["name"] == name for toxic in found["toxics"])


def disable_proxy(proxy: str, server: str = SERVER, expires_in_ms: int | None = None) -> str:
    """The dependency is down: close all connections of the proxy and refuse new ones.

    expires_in_ms: where the server can (the embedded one), it is enabled again by itself then.
    """
    fault = DownFault()
    arguments = {"proxy": proxy, "server": server, EXPIRES_IN_MS: expires_in_ms}
    fault.inject(arguments)
    return fault.verify_injected(arguments, {})


def enable_proxy(proxy: str, server: str = SERVER) -> str:
    """Let the proxy listen again; fine when it does. Returns what was proved."""
    api = Toxiproxy(server)
    api.update(proxy, {"enabled": True})
    found = api.proxy(proxy)
    if found is None or not found["enabled"]:
        raise FaultFailure(f"proxy {proxy!r} is still disabled")
    return f"proxy {proxy!r} is enabled"
