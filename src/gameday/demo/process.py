"""What every process of the shop has in common: its life, from the command line to the signal."""

import argparse
import asyncio
import os
import signal
import sys
import threading
from collections.abc import Awaitable, Callable

FAILED = 6
CHUNK = 4096
PR_SET_PDEATHSIG = 1

Serve = Callable[[argparse.Namespace, asyncio.Event], Awaitable[None]]
"""Runs a service with the parsed arguments until the event is set."""


def argument_parser(name: str, about: str) -> argparse.ArgumentParser:
    """Return a parser with the options all processes of the shop share."""
    parser = argparse.ArgumentParser(prog=f"python -m gameday.demo.{name}", description=about)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    parser.add_argument("--port", type=int, default=0, help="port, 0 takes a free one")
    parser.add_argument(
        "--watch-stdin", action="store_true", help="exit at the end of standard input"
    )
    return parser


def announce(name: str, url: str) -> None:
    """Tell whoever started this process where it listens."""
    sys.stdout.write(f"{name} listening on {url}\n")
    sys.stdout.flush()


def run(serve: Serve, args: argparse.Namespace, name: str) -> int:
    """Run a service until SIGTERM, SIGINT, SIGHUP or, if asked, end of input.

    Returns the exit code: 0, or 6 when it could not start or failed.
    """
    try:
        asyncio.run(_live(serve, args))
    except OSError as error:
        sys.stderr.write(f"{name}: {error}\n")
        return FAILED
    return 0


def die_with_parent() -> None:
    """On Linux, have the kernel kill this process when its parent dies.

    End of input does the same, but not for a process that a fault has stopped with SIGSTOP.
    """
    if sys.platform != "linux":
        return
    import ctypes  # only here: it costs 10 ms, and only Linux needs it

    parent = os.getppid()
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    if os.getppid() != parent:  # it died before the call
        os.kill(os.getpid(), signal.SIGKILL)


async def _live(serve: Serve, args: argparse.Namespace) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(number, stopped.set)
    if args.watch_stdin:
        watch = threading.Thread(target=_wait_for_eof, args=(loop, stopped), daemon=True)
        watch.start()
    await serve(args, stopped)


def _wait_for_eof(loop: asyncio.AbstractEventLoop, stopped: asyncio.Event) -> None:
    # os.read, not sys.stdin: a daemon thread inside sys.stdin blocks the interpreter's exit
    while os.read(0, CHUNK):
        pass
    if not loop.is_closed():
        loop.call_soon_threadsafe(stopped.set)
