"""An httpx client for probes: one pool, every call limited in time, failures in few words."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any
from urllib.parse import urlsplit

import httpx

from gameday.adapters.probes.failures import connection_error, timed_out
from gameday.core.errors import IntegrationFailure

_LIMITS = httpx.Limits(max_connections=200, max_keepalive_connections=20, keepalive_expiry=1.5)
"""Idle connections are dropped before common servers drop them (gunicorn after 2 s, node after
5 s): a request that meets a closing connection would look like an outage."""


class CallFailed(Exception):
    """There is no answer; the text says why, without secrets."""


class HttpClient:
    """Requests to one address. Proxies of the environment are not used: a probe asks the target
    itself. Redirects are answers like any other."""

    def __init__(
        self,
        url: str,
        timeout: float,
        *,
        ca_file: str | None = None,
        client_cert: str | None = None,
        client_key: str | None = None,
    ) -> None:
        self._where = _host_and_port(url)
        self._timeout = timeout
        secure = url.lower().startswith("https:")
        verify = _tls(ca_file, client_cert, client_key) if secure else False
        self._client = httpx.AsyncClient(
            verify=verify,
            timeout=timeout,
            limits=_LIMITS,
            follow_redirects=False,
            trust_env=False,
        )

    async def request(self, method: str, url: str, **options: Any) -> httpx.Response:
        """The whole answer within the time-out; raises CallFailed."""
        try:
            async with asyncio.timeout(self._timeout):  # httpx limits each step, not the whole
                return await self._client.request(method, url, **options)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise CallFailed(timed_out(self._timeout)) from error
        except (httpx.InvalidURL, httpx.LocalProtocolError, ValueError) as error:
            # Their texts quote the request, which may hold a secret.
            raise CallFailed("the address or a header holds what HTTP does not allow") from error
        except httpx.TransportError as error:
            raise CallFailed(connection_error(error, self._where)) from error
        except httpx.HTTPError as error:
            raise CallFailed(f"no usable answer from {self._where}: {error}") from error

    async def close(self) -> None:
        """Close the pool."""
        await self._client.aclose()


def _host_and_port(url: str) -> str:
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        return "the target"
    return f"{parts.hostname}:{port}"


def _tls(ca_file: str | None, cert: str | None, key: str | None) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca_file)
        if cert is not None:
            context.load_cert_chain(cert, key)
    except (OSError, ssl.SSLError) as error:
        files = ", ".join(name for name in (ca_file, cert, key) if name)
        raise IntegrationFailure(
            f"cannot use the certificate files {files}: {error.strerror or error}",
            hint="each must be readable and hold PEM",
        ) from error
    return context
