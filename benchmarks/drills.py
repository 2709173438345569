"""Game days of many toxics, as benchmarks of faults going in and out need them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.programs import experiment
from benchmarks.targets import Target


def latency(target: Target, proxy: str) -> dict[str, Any]:
    """An experiment as a person would write it: method, rollback and declared fault."""
    module = "gameday.adapters.toxiproxy.actions"
    where = {"server": target.url, "proxy": proxy}
    toxic = {**where, "type": "latency", "attributes": {"latency": 5}}
    remove = {**where, "name": "gameday_latency"}
    method = _action("slow down", module, "add_toxic", toxic)
    rollback = _action("full speed", module, "remove_toxic", remove)
    faults = [{"type": "toxiproxy.toxic", "arguments": toxic}]
    declared = {"extensions": [{"name": "gameday", "faults": faults}]}
    return experiment([method], [rollback]) | declared


def _action(name: str, module: str, func: str, arguments: dict[str, Any]) -> dict[str, Any]:
    provider = {"type": "python", "module": module, "func": func, "arguments": arguments}
    return {"type": "action", "name": name, "provider": provider}


def drill(target: Target, proxies: Sequence[str], *, apart: float, hold: str) -> dict[str, Any]:
    """A game day of one latency toxic a proxy, ``apart`` seconds from one to the next."""
    timeline = [
        {
            "id": proxy,
            "at": f"+{round(500 + number * apart * 1000)}ms",
            "title": "It becomes slow",
            "fault": f"{proxy}.json",
            "hold": {"until": "expired", "at_most": hold},
        }
        for number, proxy in enumerate(proxies)
    ]
    return {
        "title": "Many short faults",
        "narrative": "A benchmark.",
        "owner": "benchmarks",
        "severity": "SEV4",
        "environment": "benchmark",
        "objectives": ["Measure how late faults go in."],
        "probes": {"up": {"type": "http", "url": f"{target.url}/version", "interval": "200ms"}},
        "steady_state": {"title": "It answers", "probes": ["up"]},
        "timeline": timeline,
        "duration": f"{round(len(proxies) * apart * 1000) + 1000}ms" if apart else "10m",
        "blast_radius": {"targets": ["toxiproxy/*"], "max_targets": len(proxies)},
        "verification": {"before": "500ms", "after": "500ms"},
    }
