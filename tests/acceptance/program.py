"""The real program as a user runs it: a subprocess with a directory of its own."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
GAMEDAY = [sys.executable, "-m", "gameday"]
PATIENCE = 110.0
"""Seconds a whole run may take on a slow machine before a test gives up."""
LONGEST_PAUSE = 0.3
"""Seconds between two looks at what is waited for."""


@dataclass
class Program:
    """``gameday`` in one directory, with one store and one environment."""

    directory: Path
    env: Mapping[str, str] = field(default_factory=dict)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process group of its own, as a terminal does."""
        return subprocess.Popen(
            [*GAMEDAY, *arguments],
            cwd=self.directory,
            env={**os.environ, **self.env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            process_group=0,
        )

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run a command to its end."""
        return finish(self.start(*arguments))

    def json(self, *arguments: str) -> Any:
        """What a command that succeeds prints as JSON."""
        done = self.run(*arguments)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def events(self) -> list[dict[str, Any]]:
        """The newest run's events; none while there is no run."""
        done = self.run("get", "events", "-o", "json")
        return json.loads(done.stdout) if done.returncode == 0 else []

    def wait_for(self, kind: str) -> dict[str, Any]:
        """The newest run's first event of a kind, once it has happened. The program is asked when
        its store has one: to start it for each look would slow down what is waited for."""

        def look() -> dict[str, Any] | None:
            if not self._stored(kind):
                return None
            return next((event for event in self.events() if event["type"] == kind), None)

        return eventually(look, f"no {kind}")

    def _stored(self, kind: str) -> bool:
        """Some run in the store has an event of a kind."""
        default = self.directory / ".gameday" / "gameday.db"
        store = Path(self.env.get("GAMEDAY_STORE", default))
        if not store.exists():
            return False
        with closing(sqlite3.connect(f"file:{store}?mode=ro", uri=True)) as database:
            try:
                found = database.execute("SELECT 1 FROM events WHERE type = ? LIMIT 1", (kind,))
                return found.fetchone() is not None
            except sqlite3.OperationalError:
                return False  # it is being made


def finish(
    process: subprocess.Popen[str], within: float = PATIENCE
) -> subprocess.CompletedProcess[str]:
    """Wait for a command; a hanging one is killed and fails the test."""
    try:
        out, err = process.communicate(timeout=within)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        out, err = process.communicate()
        raise AssertionError(f"still running after {within} s\n{out}\n{err}") from None
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def eventually(
    look: Callable[[], T | None], failure: str, within: float = 60.0, pause: float = 0.05
) -> T:
    """Poll until ``look`` gives something; fail with ``failure`` after ``within`` seconds. Whoever
    waits for long looks less often: a look can be a whole program, and slow what it waits for."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        found = look()
        if found:
            return found
        time.sleep(pause)
        pause = min(1.2 * pause, LONGEST_PAUSE)
    raise AssertionError(f"{failure} within {within} s")


def guardian_of(conductor: int) -> int:
    """The pid of the guardian that a conductor has started."""
    for process in Path("/proc").glob("[0-9]*"):
        try:
            command = (process / "cmdline").read_bytes()
            parent = int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue  # it has ended meanwhile
        if parent == conductor and b"gameday.cli.guardian" in command:
            return int(process.name)
    raise AssertionError("no guardian")
