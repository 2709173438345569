"""Deeds of scripted responders, really carried out: an HTTP call or a command."""

from __future__ import annotations

import asyncio
import os
import signal

from gameday.core.scenario.responder_script import CommandDeed, HttpDeed
from gameday.engine.players import Done


class RealHands:
    """Performs deeds on the system as it is."""

    async def perform(self, deed: HttpDeed | CommandDeed) -> Done:
        """Do it within its time-out; a failure is said, not raised."""
        if isinstance(deed, HttpDeed):
            return await _request(deed)
        return await _command(deed)


async def _request(deed: HttpDeed) -> Done:
    import httpx  # heavy; only scripts with HTTP deeds pay for it

    try:
        async with httpx.AsyncClient(timeout=deed.timeout) as client:
            response = await client.request(deed.method, deed.url, json=deed.json_body)
    except (httpx.HTTPError, httpx.InvalidURL, TypeError, ValueError) as error:
        return Done(False, f"{deed.method} {deed.url}: {error or type(error).__name__}")
    ok = response.status_code < 400
    return Done(ok, f"{deed.method} {deed.url}: HTTP {response.status_code}")


async def _command(deed: CommandDeed) -> Done:
    name = deed.command[0]
    try:
        process = await asyncio.create_subprocess_exec(
            *deed.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
    except OSError as error:
        return Done(False, f"{name}: {error.strerror}")
    try:
        async with asyncio.timeout(deed.timeout):
            _, errors = await process.communicate()
    except TimeoutError:
        return Done(False, f"{name}: not done after {deed.timeout:g} s, ended")
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    last = errors.decode(errors="replace").strip().splitlines()[-1:] or [""]
    return Done(
        process.returncode == 0, f"{name}: exit code {process.returncode} {last[0]}".strip()
    )
