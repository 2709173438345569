"""``python -m gameday.faultproxy``: the fault proxy as a process of its own."""

import argparse
import asyncio
import contextlib
import os
import resource
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from gameday.faultproxy.eager import new_event_loop
from gameday.faultproxy.errors import FaultProxyError
from gameday.faultproxy.server import FaultProxy

FAILED = 6
CHUNK = 4096
PR_SET_PDEATHSIG = 1


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT and return the exit code: 0, or 6 when it cannot start."""
    args = _parse(argv)
    if args.watch_stdin:
        _die_with_parent()
    _allow_many_connections()
    try:
        config = None if args.config is None else Path(args.config).read_bytes()
        with asyncio.Runner(loop_factory=new_event_loop) as runner:
            runner.run(_serve(args, config))
    except (OSError, ValueError, FaultProxyError) as error:
        sys.stderr.write(f"fault proxy: {error}\n")
        return FAILED
    return 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="gameday proxy serve", description="A TCP fault proxy with Toxiproxy's HTTP API."
    )
    parser.add_argument("--host", default="127.0.0.1", help="address of the API (%(default)s)")
    parser.add_argument("--port", type=int, default=8474, help="its port, 0 takes a free one")
    parser.add_argument("--config", help="JSON file with proxies to create, as for Toxiproxy")
    parser.add_argument(
        "--watch-stdin",
        action="store_true",
        help="stop at the end of standard input; on Linux also with the thread that started this",
    )
    return parser.parse_args(argv)


async def _serve(args: argparse.Namespace, config: bytes | None) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    if args.watch_stdin:
        threading.Thread(target=_wait_for_eof, args=(loop, stopped), daemon=True).start()
    async with FaultProxy(args.host, args.port) as server:
        if config is not None:
            await server.populate(config)
        sys.stdout.write(f"fault proxy API listening on {server.url}\n")
        sys.stdout.flush()
        await stopped.wait()


def _allow_many_connections() -> None:
    """Take as many open files as the system lets us: each connection needs two."""
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.suppress(OSError, ValueError):  # some systems refuse their own hard limit
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _die_with_parent() -> None:
    """On Linux, have the kernel kill this process when its parent dies.

    End of input does the same, but not for a process that a fault has stopped with SIGSTOP.
    """
    if sys.platform != "linux":
        return
    import ctypes  # only here: it costs 10 ms, and only this needs it

    parent = os.getppid()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it died before the call
        os.kill(os.getpid(), signal.SIGKILL)


def _wait_for_eof(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    # os.read, not sys.stdin: a daemon thread inside sys.stdin blocks the interpreter's exit
    while os.read(0, CHUNK):
        pass
    if not loop.is_closed():
        loop.call_soon_threadsafe(stopped.set)


if __name__ == "__main__":
    sys.exit(main())
