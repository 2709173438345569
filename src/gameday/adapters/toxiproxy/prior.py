"""A proxy's state before a fault: captured, and compared with what is there now."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gameday.adapters.toxiproxy.arguments import EXPIRES_IN_MS, PREFIX
from gameday.adapters.toxiproxy.client import Toxiproxy
from gameday.engine.faults import FaultRejected

Proxy = Mapping[str, Any]
"""A proxy as the server's JSON has it: name, listen, upstream, enabled, toxics."""

Item = Mapping[str, Any]
"""A toxic as the server's JSON has it: name, type, stream, toxicity, attributes."""


def capture(server: Toxiproxy, name: str) -> dict[str, Any]:
    """The proxy's settings and toxics now; raises FaultRejected when there is no such proxy."""
    proxy = server.proxy(name)
    if proxy is None:
        raise FaultRejected(f"{server.url} has no proxy {name!r}")
    keep = ("name", "listen", "upstream", "enabled", "toxics")
    return {key: proxy[key] for key in keep}


def lasting(toxics: Sequence[Item]) -> list[Item]:
    """Those to be restored. Not those of gameday's faults: each has an undo of its own, and
    restoring one that has been undone meanwhile would leave it in for ever. Nor those with a
    time limit: they end by themselves, and may have."""
    return [
        item for item in toxics if not item["name"].startswith(PREFIX) and EXPIRES_IN_MS not in item
    ]


def misplaced(now: Proxy, prior: Proxy) -> tuple[list[Item], list[Item]]:
    """Toxics to delete, then toxics to add, so that each chain is in its prior order again.

    A chain grows only at its end: where one is missing, all that came after it are made anew.
    Toxics that were not there before the fault belong to somebody else and stay.
    """
    known = {item["name"] for item in lasting(prior["toxics"])}
    mine = [item for item in now["toxics"] if item["name"] in known]
    delete: list[Item] = []
    add: list[Item] = []
    for have, want in zip(_chains(mine), _chains(lasting(prior["toxics"])), strict=True):
        right = _agreeing(have, want)
        delete += have[right:]
        add += want[right:]
    return delete, add


def changed(now: Proxy, prior: Proxy) -> Iterator[Item]:
    """Prior toxics that are there with another toxicity or other attributes."""
    present = {item["name"]: item for item in now["toxics"]}
    for item in lasting(prior["toxics"]):
        found = present.get(item["name"])
        keys = ("toxicity", "attributes")
        if found is not None and any(found.get(key) != item.get(key) for key in keys):
            yield item


def difference(now: Proxy | None, prior: Proxy, absent: str) -> str:
    """How the proxy differs from before, in words; empty when it does not.

    absent: name of the fault's own toxic, "" for none. A proxy that was disabled before may be
    enabled now: whoever did that meant it.
    """
    if now is None:
        return "it is gone, which proves nothing"
    if any(item["name"] == absent for item in now["toxics"]):
        return f"toxic {absent!r} is still there"
    delete, add = misplaced(now, prior)
    for item in (*changed(now, prior), *add, *delete):
        return (
            f"toxic {item['name']!r}, there before the fault, is missing, changed or out of order"
        )
    if prior["enabled"] and not now["enabled"]:
        return "it is disabled and was enabled before the fault"
    return ""


def _chains(toxics: Sequence[Item]) -> tuple[list[Item], list[Item]]:
    """Those upstream and those downstream, in order."""
    up = [item for item in toxics if item["stream"].lower() == "upstream"]
    return up, [item for item in toxics if item not in up]


def _agreeing(have: Sequence[Item], want: Sequence[Item]) -> int:
    """How many toxics from the start of a chain are those wanted there."""
    keys = ("name", "type")
    agree = 0
    for found, wanted in zip(have, want, strict=False):
        if any(found[key] != wanted[key] for key in keys):
            break
        agree += 1
    return agree
