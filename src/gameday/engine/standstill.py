"""Noticing that this process, or the whole machine, did not run for a while."""

from __future__ import annotations

from gameday.core.instant import NANOSECONDS
from gameday.engine.ports import Clock

BEAT = 1.0
"""Seconds after which an owner looks at the clock at the latest."""
TERM = 15.0
"""Seconds without a look after which a run is not safe to go on with: nobody has watched it,
and its lease may have been taken."""


class Standstill:
    """Measures the time between two looks at the clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._last = clock.now().boot

    def reason(self) -> str:
        """Why the run must be aborted, or an empty string. Ask every ``BEAT`` seconds."""
        now = self._clock.now().boot
        passed, self._last = (now - self._last) / NANOSECONDS, now
        if passed <= TERM:
            return ""
        return f"this machine or program stood still for {passed:.0f} s, and nobody watched"

    async def awaited(self) -> str:
        """Return with the reason once there is one."""
        while True:
            await self._clock.sleep_until(self._clock.now().boot + round(BEAT * NANOSECONDS))
            if reason := self.reason():
                return reason
