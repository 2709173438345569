"""The parts of the shop that have rules of their own."""

import asyncio

import pytest

from gameday.demo.breaker import Breaker, BreakerState
from gameday.demo.metrics import Metrics
from gameday.demo.pool import Pool, PoolExhaustedError
from gameday.demo.ports import NoPortError, Ports
from gameday.demo.traffic import Sample, Window


class FakeClock:
    """A clock that stands still until told."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


@pytest.mark.parametrize(("ok", "seconds"), [(False, 0.01), (True, 0.5)])
def test_an_automatic_breaker_opens_on_failed_or_slow_calls_and_tries_again(
    ok: bool, seconds: float
) -> None:
    clock = FakeClock()
    breaker = Breaker(BreakerState.AUTO, clock)
    for _ in range(5):
        assert breaker.allows()
        breaker.record(ok, seconds)
    assert not breaker.allows()
    clock.time += 2.0
    assert breaker.allows()
    assert not breaker.allows(), "only one call may try"
    breaker.record(True, 0.01)
    assert breaker.allows()


def test_a_breaker_set_by_hand_stays_as_it_is() -> None:
    breaker = Breaker(BreakerState.CLOSED, FakeClock())
    for _ in range(10):
        breaker.record(False, 1.0)
    assert breaker.allows()
    breaker.switch(BreakerState.OPEN)
    breaker.record(True, 0.01)
    assert not breaker.allows()


def test_a_window_sums_up_only_what_ended_in_it() -> None:
    clock = FakeClock()
    window = Window(clock)
    window.add(Sample(clock.time, 9.0, False))
    clock.time += 6
    for number in range(1, 101):
        window.add(Sample(clock.time, number / 1000, number > 10))
    stats = window.stats(5.0)
    assert (stats["requests"], stats["errors"], stats["error_rate"]) == (100, 10, 0.1)
    assert (stats["p50_ms"], stats["p95_ms"], stats["p99_ms"]) == (50.0, 95.0, 99.0)
    assert stats["rps"] == 20.0


def test_an_empty_window_has_no_latency() -> None:
    stats = Window(FakeClock()).stats(5.0)
    assert (stats["requests"], stats["error_rate"], stats["p95_ms"]) == (0, 0.0, None)


def test_metrics_are_cumulative_histograms() -> None:
    metrics = Metrics("shop")
    metrics.observe("/a", 200, 0.02)
    metrics.observe("/a", 503, 2.0)
    lines = metrics.text().splitlines()
    of = 'service="shop",route="/a"'
    assert f'http_requests_total{{{of},status="503"}} 1' in lines
    assert f'http_request_duration_seconds_bucket{{{of},le="0.01"}} 0' in lines
    assert f'http_request_duration_seconds_bucket{{{of},le="0.025"}} 1' in lines
    assert f'http_request_duration_seconds_bucket{{{of},le="+Inf"}} 2' in lines
    assert f"http_request_duration_seconds_sum{{{of}}} 2.020000" in lines


def test_a_pool_refuses_when_empty_and_serves_those_who_wait_when_it_grows() -> None:
    async def main() -> None:
        pool = Pool("127.0.0.1:1", size=1, acquire_s=0.02, query_s=1.0)
        async with pool.connection():
            with pytest.raises(PoolExhaustedError):
                async with pool.connection():
                    pass
        patient = Pool("127.0.0.1:1", size=1, acquire_s=30.0, query_s=1.0)

        async def borrow() -> None:
            async with patient.connection():
                pass

        async with patient.connection():
            waiting = [asyncio.create_task(borrow()) for _ in range(3)]
            await asyncio.sleep(0)
            patient.resize(2)
            await asyncio.gather(*waiting)
        assert patient.in_use == 0

    asyncio.run(main())


def test_ports_are_free_and_never_given_twice() -> None:
    ports = Ports("127.0.0.1")
    taken = {ports.take() for _ in range(20)}
    assert len(taken) == 20
    based = Ports("127.0.0.1", min(taken))
    assert based.take() == min(taken)


def test_a_base_beyond_the_last_port_is_an_error() -> None:
    ports = Ports("127.0.0.1", 65_536)
    with pytest.raises(NoPortError):
        ports.take()
