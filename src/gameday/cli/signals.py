"""Signals during a run: the first stops it and rolls back, later ones hurry nothing away."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from typing import Protocol

from gameday.core.errors import ExitCode
from gameday.core.run.state import FaultState

STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stoppable(Protocol):
    """What is running: a game day or a single experiment."""

    @property
    def outstanding(self) -> Sequence[FaultState]:
        """Faults that may be in their targets."""

    async def abort(self, reason: str, by: str) -> None:
        """Stop and roll back."""


class StopSignals:
    """Turns SIGINT, SIGTERM and SIGHUP into one abort; says so, and what a second one meets."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._tell = say
        self._running: Stoppable | None = None
        self._first: signal.Signals | None = None
        self._aborting: asyncio.Task[None] | None = None

    def install(self, running: Stoppable) -> None:
        """From now on abort it on the first signal; on the running loop."""
        self._running = running
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
        assert self._running is not None
        name = signal.Signals(number).name
        if self._first is not None:
            self._say(f"{name}: still rolling back, and nothing is hurried: {self._remaining()}")
            return
        self._first = number
        self._aborting = asyncio.ensure_future(self._abort(self._running, f"stopped by {name}"))
        self._say(f"{name}: stopping and rolling back …")

    def _remaining(self) -> str:
        assert self._running is not None
        faults = [
            f"{fault.id} ({', '.join(fault.intent.targets) if fault.intent else 'unknown'})"
            for fault in self._running.outstanding
        ]
        if not faults:
            return "every fault is out, the rest is being proved and written down"
        return f"still to be taken out and proved: {', '.join(faults)}"

    async def _abort(self, running: Stoppable, reason: str) -> None:
        try:
            await running.abort(reason, "terminal")
        except Exception as error:  # noqa: BLE001 - said, and the next signal tries again
            self._first = None
            self._say(f"NOT STOPPED, try again: {error}")

    def _say(self, text: str) -> None:
        # A closed terminal is what sends SIGHUP; that it cannot be told must not keep us from it.
        with contextlib.suppress(OSError):
            self._tell(text)
