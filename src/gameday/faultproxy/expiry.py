"""Time limits: a fault that ends by itself, though everything that could undo it is dead.

They are ours alone. The original ignores the field, as it does every field it does not know.
"""

import asyncio
import math
from collections.abc import Callable

from gameday.faultproxy.errors import BadRequestBodyError
from gameday.faultproxy.fields import Given
from gameday.faultproxy.toxics.base import Alarm

EXPIRES_IN_MS = "expires_in_ms"
"""The JSON field: the limit in milliseconds when given, what is left of it when shown."""


def time_limit(given: Given) -> float | None:
    """Return the limit in seconds, 0 for none any more, None when the body does not speak of it.

    Raises BadRequestBodyError for a negative one.
    """
    limit = given.integer(EXPIRES_IN_MS, -1)
    if EXPIRES_IN_MS not in given:
        return None
    if limit < 0:
        raise BadRequestBodyError(f"{EXPIRES_IN_MS} must not be negative, not {limit}")
    return limit / 1000


class TimeLimits:
    """Running time limits by name, and what happens when each is over."""

    def __init__(self) -> None:
        self._due: dict[str, float] = {}
        self._alarms: dict[str, Alarm] = {}

    def set(self, name: str, seconds: float | None, expire: Callable[[], None]) -> None:
        """Call ``expire`` in so many seconds; 0 lifts a limit, None leaves it as it is.

        A limit that is over is shown as 0 until ``expire`` has done its work and lifted it.
        """
        if seconds is None:
            return
        self.lift(name)
        if seconds > 0:
            loop = asyncio.get_running_loop()
            alarm = Alarm(loop, expire)
            self._alarms[name], self._due[name] = alarm, loop.time() + seconds
            alarm.set(self._due[name])

    def lift(self, name: str) -> None:
        """Forget a limit, if there is one."""
        alarm = self._alarms.pop(name, None)
        if alarm is not None:
            alarm.stop()
            del self._due[name]

    def lift_all(self) -> None:
        """Forget every limit."""
        for name in tuple(self._alarms):
            self.lift(name)

    def shown(self, name: str) -> dict[str, int]:
        """Return the field as the API shows it: empty without a limit."""
        if name not in self._due:
            return {}
        left = self._due[name] - asyncio.get_running_loop().time()
        return {EXPIRES_IN_MS: max(math.ceil(left * 1000), 0)}
