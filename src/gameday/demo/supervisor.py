"""The supervisor: starts the shop's processes, restarts them when told to, and stops them all."""

import asyncio
import json
import os
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import Any

from gameday.demo.child import Child, ChildError
from gameday.demo.http_client import CallError, HttpClient
from gameday.demo.messages import Reply, Request, Routes
from gameday.demo.topology import NAMES, STAGES, Topology

START_S = 20.0
READY_S = 20.0
CALL_S = 2.0
POLL_S = 0.05
FAILED_STARTS = 10
"""A self-healing restart is given up after so many starts in a row that fail."""


class Supervisor:
    """Owns the processes. ``on_change`` is called whenever a pid may have changed."""

    def __init__(
        self, topology: Topology, restart_after: float | None, on_change: Callable[[], None]
    ) -> None:
        self.stopped = asyncio.Event()
        """Set by ``POST /stop``."""
        self._topology = topology
        self._restart_after = restart_after
        self._on_change = on_change
        self._children = {
            name: Child(name, topology.command(name), topology.pidfile(name)) for name in NAMES
        }
        self._locks = {name: asyncio.Lock() for name in NAMES}
        self._healing: list[asyncio.Task[None]] = []

    def routes(self) -> Routes:
        """Return its admin API."""
        return {
            ("GET", "/state"): self.show,
            ("POST", "/restart"): self.restart,
            ("POST", "/stop"): self.stop_all,
        }

    async def start(self) -> None:
        """Start everything and wait until a checkout really works. Raises ChildError."""
        for stage in STAGES:
            await asyncio.gather(*(self._start_first(name) for name in stage))
            if "checkout" in stage:
                await self._wait_until_selling()
        await self._wait_for("traffic", ("GET", "/stats"), _has_requests)
        if self._restart_after is not None:
            loop = asyncio.get_running_loop()
            self._healing = [loop.create_task(self._heal(name)) for name in NAMES]

    async def stop(self) -> None:
        """Stop everything, all at the same time."""
        for task in self._healing:
            task.cancel()
        await asyncio.gather(*self._healing, return_exceptions=True)
        await asyncio.gather(*(child.stop() for child in self._children.values()))

    def state(self) -> dict[str, Any]:
        """Return what the state file holds: addresses, process ids and pidfiles."""
        files = {name: str(self._topology.pidfile(name)) for name in (*NAMES, "supervisor")}
        pids = {name: child.pid for name, child in self._children.items()}
        return {
            "env": self._topology.env(),
            "pids": {**pids, "supervisor": os.getpid()},
            "pidfiles": files,
        }

    async def show(self, _request: Request) -> Reply:
        """Show what the state file holds, and under ``processes`` who is up right now."""
        return Reply.of({**self.state(), "processes": {name: self._of(name) for name in NAMES}})

    async def restart(self, request: Request) -> Reply:
        """Restart one process, dead or alive, on its port; answers when it is ready again."""
        name = request.text("process", NAMES)
        try:
            async with self._locks[name]:
                await self._children[name].stop()
                await self._start(name)
        except ChildError as error:
            return Reply.error(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
        finally:
            self._on_change()
        return Reply.of(self._of(name))

    async def stop_all(self, _request: Request) -> Reply:
        """Answer ``POST /stop`` and go."""
        self.stopped.set()
        return Reply.of({"stopping": True})

    def _of(self, name: str) -> dict[str, object]:
        child = self._children[name]
        return {"up": child.up, "pid": child.pid, "exit_code": child.exit_code}

    async def _start_first(self, name: str) -> None:
        async with self._locks[name]:  # a restart may be asked for already
            await self._start(name)

    async def _start(self, name: str) -> None:
        await self._children[name].start(START_S)
        if name == "proxy":
            await self._create_proxies()

    async def _create_proxies(self) -> None:
        client = HttpClient(self._url("proxy"), CALL_S)
        try:
            reply = await client.call("POST", "/populate", self._topology.proxies())
        except CallError as error:
            raise ChildError(f"proxy: the proxies cannot be created: {error}") from error
        finally:
            await client.close()
        if reply.status != HTTPStatus.CREATED:
            raise ChildError(f"proxy: the proxies cannot be created: {reply.body.decode()}")

    async def _wait_until_selling(self) -> None:
        await self._wait_for("checkout", ("POST", "/checkout"), _is_ok)

    async def _wait_for(
        self, name: str, what: tuple[str, str], good: Callable[[Reply], bool]
    ) -> None:
        """Ask a process until the answer is good. Raises ChildError at the deadline."""
        client = HttpClient(self._url(name), CALL_S)
        last = "no answer"
        try:
            async with asyncio.timeout(READY_S):
                while True:
                    try:
                        reply = await client.call(*what)
                        last = reply.body.decode(errors="replace")
                        if good(reply):
                            return
                    except CallError as error:
                        last = str(error)
                    await asyncio.sleep(POLL_S)
        except TimeoutError as error:
            output = self._children[name].last_output()
            why = f"{name}: does not work within {READY_S:g} s ({last})"
            raise ChildError(f"{why}; its last output:\n{output}") from error
        finally:
            await client.close()

    async def _heal(self, name: str) -> None:
        """Restart a process some time after it died, whenever it does."""
        child, failed = self._children[name], 0
        while failed < FAILED_STARTS:
            await child.exited.wait()
            self._on_change()
            await asyncio.sleep(self._restart_after or 0.0)
            async with self._locks[name]:
                if child.up:  # somebody was faster
                    continue
                try:
                    await self._start(name)
                    failed = 0
                except ChildError:
                    failed += 1
            self._on_change()

    def _url(self, name: str) -> str:
        return f"http://{self._topology.address(name)}"


def write_state(file: Path, state: dict[str, Any]) -> None:
    """Replace the state file in one step: a reader sees the old one or the new one, whole."""
    fresh = file.with_name(f"{file.name}.new")
    fresh.write_text(json.dumps(state, indent=1) + "\n", encoding="utf-8")
    fresh.replace(file)


def _is_ok(reply: Reply) -> bool:
    return reply.status == HTTPStatus.OK


def _has_requests(reply: Reply) -> bool:
    return reply.status == HTTPStatus.OK and int(reply.json()["requests"]) > 0
