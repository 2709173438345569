"""Signals during a run: the first stops it and rolls back, later ones hurry nothing away."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable

from gameday.core.errors import ExitCode

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopSignals:
    """Turns SIGINT, SIGTERM and SIGHUP into one abort; says so, and what a second one meets."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say
        self._abort: Callable[[str, str], Awaitable[None]] | None = None
        self._first: signal.Signals | None = None
        self._aborting: asyncio.Task[None] | None = None

    def install(self, abort: Callable[[str, str], Awaitable[None]]) -> None:
        """From now on call ``abort(reason, by)`` on the first signal; on the running loop."""
        self._abort = abort
        loop = asyncio.get_running_loop()
        for number in STOPPING:
            loop.add_signal_handler(number, self._received, number)

    @property
    def exit_code(self) -> ExitCode | None:
        """130 after Ctrl-C, 7 after another signal, None when there was none."""
        if self._first is None:
            return None
        return ExitCode.INTERRUPTED if self._first is signal.SIGINT else ExitCode.ABORTED

    def _received(self, number: signal.Signals) -> None:
        if self._first is not None:
            self._say("Still rolling back: faults are being taken out and that is being proved.")
            return
        self._first = number
        self._say(f"{signal.Signals(number).name}: stopping and rolling back …")
        assert self._abort is not None
        reason = f"stopped by {signal.Signals(number).name}"
        self._aborting = asyncio.ensure_future(self._wrapped(reason))

    async def _wrapped(self, reason: str) -> None:
        assert self._abort is not None
        try:
            await self._abort(reason, "terminal")
        except Exception as error:  # noqa: BLE001 - said, and the next signal tries again
            self._first = None
            self._say(f"NOT STOPPED, try again: {error}")
