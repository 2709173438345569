"""Ports for the shop's processes."""

import random
import socket
from pathlib import Path

RANGE_FILE = Path("/proc/sys/net/ipv4/ip_local_port_range")
LOWEST = 15_000
HIGHEST = 29_999
"""From 30000 on a Kubernetes node answers by its own rules, on ports that look free."""
LAST = 65_535
ATTEMPTS = 200
FEW = 1000


class NoPortError(Exception):
    """No free port was found."""


class Ports:
    """Hands out free ports, from ``base`` upwards if given, never one twice.

    They lie below the range the kernel takes source ports from. A dead service's port must stay
    free for its restart, and a client that dials it must not reach its own source port.
    """

    def __init__(self, host: str, base: int | None = None) -> None:
        self._host = host
        self._next = base
        self._given: set[int] = set()
        # Where source ports start low, there is no such place: then any free port must do.
        below = min(HIGHEST, _lowest_ephemeral() - 1)
        self._top = below if below - LOWEST >= FEW else HIGHEST

    def take(self) -> int:
        """Return a free port. Raises NoPortError."""
        for _ in range(ATTEMPTS):
            port = self._candidate()
            if port not in self._given and self._free(port):
                self._given.add(port)
                return port
            if self._next is not None:
                raise NoPortError(f"port {port} is in use")
        raise NoPortError(f"no free port found from {LOWEST} to {self._top}")

    def _candidate(self) -> int:
        if self._next is None:
            return random.randint(LOWEST, self._top)
        port, self._next = self._next, self._next + 1
        if port > LAST:
            raise NoPortError(f"there is no port {port}")
        return port

    def _free(self, port: int) -> bool:
        try:
            with socket.create_server((self._host, port)):
                return True
        except OSError:
            return False


def _lowest_ephemeral() -> int:
    try:
        return int(RANGE_FILE.read_text(encoding="ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return 32_768  # Linux's default; others start higher
