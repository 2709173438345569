"""One HTTP call that is over in time, whatever the server does: httpx with a deadline.

httpx limits each step of a call (connect, write, each read), so a server that sends a byte now
and then could hold one for ever. Here every step gets what is left until one deadline. That needs
a transport of our own, over the same httpcore: one connection a call, closed after it, no proxy
of the environment, no redirect. A host's name is resolved by the system, in its own time.

Importing this costs 40 ms, so whoever may not need it imports it late; the fork server loads it
once for all workers that will (:mod:`.warm`).
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore
import httpx

_HEADERS = {
    "User-Agent": "gameday",
    "Content-Type": "application/json",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class NoAnswer(Exception):
    """There was no whole answer; the text says why."""


def call(
    method: str,
    url: str,
    body: bytes | None,
    timeout: float,
    network: httpcore.NetworkBackend | None = None,
) -> tuple[int, bytes]:
    """Status and body of the answer, after ``timeout`` seconds at most. Raises NoAnswer.

    network: what to speak to instead of the real one.
    """
    steps = httpx.Timeout(connect=timeout, read=timeout, write=timeout, pool=timeout)
    try:
        with httpx.Client(
            transport=_OneCall(network or _Network(time.monotonic() + timeout)),
            timeout=steps,
            headers=_HEADERS,
            trust_env=False,
            follow_redirects=False,
        ) as client:
            answer = client.request(method, url, content=body)
            return answer.status_code, answer.content
    except httpx.TimeoutException as error:
        raise NoAnswer(f"timed out after {timeout:g} s") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        raise NoAnswer(str(error) or type(error).__name__) from error


class _OneCall(httpx.BaseTransport):
    """Each request on a connection of its own."""

    def __init__(self, network: httpcore.NetworkBackend) -> None:
        self._network = network

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Raises httpx.TransportError."""
        where = request.url
        if where.scheme not in ("http", "https"):
            raise httpx.UnsupportedProtocol("the address must begin with http:// or https://")
        url = httpcore.URL(
            scheme=where.raw_scheme, host=where.raw_host, port=where.port, target=where.raw_path
        )
        # the system's authorities, not httpx's own list: internal ones are known there
        secure = ssl.create_default_context() if where.scheme == "https" else None
        try:
            with httpcore.HTTPConnection(
                url.origin, ssl_context=secure, network_backend=self._network
            ) as connection:
                answer = connection.request(
                    request.method.encode(),
                    url,
                    headers=request.headers.raw,
                    content=request.read(),
                    extensions=request.extensions,
                )
        except httpcore.TimeoutException as error:
            raise httpx.TimeoutException(str(error), request=request) from error
        except httpcore.NetworkError as error:
            raise httpx.NetworkError(str(error), request=request) from error
        except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
            raise httpx.ProtocolError(str(error), request=request) from error
        return httpx.Response(answer.status, headers=answer.headers, content=answer.content)


class _Network(httpcore.NetworkBackend):
    """Sockets whose every step ends at the deadline."""

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline is what counts
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers; each has a fair share of the time."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        hosts = [str(address[0]) for *_, address in found]
        for others, place in zip(range(len(hosts) - 1, -1, -1), hosts, strict=True):
            share = _left(self._deadline) / (others + 1)
            try:
                stream = self._plain.connect_tcp(place, port, share, local_address, socket_options)
                return _Stream(stream, self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if not others:
                    raise
        raise httpcore.ConnectError(f"{host} has no address")


class _Stream(httpcore.NetworkStream):
    """A connection whose every step ends at the deadline."""

    def __init__(self, plain: httpcore.NetworkStream, deadline: float) -> None:
        self._plain = plain
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._plain.read(max_bytes, _left(self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._plain.write(buffer, _left(self._deadline))

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        secure = self._plain.start_tls(ssl_context, server_hostname, _left(self._deadline))
        return _Stream(secure, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)


def _left(deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore.ReadTimeout("the deadline has passed")
    return left
