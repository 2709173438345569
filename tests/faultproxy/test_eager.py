"""The process's own event loop does what any loop does."""

import asyncio
import socket
import time

from gameday.faultproxy.eager import LOOKS, new_event_loop


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
