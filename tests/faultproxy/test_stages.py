"""The toxics' stages in virtual time."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any, cast

from gameday.faultproxy.toxics.base import Settings, Stage
from gameday.faultproxy.toxics.latency import Latency
from gameday.faultproxy.toxics.timeout import Timeout


class _Timer:
    def __init__(self, due: float, callback: Callable[..., None], args: tuple[Any, ...]) -> None:
        self.due = due
        self.call = partial(callback, *args)
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


class VirtualLoop:
    """Only the two calls a stage makes, and a clock that moves when told."""

    def __init__(self) -> None:
        self.now = 0.0
        self._timers: list[_Timer] = []

    def time(self) -> float:
        return self.now

    def call_at(self, due: float, callback: Callable[..., None], *args: Any) -> _Timer:
        timer = _Timer(due, callback, args)
        self._timers.append(timer)
        return timer

    def fire(self, early: float = 0.0) -> None:
        """Call what is due, or will be ``early`` seconds from now."""
        due = [timer for timer in self._timers if timer.due <= self.now + early]
        self._timers = [timer for timer in self._timers if timer not in due]
        for timer in due:
            if not timer.cancelled:
                timer.call()

    def to(self, now: float) -> None:
        self.now = now
        self.fire()


class Bench:
    """The flow around one stage, and what came out of it."""

    def __init__(self, settings: Settings) -> None:
        self.virtual = VirtualLoop()
        self.out: list[bytes | None] = []
        self.cuts = 0
        self.resets = 0
        self.closes = 0
        self.stage: Stage = settings.stage(self, self)

    @property
    def loop(self) -> asyncio.AbstractEventLoop:
        return cast("asyncio.AbstractEventLoop", self.virtual)

    def settle(self) -> None:
        pass

    def cut(self) -> None:
        self.cuts += 1

    def reset(self) -> None:
        self.resets += 1

    def close_when_sent(self) -> None:
        self.closes += 1

    def feed(self, data: bytes) -> None:
        self.out.append(data)

    def eof(self) -> None:
        self.out.append(None)


def test_latency_delays_every_chunk_by_itself() -> None:
    bench = Bench(Latency(latency=1000))
    for tenth in range(10):
        bench.virtual.to(tenth / 10)
        bench.stage.feed(bytes([tenth]))
    assert bench.stage.held == 10
    bench.virtual.to(1.0)
    assert bench.out == [b"\x00"]
    bench.virtual.to(1.45)
    assert len(bench.out) == 5
    bench.stage.eof()
    bench.virtual.to(1.9)
    assert bench.out == [*(bytes([tenth]) for tenth in range(10)), None]
    assert bench.stage.held == 0


def test_a_timer_that_fires_early_lets_nothing_through() -> None:
    bench = Bench(Latency(latency=1000))
    bench.stage.feed(b"x")
    bench.virtual.now = 0.9999
    bench.virtual.fire(early=1.0)
    assert bench.out == []
    bench.virtual.to(1.0)
    assert bench.out == [b"x"]


def test_the_end_of_the_stream_waits_only_for_bytes() -> None:
    bench = Bench(Latency(latency=1000))
    bench.stage.eof()
    assert bench.out == [None]


def test_other_settings_count_from_when_the_bytes_came() -> None:
    bench = Bench(Latency(latency=1000))
    bench.stage.feed(b"x")
    bench.virtual.to(0.5)
    bench.stage.update(Latency(latency=2000))
    bench.virtual.to(1.9)
    assert bench.out == []
    bench.stage.update(Latency(latency=1500))
    assert bench.out == [b"x"]


def test_jitter_moves_both_ways_but_never_below_zero() -> None:
    settings = Latency(latency=100, jitter=50)
    assert [settings.delay(draw) for draw in (-1, 0, 1)] == [0.05, 0.1, 0.15]
    assert Latency(latency=10, jitter=50).delay(-1) == 0.0


def test_a_detached_stage_passes_everything_on_and_stays_quiet() -> None:
    bench = Bench(Latency(latency=1000))
    bench.stage.feed(b"x")
    bench.stage.eof()
    bench.stage.detach()
    assert bench.out == [b"x", None]
    bench.virtual.to(10.0)
    assert bench.out == [b"x", None]


def test_timeout_cuts_once_it_is_due_and_drops_all_bytes() -> None:
    bench = Bench(Timeout(timeout=1000))
    bench.virtual.to(0.9)
    bench.stage.feed(b"x")
    bench.virtual.now = 0.9999
    bench.virtual.fire(early=1.0)
    assert bench.cuts == 0
    bench.virtual.to(1.0)
    assert (bench.cuts, bench.out) == (1, [])


def test_timeout_zero_cuts_only_when_removed() -> None:
    bench = Bench(Timeout())
    bench.virtual.to(10**6)
    assert bench.cuts == 0
    bench.stage.detach()
    assert bench.cuts == 1
