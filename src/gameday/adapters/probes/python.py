"""Calls a Python function, as Chaos Toolkit does, in a thread of its own."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import threading
from collections.abc import Callable
from typing import Any

from gameday.adapters.probes.failures import timed_out
from gameday.adapters.probes.secrets import Secrets
from gameday.core.scenario.probes import PythonProbe
from gameday.engine.ports import Reading

MAX_HANGING = 16
"""Calls that may hang at the same time; a thread cannot be killed, only not be started."""


class PythonReader:
    """The Probe port over a function.

    Threads are daemons, so that a call which hangs holds up neither the reading's end nor the
    program's.
    """

    def __init__(self, model: PythonProbe, secrets: Secrets) -> None:
        self._module = model.module
        self._func = model.func
        self._arguments = secrets.fill_all(dict(model.arguments))
        self._timeout = model.timeout
        self._running = 0
        self._lock = threading.Lock()

    async def read(self) -> Reading:
        """Call once."""
        with self._lock:
            if self._running >= MAX_HANGING:
                return Reading(None, f"{self._running} earlier calls have not returned")
            self._running += 1
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Reading] = loop.create_future()
        name = f"probe-{self._module}.{self._func}"
        threading.Thread(target=self._run, args=(loop, answer), name=name, daemon=True).start()
        try:
            async with asyncio.timeout(self._timeout):
                return await answer
        except TimeoutError:
            return Reading(None, timed_out(self._timeout))

    def _run(self, loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Reading]) -> None:
        reading = self._called()
        with self._lock:
            self._running -= 1
        try:
            loop.call_soon_threadsafe(_give, answer, reading)
        except RuntimeError:
            return  # the loop is closed: nobody waits for the answer any more

    def _called(self) -> Reading:
        try:
            function = getattr(importlib.import_module(self._module), self._func)
            return _reading_of(function(**_completed(function, self._arguments)))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - users' code may raise anything
            return Reading(None, f"{type(error).__name__}: {error}"[:300])

    async def close(self) -> None:
        """Threads end with their calls."""


def _completed(function: Callable[..., Any], arguments: dict[str, Any]) -> dict[str, Any]:
    """Chaos Toolkit hands ``configuration`` and ``secrets`` to functions that ask for them."""
    wanted = inspect.signature(function).parameters
    extra: dict[str, Any] = {name: {} for name in ("configuration", "secrets") if name in wanted}
    return {**extra, **arguments}


def _reading_of(value: Any) -> Reading:
    if isinstance(value, (bool, int, float, str)):
        return Reading(value)
    if inspect.iscoroutine(value):
        value.close()
        return Reading(None, "the function is asynchronous; a probe must be a plain function")
    what = "nothing" if value is None else f"a {type(value).__name__}"
    return Reading(None, f"the function returned {what}; it must return a number, text or a bool")


def _give(answer: asyncio.Future[Reading], reading: Reading) -> None:
    if not answer.done():
        answer.set_result(reading)
