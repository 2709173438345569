"""An event loop for a process that is only a proxy: it looks again before it goes to sleep.

To wake a sleeping process takes a multiple of what a byte takes through it. Between a request and
its answer there are mostly some tens of microseconds, so the loop asks for events that much longer
and gives way each time: what else wants the processor gets it. An idle proxy sleeps as ever.
"""

import asyncio
import os
import selectors
import sys

LOOKS = 30
"""How often to look again, about a microsecond each."""
SHORTEST_S = 0.001
"""A sleep shorter than this is not put off: a timer waits at its end."""


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a loop that looks again, on Linux; elsewhere the usual one."""
    if sys.platform != "linux":
        return asyncio.new_event_loop()
    return asyncio.SelectorEventLoop(EagerSelector())


if sys.platform == "linux":

    class EagerSelector(selectors.EpollSelector):
        """epoll that, after events, looks for more a while before it sleeps."""

        _busy = False

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            """Wait as the base class does, at most ``timeout`` seconds."""
            if self._busy and (timeout is None or timeout > SHORTEST_S):
                for _ in range(LOOKS):
                    if ready := super().select(0):
                        return ready
                    os.sched_yield()
            ready = super().select(timeout)
            self._busy = bool(ready)
            return ready
