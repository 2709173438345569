"""One process of the shop, as its supervisor sees it."""

import asyncio
import contextlib
import re
import signal
from collections import deque
from collections.abc import Sequence
from pathlib import Path

READY = re.compile(r"listening on \w+://([^\s/]+)")
KEPT_LINES = 20
TERM_S = 1.0
KILL_S = 5.0


class ChildError(Exception):
    """A process did not come up; the text names it and ends with its last output."""


class Child:
    """Starts a command, knows whether it runs, keeps its pidfile, and stops it for sure."""

    def __init__(self, name: str, command: Sequence[str], pidfile: Path) -> None:
        self.name = name
        self.pidfile = pidfile
        self.exited = asyncio.Event()
        self.exited.set()
        self._command = tuple(command)
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self._lines: deque[str] = deque(maxlen=KEPT_LINES)

    @property
    def pid(self) -> int | None:
        """The process id of the last start, None before the first."""
        return None if self._process is None else self._process.pid

    @property
    def up(self) -> bool:
        """Whether it runs."""
        return self._process is not None and not self.exited.is_set()

    @property
    def exit_code(self) -> int | None:
        """How it ended last, None while it runs; minus the signal if one killed it."""
        return None if self._process is None else self._process.returncode

    async def start(self, deadline_s: float) -> None:
        """Start it and wait until it says that it listens. Raises ChildError."""
        self._ready.clear()
        self._lines.clear()
        self.exited.clear()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,  # its end of file tells the child that we died
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the supervisor, which stops all in order
            )
        except BaseException as error:
            self.exited.set()  # also when cancelled: there is nothing to stop
            if isinstance(error, OSError):
                raise ChildError(f"{self.name} cannot be started: {error}") from error
            raise
        self._write_pidfile(self._process.pid)
        self._reading = asyncio.get_running_loop().create_task(self._read(self._process))
        await self._wait_ready(deadline_s)

    async def stop(self) -> None:
        """Stop it: SIGTERM, and after a second SIGKILL, which also ends a paused process."""
        await self._end(signal.SIGTERM, TERM_S)
        await self._end(signal.SIGKILL, KILL_S)
        if self._reading is not None:
            await asyncio.wait([self._reading], timeout=KILL_S)
        self.pidfile.unlink(missing_ok=True)

    def last_output(self) -> str:
        """Return the last lines it printed."""
        return "\n".join(self._lines)

    async def _end(self, number: signal.Signals, patience_s: float) -> None:
        if self._process is None or not self.up:
            return
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(number)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(patience_s):
                await self.exited.wait()

    async def _wait_ready(self, deadline_s: float) -> None:
        ready = asyncio.ensure_future(self._ready.wait())
        exited = asyncio.ensure_future(self.exited.wait())
        try:
            await asyncio.wait(
                (ready, exited), timeout=deadline_s, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            ready.cancel()
            exited.cancel()
        if self._ready.is_set() and self.up:
            return
        why = f"not ready within {deadline_s:g} s" if self.up else f"exited {self.exit_code}"
        await self.stop()
        raise ChildError(f"{self.name}: {why}; its last output:\n{self.last_output()}")

    async def _read(self, process: asyncio.subprocess.Process) -> None:
        if process.stdout is None:  # never: it was asked for
            return
        try:
            async for line in process.stdout:
                text = line.decode(errors="replace").rstrip()
                self._lines.append(text)
                if READY.search(text):
                    self._ready.set()
        except ValueError:
            self._lines.append("(a line too long to keep)")
        await process.wait()
        if process.stdin is not None:
            process.stdin.close()
        self.exited.set()

    def _write_pidfile(self, pid: int) -> None:
        fresh = self.pidfile.with_suffix(".new")
        fresh.write_text(f"{pid}\n", encoding="ascii")
        fresh.replace(self.pidfile)
