"""Addresses as ``host:port`` text, IPv6 hosts in square brackets."""

import asyncio
import os
import socket
from dataclasses import dataclass

from gameday.faultproxy.errors import FaultProxyError, ListenError

RESOLVE_TIMEOUT_S = 5.0
BACKLOG = 1024


class BadAddressError(FaultProxyError, ValueError):
    """The text is no ``host:port``."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host name or IP address, and a port from 0 to 65535."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read ``host:port``, ``[v6]:port`` or ``:port``. Raises BadAddressError."""
        host, colon, port = text.rpartition(":")
        if not colon:
            raise BadAddressError("missing port in address")
        if host.startswith("[") and host.endswith("]"):
            host = host[1:-1]
        elif ":" in host:
            raise BadAddressError("too many colons in address")
        if not (port.isascii() and port.isdigit() and len(port) <= 5 and int(port) <= 0xFFFF):
            raise BadAddressError("invalid port")
        return cls(host, int(port))

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


async def bind(text: str) -> tuple[socket.socket, str]:
    """Open a listening socket on ``text`` and return it with the address it really has.

    An empty text or port 0 takes a free port; an empty host means all interfaces, as in Toxiproxy.
    Raises ListenError.
    """
    try:
        address = Address.parse(text or ":0")
        listener = await _open(address)
    except TimeoutError as error:
        raise ListenError(text, "address lookup timed out") from error
    except BadAddressError as error:
        raise ListenError("", f"address {text}: {error}") from error
    except socket.gaierror as error:
        raise ListenError("", f"lookup {text}: {error.strerror}") from error
    except ValueError as error:  # a host name that cannot be one
        raise ListenError("", f"lookup {text}: {error}") from error
    except OSError as error:
        why = os.strerror(error.errno).lower() if error.errno else str(error)
        raise ListenError(text, f"bind: {why}") from error
    host, port = listener.getsockname()[:2]
    return listener, str(Address(host, port))


async def _open(address: Address) -> socket.socket:
    if not address.host and socket.has_dualstack_ipv6():
        return socket.create_server(
            ("::", address.port), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=True
        )
    if not address.host:
        return socket.create_server(("0.0.0.0", address.port), backlog=BACKLOG)
    family, where = await _resolve(address)
    return socket.create_server(where, family=family, backlog=BACKLOG)


async def _resolve(address: Address) -> tuple[int, tuple[str, int]]:
    loop = asyncio.get_running_loop()
    async with asyncio.timeout(RESOLVE_TIMEOUT_S):
        found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    # Go listens on the IPv4 address of a name that has both; do the same.
    family, _type, _proto, _name, where = min(found, key=lambda item: item[0] != socket.AF_INET)
    return family, (str(where[0]), int(where[1]))
