"""The toxics' stages in virtual time."""

import asyncio
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import Any, cast

import pytest

from gameday.faultproxy.errors import BadRequestBodyError
from gameday.faultproxy.fields import Given
from gameday.faultproxy.toxics.bandwidth import Bandwidth
from gameday.faultproxy.toxics.base import Settings, Stage
from gameday.faultproxy.toxics.latency import Latency
from gameday.faultproxy.toxics.limit_data import LimitData
from gameday.faultproxy.toxics.noop import Noop
from gameday.faultproxy.toxics.reset_peer import ResetPeer
from gameday.faultproxy.toxics.slicer import Slicer
from gameday.faultproxy.toxics.slow_close import SlowClose
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

    def run(self, until: float) -> None:
        """Move from timer to timer, each fired when it is due."""
        while due := [timer.due for timer in self._timers if not timer.cancelled]:
            if min(due) > until:
                break
            self.to(max(min(due), self.now))
        self.to(until)

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
        self.times: list[float] = []
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
        self.times.append(self.virtual.now)

    def eof(self) -> None:
        self.out.append(None)
        self.times.append(self.virtual.now)

    @property
    def bytes_out(self) -> bytes:
        return b"".join(data or b"" for data in self.out)


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


def test_bandwidth_is_exact_over_time_and_never_ahead_of_it() -> None:
    bench = Bench(Bandwidth(rate=100))
    bench.stage.feed(bytes(50_000))
    bench.stage.feed(bytes(50_000))
    bench.stage.eof()
    bench.virtual.run(10)
    gone = 0
    for when, data in zip(bench.times, bench.out, strict=True):
        gone += len(data or b"")
        assert gone <= 100_000 * when + 1e-6
    assert (gone, bench.out[-1]) == (100_000, None)
    assert bench.times[-1] == pytest.approx(1.0)


def test_late_timers_do_not_slow_the_stream_down() -> None:
    bench = Bench(Bandwidth(rate=100))
    bench.stage.feed(bytes(100_000))
    for tenth in range(11):  # the loop comes round only every 0.1 s
        bench.virtual.to(tenth / 10 + 1e-9)
    assert len(bench.bytes_out) == 100_000


def test_a_line_that_was_idle_saves_nothing_up() -> None:
    bench = Bench(Bandwidth(rate=1))
    bench.virtual.to(100.0)
    bench.stage.feed(bytes(1000))
    bench.virtual.run(100.501)
    assert len(bench.bytes_out) == 500
    bench.virtual.run(101.001)
    assert len(bench.bytes_out) == 1000


def test_bandwidth_zero_holds_everything_until_changed_or_removed() -> None:
    for act in ("change", "remove"):
        bench = Bench(Bandwidth(rate=0))
        bench.stage.feed(b"held")
        bench.stage.eof()
        bench.virtual.run(1000)
        assert (bench.out, bench.stage.held) == ([], 4)
        if act == "change":
            bench.stage.update(Bandwidth(rate=1))
            bench.virtual.run(2000)
        else:
            bench.stage.detach()
        assert bench.out == [b"held", None]


def test_slices_have_the_size_and_the_pause_asked_for() -> None:
    bench = Bench(Slicer(average_size=100, size_variation=20, delay=1000))
    payload = bytes(range(256)) * 40
    bench.stage.feed(payload)
    bench.stage.eof()
    bench.virtual.run(10)
    sizes = [len(data) for data in bench.out if data is not None]
    assert bench.bytes_out == payload
    assert all(80 <= size <= 120 for size in sizes[:-1])
    assert 1 <= sizes[-1] <= 120
    assert sum(sizes[:-1]) / len(sizes[:-1]) == pytest.approx(100, rel=0.1)
    pauses = [later - sooner for sooner, later in pairwise(bench.times[: len(sizes)])]
    assert pauses == pytest.approx([0.001] * len(pauses))


def test_slices_may_vary_down_to_a_byte() -> None:
    bench = Bench(Slicer(average_size=2, size_variation=2))
    bench.stage.feed(bytes(1000))
    sizes = {len(data or b"") for data in bench.out}
    assert sizes <= {1, 2, 3, 4}
    assert len(bench.bytes_out) == 1000


def test_slow_close_delays_the_end_and_no_byte() -> None:
    bench = Bench(SlowClose(delay=1000))
    bench.stage.feed(b"x")
    bench.stage.eof()
    assert bench.out == [b"x"]
    bench.virtual.now = 0.9999
    bench.virtual.fire(early=1.0)
    assert bench.out == [b"x"]
    bench.stage.update(SlowClose(delay=2000))
    bench.virtual.to(1.9)
    assert bench.out == [b"x"]
    bench.virtual.to(2.0)
    assert bench.out == [b"x", None]
    bench.stage.detach()
    assert bench.out == [b"x", None]


def test_slow_close_removed_ends_what_has_ended() -> None:
    bench = Bench(SlowClose(delay=1000))
    bench.stage.eof()
    bench.stage.detach()
    assert bench.out == [None]


def test_limit_data_passes_exactly_that_much_then_closes() -> None:
    bench = Bench(LimitData(bytes=10))
    bench.stage.feed(b"12345")
    assert bench.closes == 0
    bench.stage.feed(b"67890ab")
    assert (bench.out, bench.closes) == ([b"12345", b"67890", None], 1)
    bench.stage.feed(b"more")
    bench.stage.eof()
    assert len(bench.out) == 3


def test_limit_data_counts_on_when_changed() -> None:
    bench = Bench(LimitData(bytes=10))
    bench.stage.feed(b"12345")
    bench.stage.update(LimitData(bytes=7))
    bench.stage.feed(b"67890")
    assert bench.out == [b"12345", b"67", None]


def test_limit_data_zero_closes_at_the_first_byte_only() -> None:
    bench = Bench(LimitData())
    assert bench.closes == 0
    bench.stage.feed(b"x")
    assert (bench.out, bench.closes) == ([None], 1)


def test_reset_peer_waits_for_bytes_then_for_its_time() -> None:
    bench = Bench(ResetPeer(timeout=1000))
    bench.virtual.to(50.0)
    assert bench.resets == 0
    bench.stage.feed(b"x")
    bench.virtual.now = 50.9999
    bench.virtual.fire(early=1.0)
    assert bench.resets == 0
    bench.virtual.to(51.0)
    assert (bench.resets, bench.out) == (1, [])


def test_reset_peer_without_a_time_resets_at_once_even_on_the_end_of_the_stream() -> None:
    bench = Bench(ResetPeer())
    bench.stage.eof()
    assert bench.resets == 1


def test_reset_peer_removed_cuts_only_where_bytes_are_missing() -> None:
    untouched = Bench(ResetPeer(timeout=1000))
    untouched.stage.detach()
    assert untouched.cuts == 0
    touched = Bench(ResetPeer(timeout=1000))
    touched.stage.feed(b"x")
    touched.stage.detach()
    touched.virtual.to(10.0)
    assert (touched.cuts, touched.resets) == (1, 0)


def test_noop_touches_nothing() -> None:
    bench = Bench(Noop())
    bench.stage.feed(b"x")
    bench.stage.eof()
    assert bench.out == [b"x", None]


@pytest.mark.parametrize(
    "settings", [Timeout(timeout=-5), ResetPeer(timeout=-5), SlowClose(delay=-5), Latency(-5, -5)]
)
def test_negative_times_are_no_time_at_all(settings: Settings) -> None:
    bench = Bench(settings)
    bench.stage.feed(b"x")
    bench.stage.eof()
    bench.virtual.fire()
    assert bench.resets or bench.cuts or bench.out == [b"x", None]


DANGEROUS: list[tuple[Settings, dict[str, int]]] = [
    (Bandwidth(), {"rate": -1}),
    (Bandwidth(), {"rate": 2**63 - 1}),
    (Latency(), {"jitter": 2**62}),
    (Slicer(), {}),
    (Slicer(), {"average_size": -1}),
    (Slicer(), {"average_size": 10, "size_variation": 12}),
    (Slicer(), {"average_size": 10, "size_variation": -10}),
    (Slicer(average_size=10), {"average_size": 0}),
]


@pytest.mark.parametrize(
    ("settings", "given"),
    [
        (Bandwidth(), {"rate": (2**63 - 1) // 100}),
        (Latency(), {"jitter": 2**62 - 1, "latency": -1}),
        (Slicer(), {"average_size": 10, "size_variation": 11}),
        (Slicer(), {"average_size": 10, "size_variation": -9}),
        (Slicer(), {"size_variation": 2**63 - 1}),
    ],
)
def test_what_the_original_survives_is_taken(settings: Settings, given: dict[str, int]) -> None:
    merged = settings.merge(Given(given))
    bench = Bench(merged)
    bench.stage.feed(b"x")
    assert merged.as_json() | given == merged.as_json()


@pytest.mark.parametrize(("settings", "given"), DANGEROUS)
def test_what_crashes_or_hangs_the_original_is_refused(
    settings: Settings, given: dict[str, int]
) -> None:
    with pytest.raises(BadRequestBodyError):
        settings.merge(Given(given))
