"""Chaos Toolkit actions, one for each type of toxic; each checks that its toxic is in.

``remove_toxic`` of :mod:`.actions` takes any of them out by its name, ``gameday_<type>`` unless
another is given. All take the same place: the proxy, the server that has it, the stream (what
clients send is ``upstream``, what they get is ``downstream``), the toxicity (the share of
connections, above 0 up to 1), and ``expires_in_ms``, after which the embedded server takes the
toxic out by itself. All return what is in, in words, and raise FaultFailure.
"""

from __future__ import annotations

from gameday.adapters.toxiproxy.actions import add_toxic
from gameday.adapters.toxiproxy.arguments import SERVER

__all__ = ["bandwidth", "cut", "latency", "limit_data", "reset_peer", "slicer", "slow_close"]


def latency(
    proxy: str,
    latency: int,
    jitter: int = 0,
    server: str = SERVER,
    stream: str = "downstream",
    toxicity: float = 1.0,
    name: str = "",
    expires_in_ms: int | None = None,
) -> str:
    """Every chunk arrives ``latency`` ms late, give or take ``jitter`` ms."""
    attributes: dict[str, int] = {"latency": latency, "jitter": jitter}
    return add_toxic(proxy, "latency", attributes, server, stream, toxicity, name, expires_in_ms)


def bandwidth(
    proxy: str,
    rate: int,
    server: str = SERVER,
    stream: str = "downstream",
    toxicity: float = 1.0,
    name: str = "",
    expires_in_ms: int | None = None,
) -> str:
    """No more than ``rate`` KB (of 1,000 bytes) a second on each connection; at least 1."""
    attributes: dict[str, int] = {"rate": rate}
    return add_toxic(proxy, "bandwidth", attributes, server, stream, toxicity, name, expires_in_ms)


def slow_close(
    proxy: str,
    delay: int,
    server: str = SERVER,
    stream: str = "downstream",
    toxicity: float = 1.0,
    name: str = "",
    expires_in_ms: int | None = None,
) -> str:
    """The end of a connection arrives ``delay`` ms late."""
    attributes: dict[str, int] = {"delay": delay}
    return add_toxic(proxy, "slow_close", attributes, server, stream, toxicity, name, expires_in_ms)


def cut(
    proxy: str,
    timeout: int = 0,
    server: str = SERVER,
    stream: str = "downstream",
    toxicity: float = 1.0,
    name: str = "",
    expires_in_ms: int | None = None,
) -> str:
    """``timeout``: nothing arrives, and after ``timeout`` ms the connection closes; 0 is never."""
    attributes: dict[str, int] = {"timeout": timeout}
    return add_toxic(proxy, "timeout", attributes, server, stream, toxicity, name, expires_in_ms)


def reset_peer(
    proxy: str,
    timeout: int = 0,
    server: str = SERVER,
    stream: str = "downstream",
    toxicity: float = 1.0,
    name: str = "",
    expires_in_ms: int | None = None,
) -> str:
    """Connections end in a TCP reset ``timeout`` ms (at most 1,000) after their first bytes."""
    attributes: dict[str, int] = {"timeout": timeout}
    return add_toxic(proxy, "reset_peer", attributes, server, stream, toxicity, name, expires_in_ms)


def slicer(
    proxy: str,
    average_size: int,
    size_variation: int = 0,
    delay: int = 0,
    server: str = SERVER,
    stream: str = "downstream",
    toxicity: float = 1.0,
    name: str = "",
    expires_in_ms: int | None = None,
) -> str:
    """Data comes in slices of ``average_size`` give or take ``size_variation`` bytes, each
    ``delay`` µs after the one before."""
    attributes: dict[str, int] = {
        "average_size": average_size,
        "size_variation": size_variation,
        "delay": delay,
    }
    return add_toxic(proxy, "slicer", attributes, server, stream, toxicity, name, expires_in_ms)


def limit_data(
    proxy: str,
    bytes: int,
    server: str = SERVER,
    stream: str = "downstream",
    toxicity: float = 1.0,
    name: str = "",
    expires_in_ms: int | None = None,
) -> str:
    """A connection closes once ``bytes`` bytes have passed."""
    attributes: dict[str, int] = {"bytes": bytes}
    return add_toxic(proxy, "limit_data", attributes, server, stream, toxicity, name, expires_in_ms)
