"""A recovery whose store does not answer, in virtual time."""

from __future__ import annotations

import pytest

from gameday.core.errors import StoreFailure, WorkerFailure
from gameday.core.run.state import RunState
from gameday.engine.recovery import STORE_BACK_OFF, persist
from gameday.testing import VirtualClock, run_virtual


class _Attempts:
    """Fails so many times, then succeeds."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.made = 0

    async def __call__(self) -> RunState:
        self.made += 1
        if self.failures:
            raise self.failures.pop(0)
        return RunState("r")


def _persist(attempts: _Attempts) -> float:
    async def main() -> float:
        clock = VirtualClock()
        try:
            await persist(attempts, clock, lambda _: None)
        finally:
            took = clock.now().boot / 1e9
        return took

    return run_virtual(main())


def test_it_tries_again_when_the_store_did_not_answer() -> None:
    attempts = _Attempts(StoreFailure("locked"), StoreFailure("locked"))
    assert _persist(attempts) == pytest.approx(sum(STORE_BACK_OFF[:2]))
    assert attempts.made == 3


def test_it_gives_up_in_the_end() -> None:
    attempts = _Attempts(*[StoreFailure("locked")] * 99)
    with pytest.raises(StoreFailure):
        _persist(attempts)
    assert attempts.made == len(STORE_BACK_OFF) + 1


def test_only_the_store_is_waited_for() -> None:
    attempts = _Attempts(WorkerFailure("no guardian"))
    with pytest.raises(WorkerFailure):
        _persist(attempts)
    assert attempts.made == 1
