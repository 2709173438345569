"""The process's own event loop does what any loop does; on Linux, where there is one."""

import asyncio
import selectors
import socket
import time
from collections.abc import Callable
from contextlib import closing
from statistics import median

import pytest

from gameday.faultproxy.eager import CROWDED_S, LOOKS, EagerSelector, new_event_loop


def test_bytes_arrive_and_timers_are_never_early() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair()
        with ours, theirs:
            for end in (ours, theirs):
                end.setblocking(False)
            for _ in range(LOOKS):
                await loop.sock_sendall(ours, b"x")
                assert await loop.sock_recv(theirs, 1) == b"x"
                due = loop.time() + 0.002
                await asyncio.sleep(0.002)
                assert loop.time() >= due

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        runner.run(main())


def test_an_idle_loop_sleeps() -> None:
    async def main() -> float:
        loop = asyncio.get_running_loop()
        began, used = loop.time(), time.process_time()
        await asyncio.sleep(0.5)
        return (time.process_time() - used) / (loop.time() - began)

    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        assert runner.run(main()) < 0.5


def _lateness(loops: Callable[[], asyncio.AbstractEventLoop]) -> float:
    """The median of a hundred timers."""

    async def main() -> float:
        loop = asyncio.get_running_loop()
        late = []
        for _ in range(100):
            due = loop.time() + 0.00125
            await asyncio.sleep(0.00125)
            late.append(loop.time() - due)
        return median(late)

    with asyncio.Runner(loop_factory=loops) as runner:
        return runner.run(main())


def test_timers_are_less_late_than_the_usual_loops() -> None:
    """Which sleeps two milliseconds for one and a quarter."""
    assert _lateness(new_event_loop) < 0.8 * _lateness(asyncio.SelectorEventLoop)


class Crowd:
    """A processor that others want: whoever gives way gets it back after ``takes`` seconds."""

    def __init__(self, takes: float) -> None:
        self.now = 0.0
        self.given = 0
        self._takes = takes

    def clock(self) -> float:
        return self.now

    def give_way(self) -> None:
        self.given += 1
        self.now += self._takes


@pytest.mark.parametrize(("takes", "given"), [(0.000001, LOOKS), (0.25, 1)])
def test_where_others_want_the_processor_it_gives_way_once(takes: float, given: int) -> None:
    """Not once for each look, while timers fall due."""
    crowd = Crowd(takes)
    selector = EagerSelector(crowd.clock, crowd.give_way)
    ours, theirs = socket.socketpair()
    with ours, theirs, closing(selector):
        selector.register(ours, selectors.EVENT_READ)
        theirs.send(b"x")
        assert selector.select(0.25)
        ours.recv(1)
        assert not selector.select(0.25)
        assert crowd.given == given
        theirs.send(b"x")
        assert selector.select(0.25)
        ours.recv(1)
        assert not selector.select(0.002)
        assert crowd.given == (given if takes > CROWDED_S else 2 * given)  # it rests
