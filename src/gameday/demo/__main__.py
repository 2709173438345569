"""``python -m gameday.demo``: run the shop until stopped."""

import argparse
import asyncio
import os
import shlex
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from gameday.demo.child import ChildError
from gameday.demo.http_server import HttpServer
from gameday.demo.ports import NoPortError
from gameday.demo.process import FAILED, run
from gameday.demo.supervisor import Supervisor, write_state
from gameday.demo.topology import PROXY_COMMAND, Settings, Topology

PORT_ATTEMPTS = 3
PORT_TAKEN = "address already in use"


def main(argv: Sequence[str] | None = None) -> int:
    """Run the supervisor and return its exit code: 0, or 6 when the shop did not come up."""
    args = _parse(argv)
    file = Path(args.state or Path(tempfile.mkdtemp(prefix="gameday-shop-")) / "state.json")
    file = file.absolute()
    settings = Settings(
        directory=file.parent,
        host=args.host,
        rate=args.rate,
        port_base=args.port_base,
        auto_breaker=args.auto_breaker,
        proxy_command=args.proxy_command,
    )

    pidfile = settings.directory / "supervisor.pid"
    try:
        return _run(settings, args, file)
    except (ChildError, NoPortError, OSError) as error:
        sys.stderr.write(f"shop: {error}\n")
        return FAILED
    finally:
        file.unlink(missing_ok=True)
        pidfile.unlink(missing_ok=True)


def _run(settings: Settings, args: argparse.Namespace, file: Path) -> int:
    """Run the shop, on other ports if somebody was faster to take one. Raises ChildError."""
    attempts = PORT_ATTEMPTS if settings.port_base is None else 1
    while True:
        attempts -= 1
        topology = _prepare(settings, file)

        async def serve(
            _args: argparse.Namespace, stopped: asyncio.Event, topology: Topology = topology
        ) -> None:
            await _supervise(topology, args.restart_after, file, stopped)

        try:
            return run(serve, args, "shop")
        except ChildError as error:
            if attempts == 0 or PORT_TAKEN not in str(error):
                raise


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m gameday.demo", description=__doc__)
    add = parser.add_argument
    add("--state", help="the state file to write; pidfiles and databases lie beside it")
    add("--host", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--rate", type=float, default=20.0, help="checkouts a second (%(default)s)")
    add("--restart-after", type=float, help="restart a dead process after so many seconds")
    add("--port-base", type=int, help="use the ports from here on instead of free ones")
    add("--auto-breaker", action="store_true", help="let circuit breakers absorb faults")
    add("--proxy-command", type=shlex.split, default=PROXY_COMMAND, help="starts the fault proxy")
    add("--watch-stdin", action="store_true", help="stop at the end of standard input")
    args = parser.parse_args(argv)
    if args.restart_after is not None and args.restart_after < 0:
        parser.error("--restart-after must not be negative")
    return args


def _prepare(settings: Settings, file: Path) -> Topology:
    """Choose addresses and clear away what an earlier shop left: it must not look ready."""
    settings.directory.mkdir(parents=True, exist_ok=True)
    file.unlink(missing_ok=True)
    for old in settings.directory.glob("db*.sqlite*"):
        old.unlink()
    topology = Topology(settings)
    topology.pidfile("supervisor").write_text(f"{os.getpid()}\n", encoding="ascii")
    return topology


async def _supervise(
    topology: Topology, restart_after: float | None, file: Path, stopped: asyncio.Event
) -> None:
    ready = False

    def save() -> None:
        if ready:
            write_state(file, supervisor.state())

    supervisor = Supervisor(topology, restart_after, save)
    asked = [asyncio.ensure_future(event.wait()) for event in (stopped, supervisor.stopped)]
    starting = asyncio.ensure_future(supervisor.start())
    host, port = topology.supervisor_address
    try:
        async with HttpServer("supervisor", supervisor.routes(), host, port):
            await asyncio.wait((starting, *asked), return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                ready = True
                save()
                _tell(file, supervisor.state()["env"])
                await asyncio.wait(asked, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (starting, *asked):
            task.cancel()
        await asyncio.gather(starting, *asked, return_exceptions=True)
        await supervisor.stop()


def _tell(file: Path, env: dict[str, str]) -> None:
    urls = [f"{name}={value}" for name, value in env.items() if name.endswith("_URL")]
    sys.stdout.write("\n".join(["shop ready", f"state file {file}", *urls]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
