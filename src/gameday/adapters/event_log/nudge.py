"""Waking the asyncio tasks of this process that wait for an append."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio


class Nudges:
    """Any thread nudges; every listener's event is set in that listener's own loop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners: dict[asyncio.Event, asyncio.AbstractEventLoop] = {}

    @contextmanager
    def listener(self) -> Iterator[asyncio.Event]:
        """An event of the running loop that every nudge sets; the listener clears it."""
        import asyncio  # late: who only reads the log waits for nothing

        event = asyncio.Event()
        with self._lock:
            self._listeners[event] = asyncio.get_running_loop()
        try:
            yield event
        finally:
            with self._lock:
                self._listeners.pop(event, None)

    def nudge(self) -> None:
        """Wake every listener; safe from any thread."""
        if not self._listeners:
            return
        with self._lock:
            listeners = list(self._listeners.items())
        for event, loop in listeners:
            try:
                loop.call_soon_threadsafe(event.set)
            except RuntimeError:  # that loop is closed: nobody listens there any more
                with self._lock:
                    self._listeners.pop(event, None)
