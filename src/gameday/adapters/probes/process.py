"""Runs a command."""

from __future__ import annotations

import asyncio
import os
import signal

from gameday.adapters.probes.failures import timed_out
from gameday.adapters.probes.secrets import Secrets
from gameday.core.scenario.probes import ProcessProbe
from gameday.engine.ports import Reading

MAX_OUTPUT = 64 * 1024
"""Bytes of output that are kept; the rest is read and dropped, so that the command can end."""

_LAST_WORDS = 0.5
"""Seconds in which output must end once the command and its group are gone. Only somebody who
left the group can still hold it open."""


class ProcessReader:
    """The Probe port over one process a reading, in a process group of its own that never
    outlives the reading."""

    def __init__(self, model: ProcessProbe, secrets: Secrets) -> None:
        self._command = [secrets.fill(word) for word in model.command]
        self._measure = model.measure
        self._timeout = model.timeout

    async def read(self) -> Reading:
        """Run it and judge its end."""
        out, err = _Output(), _Output()
        try:
            return await self._run(out, err)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            return Reading(None, f"cannot run {self._command[0]!r}: {str(reason).lower()}")
        finally:
            out.close()
            err.close()

    async def _run(self, out: _Output, err: _Output) -> Reading:
        process = await _start(self._command, out, err)
        try:
            async with asyncio.timeout(self._timeout):
                await asyncio.gather(out.collect(), err.collect())
                code = await process.wait()
        except TimeoutError:
            return Reading(None, timed_out(self._timeout))
        finally:
            await _end(process)
        await asyncio.gather(out.ended(), err.ended())
        return self._judged(out.text(), err.text(), code)

    def _judged(self, out: str, err: str, code: int) -> Reading:
        if self._measure == "exit_code":
            return Reading(code)
        if code != 0:
            last = (err or out).strip().splitlines()[-1:]
            return Reading(None, f"exit code {code}{': ' + last[0][:200] if last else ''}")
        return Reading((out if self._measure == "stdout" else err).rstrip("\n"))

    async def close(self) -> None:
        """No process outlives its reading."""


class _Output(asyncio.Protocol):
    """One pipe from the command. Our own instead of asyncio's, whose ``Process.wait`` also
    waits for pipes that something in the background holds open."""

    def __init__(self) -> None:
        self._kept = bytearray()
        self._ended = asyncio.get_running_loop().create_future()
        self._transport: asyncio.ReadTransport | None = None
        read_end, self.write_end = os.pipe()
        self._pipe = os.fdopen(read_end, "rb", buffering=0)

    async def collect(self) -> None:
        """Begin to read."""
        self.close_write_end()
        loop = asyncio.get_running_loop()
        self._transport, _ = await loop.connect_read_pipe(lambda: self, self._pipe)

    def data_received(self, data: bytes) -> None:
        """Keep as much as may be kept."""
        self._kept += data[: MAX_OUTPUT - len(self._kept)]

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the loop's call
        """The last writer has closed it."""
        if not self._ended.done():
            self._ended.set_result(None)

    async def ended(self) -> None:
        """Wait for the end of what was written."""
        await asyncio.wait([self._ended], timeout=_LAST_WORDS)

    def text(self) -> str:
        """What was written."""
        return self._kept.decode("utf-8", "replace")

    def close_write_end(self) -> None:
        """Leave writing to the command alone."""
        if self.write_end >= 0:
            os.close(self.write_end)
            self.write_end = -1

    def close(self) -> None:
        """Let go of both ends."""
        self.close_write_end()
        if self._transport is not None:
            self._transport.close()
        else:
            self._pipe.close()


async def _start(command: list[str], out: _Output, err: _Output) -> asyncio.subprocess.Process:
    """Starting is not given up half-way: a reading cancelled meanwhile still gets hold of the
    process, and ends it."""
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=out.write_end,
            stderr=err.write_end,
            start_new_session=True,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait([starting])
        if not starting.cancelled() and starting.exception() is None:
            await _end(starting.result())
        raise


async def _end(process: asyncio.subprocess.Process) -> None:
    """Kill whatever is left of the group, what the command left in the background too, and
    collect the process itself."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass  # nothing is left
    except PermissionError:
        pass  # macOS answers so for a group of zombies; who became another user is not ours
    await process.wait()
