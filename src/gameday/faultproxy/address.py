"""Addresses as ``host:port`` text, read, resolved and shown the way Go's net package does."""

import asyncio
import contextlib
import errno
import ipaddress
import os
import re
import socket
from dataclasses import dataclass

from gameday.faultproxy.errors import AddressError, ExhaustedError, ListenError

RESOLVE_TIMEOUT_S = 5.0
BACKLOG = 1024
MAX_ZONE = 0xFFFFFF
EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
"""What no other address would have helped against."""
WILDCARDS = ("", "0.0.0.0", "::")
_LABEL = "[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.*[a-z_-])(?=.{{1,253}}\.?\Z){_LABEL}(?:\.{_LABEL})*\.?", re.I | re.A)
"""What can be a host name: Go looks up no other text, C's resolver does."""


@dataclass(frozen=True, slots=True)
class Address:
    """A host name or IP address, empty for all interfaces, and a port from 0 to 65535."""

    host: str
    port: int

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Read ``host:port``, ``[v6]:port`` or ``:port``; a port may be a service's name.

        Raises AddressError.
        """
        host, port = _split(text)
        number = _port(port)
        return cls(_host(host), number)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


def _split(text: str) -> tuple[str, str]:
    host, colon, port = text.rpartition(":")
    bracket = text.find("]") if text.startswith("[") else -1
    why = ""
    if not colon:
        why = "missing port in address"
    elif text.startswith("[") and bracket < 0:
        why = "missing ']' in address"
    elif text.startswith("[") and bracket + 1 != len(host):
        after = text[bracket + 1 : bracket + 2]
        why = "too many colons in address" if after == ":" else "missing port in address"
    elif not text.startswith("[") and ":" in host:
        why = "too many colons in address"
    else:
        host = host[1:-1] if text.startswith("[") else host
        why = next((f"unexpected '{c}' in address" for c in "[]" if c in host + port), "")
    if why:
        raise AddressError(f"address {text}: {why}")
    return host, port


def _port(text: str) -> int:
    digits = text[1:] if text[:1] in ("+", "-") else text
    if digits and not (digits.isascii() and digits.isdigit()):
        try:
            return socket.getservbyname(text.lower(), "tcp")
        except (OSError, ValueError) as error:
            raise AddressError(f"lookup tcp/{text}: unknown port") from error
    port = int(digits[:10] or 0)
    if port > 0xFFFF or (text.startswith("-") and port):
        raise AddressError(f"address {text}: invalid port")
    return port


def _host(text: str) -> str:
    """Return a host as it is to be used: an IP address in its usual form, or a name.

    Raises AddressError for what is neither. The system's resolver would take some of it: ``127.1``,
    ``0x7f.1``, ``*``, and whatever stands before a NUL.
    """
    if not text:
        return text
    with contextlib.suppress(ValueError):  # no IP address
        found = ipaddress.ip_address(text)
        return str(getattr(found, "ipv4_mapped", None) or found)
    if not _NAME.fullmatch(text) or _is_old_form(text):
        raise AddressError(f"lookup {text}: no such host")
    return text


def _is_old_form(host: str) -> bool:
    """Whether a name is one more way to write an IPv4 address, as ``0x7f.1``."""
    try:
        socket.inet_aton(host)
    except OSError:
        return False
    return True


async def resolve(text: str) -> Address:
    """Return the address with its host as an IP address, IPv4 where a name has both.

    An empty text is all interfaces with a free port. Raises AddressError.
    """
    address = Address.parse(text or ":0")
    if not _NAME.fullmatch(address.host):
        return address
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_TIMEOUT_S):
            found = await loop.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)
    except TimeoutError as error:
        raise AddressError(f"lookup {address.host}: i/o timeout") from error
    except (OSError, ValueError) as error:  # ValueError: a name that cannot be one
        raise AddressError(f"lookup {address.host}: no such host") from error
    _family, _type, _proto, _name, where = min(found, key=lambda item: item[0] != socket.AF_INET)
    return Address(str(where[0]), address.port)


async def bind(text: str) -> tuple[socket.socket, str]:
    """Open a listening socket on ``text`` and return it with the address it really has.

    Any way to write "all interfaces" listens on IPv4 and IPv6 both. Raises ListenError.
    """
    try:
        address = await resolve(text)
    except AddressError as error:
        raise ListenError(f"listen tcp: {error}") from error
    try:
        listener = _listen(address)
    except OSError as error:
        why = os.strerror(error.errno).lower() if error.errno else str(error)
        refusal = ExhaustedError if error.errno in EXHAUSTED else ListenError
        raise refusal(f"listen tcp {address}: bind: {why}") from error
    host, port = listener.getsockname()[:2]
    return listener, str(Address(host, port))


def _listen(address: Address) -> socket.socket:
    where = (address.host, address.port)
    if address.host in WILDCARDS and socket.has_dualstack_ipv6():
        return socket.create_server(
            ("::", address.port), family=socket.AF_INET6, backlog=BACKLOG, dualstack_ipv6=True
        )
    if ":" not in address.host:
        return socket.create_server(where, family=socket.AF_INET, backlog=BACKLOG)
    host, _, zone = address.host.partition("%")
    scoped = (host, address.port, 0, _zone(zone))
    return socket.create_server(scoped, family=socket.AF_INET6, backlog=BACKLOG)


def _zone(name: str) -> int:
    """Return the number of the network interface of that name, else the number it begins with.

    0, which is none, without either.
    """
    with contextlib.suppress(OSError, ValueError):  # ValueError: a NUL in it
        return socket.if_nametoindex(name)
    digits = re.match("[0-9]*", name)
    return min(int((digits.group() if digits else "")[:9] or 0), MAX_ZONE)
