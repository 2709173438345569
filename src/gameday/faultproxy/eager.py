"""An event loop for a process that is only a proxy: it looks again before it goes to sleep.

To wake a sleeping process takes a multiple of what a byte takes through it. Between a request and
its answer there are mostly some tens of microseconds, so the loop asks for events that much longer
and gives way each time: what else wants the processor gets it. An idle proxy sleeps as ever.

Where others do want it, giving way is dear: Linux lets each of them run its slice first, once for
every time, while timers fall due. So the first look that takes long is the last for a while.
"""

import asyncio
import os
import select
import selectors
import sys
import time
from collections.abc import Callable

LOOKS = 30
"""How often to look again, about a microsecond each."""
SHORTEST_S = 0.001
"""A sleep shorter than this is not put off: a timer waits at its end."""
CROWDED_S = 0.0001
"""To give way takes so long only when somebody else ran meanwhile."""
REST_S = 0.1
"""How long to sleep at once, as any loop does, after that."""
SELECTABLE = 1024
"""select() knows descriptors below this."""


def new_event_loop() -> asyncio.AbstractEventLoop:
    """Return a loop that looks again, on Linux; elsewhere the usual one."""
    if sys.platform != "linux":
        return asyncio.new_event_loop()
    return asyncio.SelectorEventLoop(EagerSelector())


if sys.platform == "linux":

    class EagerSelector(selectors.EpollSelector):
        """epoll that, after events, looks for more a while before it sleeps."""

        def __init__(
            self,
            clock: Callable[[], float] = time.monotonic,
            give_way: Callable[[], None] = os.sched_yield,
        ) -> None:
            super().__init__()
            self._clock = clock
            self._give_way = give_way
            self._busy = False
            self._rests_until = 0.0

        def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
            """Wait as the base class does, at most ``timeout`` seconds."""
            if self._busy and (timeout is None or timeout > SHORTEST_S):
                began = self._clock()
                if began >= self._rests_until and (ready := self._look_again(began)):
                    return ready
                if timeout is not None:
                    timeout = max(timeout - (self._clock() - began), 0)
            ready = super().select(self._slept(timeout))
            self._busy = bool(ready)
            return ready

        def _slept(self, timeout: float | None) -> float | None:
            """Sleep until something happens or the time is over; what is left for epoll."""
            if timeout is None or timeout <= 0 or self.fileno() >= SELECTABLE:
                return timeout
            select.select((self.fileno(),), (), (), timeout)
            return 0

        def _look_again(self, last: float) -> list[tuple[selectors.SelectorKey, int]]:
            for _ in range(LOOKS):
                if ready := super().select(0):
                    return ready
                self._give_way()
                now = self._clock()
                if now - last > CROWDED_S:
                    self._rests_until = now + REST_S
                    break
                last = now
            return []
