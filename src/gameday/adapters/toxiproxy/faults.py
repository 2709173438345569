"""Fault plug-ins over a Toxiproxy-compatible server: a toxic, or a proxy taken down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gameday.adapters.toxiproxy import arguments as checked
from gameday.adapters.toxiproxy.client import TIMEOUT, Toxiproxy
from gameday.adapters.toxiproxy.prior import capture
from gameday.adapters.toxiproxy.proof import prove_undone
from gameday.adapters.toxiproxy.restore import put_back
from gameday.engine.faults import (
    Arguments,
    Description,
    FaultMissing,
    FaultRejected,
    Prior,
)


class ToxicFault:
    """``toxiproxy.toxic``: arguments proxy, type, attributes, and optionally server, stream,
    toxicity, name, expires_in_ms, reach."""

    call_timeout = TIMEOUT

    def problems(self, arguments: Arguments) -> Sequence[tuple[tuple[str, ...], str]]:
        """Every mistake in the arguments, each with its path."""
        return checked.toxic_problems(arguments)

    def describe(self, arguments: Arguments) -> Description:
        """The proxy, and what its traffic will suffer."""
        toxic = checked.toxic(arguments)
        values = ", ".join(f"{key} {value}" for key, value in toxic.attributes.items())
        share = "all" if toxic.toxicity == 1 else f"{toxic.toxicity:.0%} of"
        return Description(
            targets=(f"toxiproxy/{toxic.proxy}",),
            blast_radius=f"{share} {toxic.stream} traffic of proxy {toxic.proxy!r}: "
            f"{toxic.type} ({values or 'no attributes'})",
        )

    def capture(self, arguments: Arguments) -> Prior:
        """Settings and toxics of the proxy; raises FaultRejected when the toxic is there already,
        or when the proxy is disabled and the toxic would hit nothing."""
        toxic = checked.toxic(arguments)
        prior = capture(Toxiproxy(toxic.server), toxic.proxy)
        if any(item["name"] == toxic.name for item in prior["toxics"]):
            raise FaultRejected(
                f"proxy {toxic.proxy!r} already has a toxic {toxic.name!r}; "
                "take it out first (gameday recover), or give this one another name"
            )
        if not prior["enabled"]:
            raise FaultRejected(f"proxy {toxic.proxy!r} is disabled: the toxic would hit nothing")
        return prior

    def inject(self, arguments: Arguments) -> None:
        """Add the toxic."""
        toxic = checked.toxic(arguments)
        Toxiproxy(toxic.server).add_toxic(toxic.proxy, toxic.body)

    def verify_injected(self, arguments: Arguments, prior: Prior) -> str:  # noqa: ARG002
        """The server has the toxic as described, on a proxy that is enabled."""
        toxic = checked.toxic(arguments)
        proxy = Toxiproxy(toxic.server).proxy(toxic.proxy) or {"enabled": False, "toxics": []}
        found = next((item for item in proxy["toxics"] if item["name"] == toxic.name), None)
        if found is None:
            raise FaultMissing(f"proxy {toxic.proxy!r} has no toxic {toxic.name!r}")
        if not _is(found, toxic):
            raise FaultMissing(f"toxic {toxic.name!r} of proxy {toxic.proxy!r} is another one")
        if not proxy["enabled"]:
            raise FaultMissing(f"proxy {toxic.proxy!r} is disabled: its toxics hit nothing")
        return f"proxy {toxic.proxy!r} has toxic {toxic.name!r}{_limited(toxic, found)}"

    def undo(self, arguments: Arguments, prior: Prior) -> None:
        """Take the toxic out; the rest of the proxy is made as before where it is not."""
        toxic = checked.toxic(arguments)
        put_back(Toxiproxy(toxic.server), prior, toxic.name)

    def verify_undone(self, arguments: Arguments, prior: Prior) -> str:
        """The toxic is absent, the rest is as before, and connections pass."""
        toxic = checked.toxic(arguments)
        return prove_undone(Toxiproxy(toxic.server), prior, toxic.name, toxic.reach)


class DownFault:
    """``toxiproxy.down``: the proxy stops listening. Arguments proxy, optionally server,
    expires_in_ms, reach."""

    call_timeout = TIMEOUT

    def problems(self, arguments: Arguments) -> Sequence[tuple[tuple[str, ...], str]]:
        """Every mistake in the arguments, each with its path."""
        return checked.down_problems(arguments)

    def describe(self, arguments: Arguments) -> Description:
        """The proxy, and that nothing passes it."""
        proxy = checked.down(arguments).proxy
        return Description(
            targets=(f"toxiproxy/{proxy}",),
            blast_radius=f"all connections through proxy {proxy!r} are closed and refused",
        )

    def capture(self, arguments: Arguments) -> Prior:
        """Settings and toxics of the proxy; raises FaultRejected when it is down already."""
        down = checked.down(arguments)
        prior = capture(Toxiproxy(down.server), down.proxy)
        if not prior["enabled"]:
            raise FaultRejected(f"proxy {down.proxy!r} is already disabled; enable it first")
        return prior

    def inject(self, arguments: Arguments) -> None:
        """Disable the proxy."""
        down = checked.down(arguments)
        Toxiproxy(down.server).update(down.proxy, down.body)

    def verify_injected(self, arguments: Arguments, prior: Prior) -> str:  # noqa: ARG002
        """The server says that the proxy is disabled."""
        down = checked.down(arguments)
        proxy = Toxiproxy(down.server).proxy(down.proxy)
        if proxy is None or proxy["enabled"]:
            raise FaultMissing(f"proxy {down.proxy!r} is not disabled")
        return f"proxy {down.proxy!r} is disabled{_limited(down, proxy)}"

    def undo(self, arguments: Arguments, prior: Prior) -> None:
        """Enable it again; the rest of the proxy is made as before where it is not."""
        put_back(Toxiproxy(checked.down(arguments).server), prior)

    def verify_undone(self, arguments: Arguments, prior: Prior) -> str:
        """Enabled as before, and connections pass."""
        down = checked.down(arguments)
        return prove_undone(Toxiproxy(down.server), prior, "", down.reach)


def _is(found: Mapping[str, Any], toxic: checked.Toxic) -> bool:
    """What the server has is what was asked for; it rounds the toxicity to a float32."""
    same: bool = found["type"] == toxic.type and found["stream"] == toxic.stream
    close = abs(found["toxicity"] - toxic.toxicity) < 1e-6
    attributes = found["attributes"]
    return same and close and all(attributes.get(k) == v for k, v in toxic.attributes.items())


def _limited(fault: checked.Toxic | checked.Down, found: Mapping[str, Any]) -> str:
    """Whether the server keeps the time limit that was asked for, in words."""
    if fault.expires_in_ms is None:
        return ""
    left = found.get(checked.EXPIRES_IN_MS)
    if left is None:
        return ", without the time limit: this server keeps none"
    return f", for another {left / 1000:.1f} s at most"
