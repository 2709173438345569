"""A circuit breaker that people switch, or that switches itself."""

import time
from collections.abc import Callable
from enum import StrEnum

FAILURES = 5
OPEN_S = 2.0
SLOW_S = 0.3


class BreakerState(StrEnum):
    """``closed`` and ``open`` are set by people; ``auto`` leaves it to the breaker."""

    CLOSED = "closed"
    OPEN = "open"
    AUTO = "auto"


class Breaker:
    """In auto, opens after 5 failed or slow (300 ms) calls in a row, and tries again every
    ``open_s`` seconds."""

    def __init__(
        self,
        state: BreakerState,
        now: Callable[[], float] = time.monotonic,
        open_s: float = OPEN_S,
    ) -> None:
        self.state = state
        self._now = now
        self._open_s = open_s
        self._bad = 0
        self._retry_at = 0.0

    @property
    def automatic(self) -> bool:
        """Whether a failed call should be absorbed by a fallback at once."""
        return self.state is BreakerState.AUTO

    def switch(self, state: BreakerState) -> None:
        """Set the state by hand; auto starts out closed."""
        self.state = state
        self._bad = 0

    def allows(self) -> bool:
        """Say whether a call may be made now; in auto this takes the one trial of its turn."""
        if self.state is not BreakerState.AUTO:
            return self.state is BreakerState.CLOSED
        if self._bad < FAILURES:
            return True
        if self._now() < self._retry_at:
            return False
        self._retry_at = self._now() + self._open_s
        return True

    def record(self, ok: bool, seconds: float) -> None:
        """Note how a call went."""
        if ok and seconds < SLOW_S:
            self._bad = 0
            return
        self._bad += 1
        if self._bad == FAILURES:
            self._retry_at = self._now() + self._open_s

    def as_json(self) -> dict[str, object]:
        """Return the state, and whether calls are held back right now."""
        tripped = self.state is BreakerState.AUTO and self._bad >= FAILURES
        return {"state": self.state.value, "open": tripped or self.state is BreakerState.OPEN}
