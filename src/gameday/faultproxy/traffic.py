"""How many bytes went through, for ``GET /metrics``: Prometheus's text format."""

from collections.abc import Iterable
from dataclasses import dataclass

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8; escaping=underscores"
_HELP = {
    "received": "Bytes read from the sender of this direction.",
    "sent": "Bytes passed on to the receiver of this direction.",
}


@dataclass(frozen=True, slots=True)
class Route:
    """What a count is for: a direction of a proxy, with the addresses it had then."""

    direction: str
    listener: str
    proxy: str
    upstream: str

    def __str__(self) -> str:
        values = {
            "direction": self.direction,
            "listener": self.listener,
            "proxy": self.proxy,
            "upstream": self.upstream,
        }
        return ",".join(f'{name}="{_escaped(value)}"' for name, value in values.items())


@dataclass(slots=True)
class Count:
    """Bytes that came in, and bytes that went out."""

    received: int = 0
    sent: int = 0


class Traffic:
    """The bytes of every closed connection, by route. They outlive their proxy."""

    def __init__(self) -> None:
        self._counts: dict[Route, Count] = {}

    def add(self, route: Route, count: Count) -> None:
        """Add what one connection carried."""
        _add(self._counts, route, count)

    def render(self, live: Iterable[tuple[Route, Count]]) -> str:
        """Return the metrics, with the connections that are open now counted in."""
        totals = {route: Count(count.received, count.sent) for route, count in self._counts.items()}
        for route, count in live:
            _add(totals, route, count)
        lines: list[str] = []
        for name, text in _HELP.items():
            metric = f"toxiproxy_proxy_{name}_bytes_total"
            lines += [f"# HELP {metric} {text}", f"# TYPE {metric} counter"]
            lines += sorted(
                f"{metric}{{{route}}} {getattr(count, name)}" for route, count in totals.items()
            )
        return "\n".join(lines) + "\n"


def _add(totals: dict[Route, Count], route: Route, count: Count) -> None:
    total = totals.setdefault(route, Count())
    total.received += count.received
    total.sent += count.sent


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
