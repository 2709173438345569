"""What the tests of workers share: an experiment's files, guarded workers, polling."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from gameday.adapters.clock import SystemClock
from gameday.adapters.process.workers import GuardedExperiment, GuardedWorkers
from gameday.engine.ports import ExperimentOrder

ENTRY = Path(__file__).with_name("guardian_entry.py")


class Drill:
    """Files and guarded workers of one test."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.lost = directory / "lost"
        self.journal = directory / "journal.json"
        self.log = directory / "journal.json.log"

    def command(self, *more: str) -> list[str]:
        """The guardian's argv."""
        return [sys.executable, str(ENTRY), str(self.lost), *more]

    @asynccontextmanager
    async def workers(self) -> AsyncIterator[GuardedWorkers]:
        """Workers that have been started and are closed in the end."""
        workers = GuardedWorkers(self.command(), SystemClock(), log=self.directory / "guardian.log")
        await workers.start()
        try:
            yield workers
        finally:
            await workers.close()

    def file(self, **content: Any) -> str:
        """An experiment file with this content."""
        path = self.directory / "experiment.json"
        path.write_text(json.dumps({"title": "a drill", "description": "d", **content}))
        return str(path)

    async def armed(
        self, workers: GuardedWorkers, path: str, *, with_hypothesis: bool = False
    ) -> GuardedExperiment:
        """The experiment of that file, armed as fault ``f``."""
        order = ExperimentOrder("f", path, str(self.journal), with_hypothesis)
        return await workers.arm(order)

    def read_journal(self) -> Any:
        """The journal as kept."""
        return json.loads(self.journal.read_text())


def act(func: str, name: str = "", **arguments: Any) -> dict[str, Any]:
    """An action of worker_acts."""
    provider = {"type": "python", "module": "worker_acts", "func": func, "arguments": arguments}
    return {"type": "action", "name": name or func, "provider": provider}


def until(found: Callable[[], Any], within: float = 10.0) -> Any:
    """Poll until it is true; fails at the deadline."""
    deadline = time.monotonic() + within
    while True:
        value = found()
        if value:
            return value
        assert time.monotonic() < deadline, "did not come true in time"
        time.sleep(0.005)


async def soon(found: Callable[[], Any], within: float = 10.0) -> Any:
    """Like until, beside a running loop."""
    return await asyncio.to_thread(until, found, within)


def alive(pid: int) -> bool:
    """The process runs (a zombie does not)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"
