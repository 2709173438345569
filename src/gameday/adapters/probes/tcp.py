"""Opens a TCP connection."""

from __future__ import annotations

import asyncio

from gameday.adapters.probes.failures import connection_error, timed_out
from gameday.adapters.probes.secrets import Secrets
from gameday.core.scenario.probes import TcpProbe
from gameday.engine.ports import Reading


class TcpReader:
    """The Probe port over one connection a reading: True once it is open.

    With ``tolerance: false`` the port must be closed; then not getting through is an answer.
    """

    def __init__(self, model: TcpProbe, secrets: Secrets) -> None:
        self._host = secrets.fill(model.host)
        self._port = secrets.fill(str(model.port))
        self._timeout = model.timeout
        self._closed_is_well = model.tolerance is False

    async def read(self) -> Reading:
        """Open, close."""
        where = f"{self._host}:{self._port}"
        if not self._port.isdecimal() or not 0 < int(self._port) < 65536:
            return Reading(None, f"{self._port!r} is not a port")
        try:
            async with asyncio.timeout(self._timeout):
                _, writer = await asyncio.open_connection(self._host, int(self._port))
        except TimeoutError:
            return self._not_open(timed_out(self._timeout))
        except (OSError, UnicodeError) as error:
            return self._not_open(connection_error(error, where))
        writer.transport.abort()  # nothing was sent, so nothing is lost; no time is spent on it
        return Reading(True)

    def _not_open(self, reason: str) -> Reading:
        return Reading(False) if self._closed_is_well else Reading(None, reason)

    async def close(self) -> None:
        """No connection outlives its reading."""
