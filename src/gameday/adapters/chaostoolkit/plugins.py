"""Fault plug-ins by name: our own, and those of other packages by entry point."""

from __future__ import annotations

from difflib import get_close_matches
from importlib import import_module
from typing import TYPE_CHECKING, cast

from gameday.engine.faults import Fault, FaultRejected

if TYPE_CHECKING:
    from importlib.metadata import EntryPoints

GROUP = "gameday.faults"

BUILT_IN = {
    "kubernetes.disk": "gameday.adapters.kubernetes.disk:DiskFault",
    "kubernetes.exec": "gameday.adapters.kubernetes.exec:ExecFault",
    "kubernetes.netem": "gameday.adapters.kubernetes.netem:NetemFault",
    "kubernetes.network": "gameday.adapters.kubernetes.network:NetworkFault",
    "kubernetes.node": "gameday.adapters.kubernetes.node:NodeFault",
    "kubernetes.pods": "gameday.adapters.kubernetes.pods:PodsFault",
    "kubernetes.rollout": "gameday.adapters.kubernetes.rollout:RolloutFault",
    "kubernetes.scale": "gameday.adapters.kubernetes.scale:ScaleFault",
    "kubernetes.toxiproxy": "gameday.adapters.kubernetes.interpose:InterposeFault",
    "toxiproxy.toxic": "gameday.adapters.toxiproxy.faults:ToxicFault",
    "toxiproxy.down": "gameday.adapters.toxiproxy.faults:DownFault",
    "process.signal": "gameday.adapters.process.fault:SignalFault",
}
"""Also in this package's entry points; looking those up costs 20 ms, and a source tree on the
path has none."""


def fault(name: str) -> Fault:
    """A plug-in of that name; raises FaultRejected for one nobody provides."""
    if name in BUILT_IN:
        module, _, attribute = BUILT_IN[name].partition(":")
        return cast(Fault, getattr(import_module(module), attribute)())
    for point in _entry_points():
        if point.name == name:
            return cast(Fault, point.load()())
    raise FaultRejected(unknown(name))


def known() -> tuple[str, ...]:
    """Names of all plug-ins there are."""
    return tuple(sorted({*BUILT_IN, *(point.name for point in _entry_points())}))


def unknown(name: str) -> str:
    """What to say of a fault type that nobody provides."""
    names = known()
    near = get_close_matches(name, names, n=1, cutoff=0.5)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    return f"no fault type {name!r}{meant} (there are: {', '.join(names)})"


def _entry_points() -> EntryPoints:
    from importlib.metadata import entry_points  # late: it costs 20 ms

    return entry_points(group=GROUP)
